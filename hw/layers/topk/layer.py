"""Top-k: integer semantics.

The target is the logits themselves followed by the k best class indices, best first; equal logits
go to the lower class index. One stream thus carries everything a host compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.topk import cost, kernel, lowering
from hearth.toolchain.ir import Array, Edge, Layer
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class TopK(Layer):
    """Logits [1, 1, classes] -> logits and the indices of the k largest [1, 1, classes + k]."""

    kind: ClassVar[str] = "topk"
    name: str
    source: Edge
    target: Edge

    def __post_init__(self) -> None:
        classes = self.source.channels
        if self.source.pixels != 1 or self.target.pixels != 1 or not 0 <= self.k <= classes:
            raise HearthError(
                f"{self.name}: the best of {self.source.shape} logits do not make"
                f" {self.target.shape}"
            )

    @property
    def k(self) -> int:
        return self.target.channels - self.source.channels

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        order = np.argsort(-frames.astype(np.int64), axis=-1, kind="stable")[..., : self.k]
        return np.concatenate([frames, order.astype(frames.dtype)], axis=-1)

    @property
    def classes(self) -> int:
        return self.source.channels

    def on(self, source: Edge, target: str, zero: Array | None = None) -> TopK:
        """The same ranking; logits are passed on in the steps of `source`."""
        made = replace(self.target, name=target, scale=source.scale)
        return replace(self, source=source, target=made)

    def keeping(self, source: Edge, kept: Sequence[int]) -> TopK:
        """The ranking of these alone, of all where fewer are left than were ranked."""
        target = replace(self.target, channels=len(kept) + min(self.k, len(kept)))
        return replace(self, source=source, target=target)

    folds = cost.folds
    cycles = cost.cycles
    timing = cost.timing
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
