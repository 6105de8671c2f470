"""Max-pool: integer semantics.

    out[y, x, c] = max over the window's pixels inside the map of  a[y*S - P + ky, x*S - P + kx, c]

A pixel outside the map counts as the lowest value that there is and never wins. Floor and ceil mode
differ only in the size of the target map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from hearth.hw.layers.maxpool import cost, kernel, lowering
from hearth.toolchain.ir import Array, Edge, Layer, Pads, Pair
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class MaxPool(Layer):
    """Max-pool over windows of kernel_size rows and columns, `strides` apart."""

    kind: ClassVar[str] = "maxpool"
    name: str
    source: Edge
    target: Edge
    kernel_size: Pair
    strides: Pair
    pads: Pads

    def __post_init__(self) -> None:
        sides = zip(self.pads, self.kernel_size * 2, strict=True)
        legal = min(*self.kernel_size, *self.strides) >= 1 and all(0 <= p < k for p, k in sides)
        for axis, stride in enumerate(self.strides):
            last = (self.target.shape[axis] - 1) * stride
            legal = legal and last < self.source.shape[axis] + self.pads[axis]
        if not legal or self.source.channels != self.target.channels:
            raise HearthError(
                f"{self.name}: windows of {self.kernel_size}, {self.strides} apart, pads"
                f" {self.pads}, do not make {self.target.shape} of {self.source.shape}"
            )

    @classmethod
    def brought_up(cls, fields: dict[str, Any], version: int) -> dict[str, Any]:
        """Up to version 2 both axes had one window size and one stride."""
        if version > 2:
            return fields
        own = {name: value for name, value in fields.items() if name != "stride"}
        return own | {
            "kernel_size": (fields["kernel_size"],) * 2,
            "strides": (fields["stride"],) * 2,
        }

    @property
    def reach(self) -> Pair:
        """Rows and columns from the first of the first window to behind the last of the last."""
        (rows, columns), (down, across) = self.kernel_size, self.strides
        return (self.target.height - 1) * down + rows, (self.target.width - 1) * across + columns

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        top, left, _, _ = self.pads
        rows, columns = self.reach
        room = (
            (0, 0),
            (top, max(0, rows - self.source.height - top)),
            (left, max(0, columns - self.source.width - left)),
            (0, 0),
        )
        lowest = np.iinfo(frames.dtype).min
        padded = np.pad(frames, room, constant_values=lowest)
        out = np.full((len(frames), *self.target.shape), lowest, frames.dtype)
        down, across = self.strides
        for ky, kx in np.ndindex(*self.kernel_size):
            tap = padded[:, ky::down, kx::across]
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
