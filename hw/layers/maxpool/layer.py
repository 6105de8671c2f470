"""Max-pool: integer semantics.

    out[y, x, c] = max over the window's pixels inside the map of  a[y*S - P + ky, x*S - P + kx, c]

A pixel outside the map counts as the lowest value that there is and never wins. Floor and ceil mode
differ only in the size of the target map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.maxpool import cost, kernel, lowering
from hearth.toolchain.ir import Array, Edge, Layer, Pads
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class MaxPool(Layer):
    """Max-pool over kernel_size x kernel_size windows, `stride` apart."""

    kind: ClassVar[str] = "maxpool"
    name: str
    source: Edge
    target: Edge
    kernel_size: int
    stride: int
    pads: Pads

    def __post_init__(self) -> None:
        top, left, _, _ = self.pads
        size, low = self.kernel_size, min(self.kernel_size, self.stride)
        legal = low >= 1 and min(self.pads) >= 0 and max(self.pads) < size
        for source, target, before in (
            (self.source.height, self.target.height, top),
            (self.source.width, self.target.width, left),
        ):
            legal = legal and (target - 1) * self.stride < source + before
        if not legal or self.source.channels != self.target.channels:
            raise HearthError(
                f"{self.name}: windows of {size}x{size}, {self.stride} apart, pads {self.pads}, do"
                f" not make {self.target.shape} of {self.source.shape}"
            )

    def golden(self, frames: Array) -> Array:
        top, left, _, _ = self.pads
        rows = (self.target.height - 1) * self.stride + self.kernel_size
        columns = (self.target.width - 1) * self.stride + self.kernel_size
        room = (
            (0, 0),
            (top, max(0, rows - self.source.height - top)),
            (left, max(0, columns - self.source.width - left)),
            (0, 0),
        )
        lowest = np.iinfo(frames.dtype).min
        padded = np.pad(frames, room, constant_values=lowest)
        out = np.full((len(frames), *self.target.shape), lowest, frames.dtype)
        for ky in range(self.kernel_size):
            for kx in range(self.kernel_size):
                tap = padded[:, ky :: self.stride, kx :: self.stride]
                out = np.maximum(out, tap[:, : self.target.height, : self.target.width])
        return out

    def on(self, source: Edge, target: str, zero: Array | None = None) -> MaxPool:
        """Values pass through as they are."""
        return replace(self, source=source, target=source.carried(target, self.target.shape))

    def keeping(self, source: Edge, kept: Sequence[int]) -> MaxPool:
        return replace(self, source=source, target=replace(self.target, channels=len(kept)))

    folds = cost.folds
    cycles = cost.cycles
    timing = cost.timing
    memories = cost.memories
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
