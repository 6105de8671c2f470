"""Addition: integer semantics.

    out[y, x, c] = clip((a[y, x, c] * Ma + b[y, x, c] * Mb + 2^(S-1)) >> S, target.low, target.high)

which rounds half up (arithmetic shift). The scales of both maps and of the result, and a ReLU
behind it, are in the multipliers and the limits: neither source needs the scale of the other. A
bypass of SqueezeNet (Iandola et al., 2016, section 6) and a residual block (He et al., 2015) end in
one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.addition import kernel, lowering
from hearth.hw.layers.joins import FACTOR_BITS, Join
from hearth.toolchain.ir import Array, Edge
from hearth.toolchain.support.errors import HearthError

LARGEST_FACTOR = (1 << FACTOR_BITS) - 1
MOST_SHIFT = 40
MOST_BITS = 16
"""Of a value on either side."""


@dataclass(frozen=True, eq=False)
class Addition(Join):
    """The sum of two maps, requantized.

    - multiplier: int32 [2], of each source, 0..65535
    - shift: right shift after the sum, 1..40
    """

    kind: ClassVar[str] = "addition"
    arrays: ClassVar[Mapping[str, str]] = {"multiplier": "int32"}
    name: str
    inputs: tuple[Edge, ...]
    target: Edge
    multiplier: Array
    shift: int

    def __post_init__(self) -> None:
        self.check_maps()
        shapes = {edge.channels for edge in (*self.inputs, self.target)}
        if len(self.inputs) != 2 or len(shapes) > 1:
            raise HearthError(
                f"{self.name}: two maps of {self.target.channels} channels are added, found"
                f" {', '.join(f'{edge.channels} of {edge.name}' for edge in self.inputs)}"
            )
        if max(edge.bits for edge in (*self.inputs, self.target)) > MOST_BITS:
            raise HearthError(f"{self.name}: values of up to {MOST_BITS} bits are added")
        legal = self.multiplier.shape == (2,) and 1 <= self.shift <= MOST_SHIFT
        if not legal or self.multiplier.min() < 0 or self.multiplier.max() > LARGEST_FACTOR:
            raise HearthError(
                f"{self.name}: two multipliers of 0 to {LARGEST_FACTOR} and a shift of 1 to"
                f" {MOST_SHIFT} are expected, found {self.multiplier.tolist()} and {self.shift}"
            )

    @property
    def hardware_shift(self) -> int | None:
        return self.shift

    def golden(self, *sources: Array) -> Array:
        pairs = zip(sources, self.multiplier.astype(np.int64), strict=True)
        total = sum(frames.astype(np.int64) * factor for frames, factor in pairs)
        rounded = (total + (1 << (self.shift - 1))) >> self.shift
        result: Array = rounded.clip(self.target.low, self.target.high).astype(self.target.dtype)
        return result

    def keeping(self, source: Edge, kept: Sequence[int]) -> Addition:
        inputs = tuple(replace(edge, channels=len(kept)) for edge in self.inputs)
        return replace(self, inputs=inputs, target=replace(self.target, channels=len(kept)))

    roms = kernel.roms
    products = kernel.products
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
