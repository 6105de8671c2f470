"""Gating: integer semantics.

    out[y, x, c] = clip((a[y, x, c] * b[p, q, c] * M + 2^(S-1)) >> S, target.low, target.high)

which rounds half up (arithmetic shift). (p, q) is (y, x) where both maps are of one size, and the
only pixel where b has one: the gate of a channel, which squeeze-and-excitation (Hu et al., 2017)
computes from the whole map. All scales, and a ReLU behind the product, are in M and the limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.gating import kernel, lowering
from hearth.hw.layers.joins import FACTOR_BITS, Join
from hearth.toolchain.ir import Array, Edge, Fold, Memory, Timing
from hearth.toolchain.support.errors import HearthError

LARGEST_FACTOR = (1 << FACTOR_BITS) - 1
MOST_SHIFT = 40
MOST_BITS = 8
"""Of a value on either side: what a multiplier of 18 bits squares."""


@dataclass(frozen=True, eq=False)
class Gating(Join):
    """The product of a map and a gate, or of two maps, requantized.

    - inputs: the map, and what it is multiplied by
    - multiplier: 1..65535
    - shift: right shift after the multiplication, 1..40
    """

    kind: ClassVar[str] = "gating"
    name: str
    inputs: tuple[Edge, ...]
    target: Edge
    multiplier: int
    shift: int

    def __post_init__(self) -> None:
        gated, *gates = (edge.shape for edge in self.inputs)
        pixel = (1, 1, self.target.channels)
        if gated != self.target.shape or len(gates) != 1 or gates[0] not in (gated, pixel):
            found = ", ".join(f"{edge.shape} of '{edge.name}'" for edge in self.inputs)
            raise HearthError(
                f"{self.name}: a map of {self.target.shape} is multiplied by one of its shape or"
                f" one of {pixel}, found {found}"
            )
        if max(edge.bits for edge in self.inputs) > MOST_BITS or self.target.bits > 2 * MOST_BITS:
            raise HearthError(
                f"{self.name}: values of up to {MOST_BITS} bits are multiplied to {2 * MOST_BITS}"
            )
        if not (1 <= self.multiplier <= LARGEST_FACTOR and 1 <= self.shift <= MOST_SHIFT):
            raise HearthError(
                f"{self.name}: a multiplier of 1 to {LARGEST_FACTOR} and a shift of 1 to"
                f" {MOST_SHIFT} are expected, found {self.multiplier} and {self.shift}"
            )

    @property
    def repeats(self) -> int:
        """Pixels of the map that one of the gate is for."""
        return self.inputs[0].pixels // self.inputs[1].pixels

    @property
    def hardware_shift(self) -> int | None:
        return self.shift

    def golden(self, *sources: Array) -> Array:
        gated, gate = (frames.astype(np.int64) for frames in sources)
        product = gated * gate * self.multiplier
        rounded = (product + (1 << (self.shift - 1))) >> self.shift
        result: Array = rounded.clip(self.target.low, self.target.high).astype(self.target.dtype)
        return result

    def keeping(self, source: Edge, kept: Sequence[int]) -> Gating:
        inputs = tuple(replace(edge, channels=len(kept)) for edge in self.inputs)
        return replace(self, inputs=inputs, target=replace(self.target, channels=len(kept)))

    def reads(self, fold: Fold) -> tuple[Timing, ...]:
        """A gate is taken in with the first pixel, and then kept."""
        timing = self.timing(fold)
        if self.repeats == 1:
            return timing, timing
        return timing, replace(timing, needs=timing.needs[:1], frees=timing.frees[:1])

    def memories(self, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
        """The gate on its way to the next pixel; one of a single beat is a register."""
        deep = self.words(fold)
        return ((deep, in_beat * self.inputs[1].bits),) if self.repeats > 1 < deep else ()

    roms = kernel.roms
    products = kernel.products
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
