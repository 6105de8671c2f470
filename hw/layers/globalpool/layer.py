"""Global average pool: integer semantics.

    out[c] = sum over all pixels of a[y, x, c]          (32 bits, signed)

The division by the number of pixels is part of the target edge's scale, so nothing is ever rounded
and equal averages stay equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.globalpool import cost, kernel, lowering
from hearth.toolchain.ir import Array, Edge, Layer
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class GlobalPool(Layer):
    """Sum over all pixels of a map; target is 1x1 of 32-bit signed values."""

    kind: ClassVar[str] = "globalpool"
    name: str
    source: Edge
    target: Edge

    def __post_init__(self) -> None:
        if self.target.shape != (1, 1, self.source.channels):
            raise HearthError(
                f"{self.name}: a global pool makes one pixel of all channels, not"
                f" {self.target.shape} of {self.source.shape}"
            )
        source = self.source
        if source.pixels * max(source.high, -source.low) >= 1 << 31:
            raise HearthError(
                f"{self.name}: the sum over {source.height}x{source.width} pixels of {source.bits}"
                " bits does not fit 32 bits; choose a smaller --input-size"
            )

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        total: Array = frames.sum(axis=(1, 2), dtype=np.int64, keepdims=True)
        return total.astype(self.target.dtype)

    def on(self, source: Edge, target: str, zero: Array | None = None) -> GlobalPool:
        """Sums of other steps, the number of pixels still in their scale."""
        scale = self.target.scale / self.source.scale * source.scale
        made = replace(self.target, name=target, scale=scale)
        return replace(self, source=source, target=made)

    def keeping(self, source: Edge, kept: Sequence[int]) -> GlobalPool:
        target = replace(self.target, channels=len(kept))
        return replace(self, source=source, target=target)

    folds = cost.folds
    cycles = cost.cycles
    timing = cost.timing
    memories = cost.memories
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
