"""Rescale: integer semantics.

    out[y, x, c] = clip((a[y, x, c] * multiplier + 2^(shift-1)) >> shift, target.low, target.high)

which rounds half up (arithmetic shift): a convolution's requantizer on its own, one multiplier for
all channels. Used where an already quantized file rounds the scores behind its global average pool.
A stream of up to 8 bits is rescaled by a table instead (hw/layers/table), exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.rescale import kernel
from hearth.hw.layers.through import Through
from hearth.toolchain.ir import Array, Edge
from hearth.toolchain.support.errors import HearthError

MOST_BITS = 32
"""Widest values on either side: those of the requantizer's accumulator."""


LARGEST_FACTOR = (1 << kernel.FACTOR_BITS) - 1
LARGEST_SHIFT = 48


@dataclass(frozen=True, eq=False)
class Rescale(Through):
    """Multiplies by multiplier / 2^shift and rounds; multiplier of 24 bits, shift 1..48."""

    kind: ClassVar[str] = "rescale"
    implied: ClassVar[bool] = False
    name: str
    source: Edge
    target: Edge
    multiplier: int
    shift: int

    def __post_init__(self) -> None:
        if self.source.shape != self.target.shape:
            raise HearthError(
                f"{self.name}: rescaling keeps the map, but {self.source.shape} should become"
                f" {self.target.shape}"
            )
        if max(self.source.bits + (not self.source.signed), self.target.bits) > MOST_BITS:
            raise HearthError(
                f"{self.name}: up to {MOST_BITS} bits with a sign can be rescaled, found"
                f" {self.source.bits} bits to {self.target.bits}"
            )
        if not (1 <= self.multiplier <= LARGEST_FACTOR and 1 <= self.shift <= LARGEST_SHIFT):
            raise HearthError(
                f"{self.name}: a multiplier of 1 to {LARGEST_FACTOR} and a shift of 1 to"
                f" {LARGEST_SHIFT} are expected, found {self.multiplier} and {self.shift}"
            )

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        product = frames.astype(np.int64) * self.multiplier
        rounded = (product + (1 << (self.shift - 1))) >> self.shift
        result: Array = rounded.clip(self.target.low, self.target.high).astype(self.target.dtype)
        return result

    def keeping(self, source: Edge, kept: Sequence[int]) -> Rescale:
        return replace(self, source=source, target=replace(self.target, channels=len(kept)))

    products = kernel.products
    kernel = kernel.kernel
