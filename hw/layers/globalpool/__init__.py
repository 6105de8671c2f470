"""Global average pool: integer semantics.

    out[c] = sum over all pixels of a[y, x, c]          (32 bits, signed)

The division by the number of pixels is part of the target edge's scale, so nothing is ever rounded
and equal averages stay equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hw.layers.globalpool import hardware
from toolchain.ir import Array, Edge, Fold, Kernel, Layer, Timing


@dataclass(frozen=True, eq=False)
class GlobalPool(Layer):
    """Sum over all pixels of a map; target is 1x1 of 32-bit signed values."""

    kind: ClassVar[str] = "globalpool"
    name: str
    source: Edge
    target: Edge

    def golden(self, frames: Array) -> Array:
        total: Array = frames.sum(axis=(1, 2), dtype=np.int64, keepdims=True)
        return total.astype(self.target.dtype)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        return hardware.folds(self, in_beat)

    def cycles(self, fold: Fold) -> int:
        return hardware.cycles(self, fold)

    def timing(self, fold: Fold) -> Timing:
        return hardware.timing(self, fold)

    def kernel(self, fold: Fold, in_beat: int, module: str) -> Kernel:
        return hardware.kernel(self, fold, in_beat, module)

    @classmethod
    def examples(cls, rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
        return hardware.examples(rng)


LAYER = GlobalPool
