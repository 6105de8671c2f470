"""What top-k costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.topk.layer import TopK


def folds(layer: TopK, in_beat: int) -> Iterator[Fold]:
    """One logit at a time."""
    yield Fold(1, 1, 1)


def cycles(layer: TopK, fold: Fold) -> int:
    """Two for a logit, one for a class of the ranking."""
    return 2 * layer.source.channels + layer.k


def timing(layer: TopK, fold: Fold) -> Timing:
    """Logits first, then the ranking."""
    return Timing(
        np.array([float(cycles(layer, fold))]),
        np.array([0.0]),
        np.array([2.0 * layer.source.channels]),
        0,
    )
