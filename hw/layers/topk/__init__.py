"""Top-k: integer semantics.

The target is the logits themselves followed by the k best class indices, best first; equal logits
go to the lower class index. One stream thus carries everything a host compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hw.layers.topk import hardware
from toolchain.ir import Array, Edge, Fold, Kernel, Layer, Timing


@dataclass(frozen=True, eq=False)
class TopK(Layer):
    """Logits [1, 1, classes] -> logits and the indices of the k largest [1, 1, classes + k]."""

    kind: ClassVar[str] = "topk"
    name: str
    source: Edge
    target: Edge

    @property
    def k(self) -> int:
        return self.target.channels - self.source.channels

    def golden(self, frames: Array) -> Array:
        order = np.argsort(-frames.astype(np.int64), axis=-1, kind="stable")[..., : self.k]
        return np.concatenate([frames, order.astype(frames.dtype)], axis=-1)

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


LAYER = TopK
