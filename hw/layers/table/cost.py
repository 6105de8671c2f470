"""What a table costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.table.layer import Table


def words(layer: Table, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def folds(layer: Table, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Table, fold: Fold) -> int:
    return layer.source.pixels * words(layer, fold)


def timing(layer: Table, fold: Fold) -> Timing:
    """Pixels in a steady stream, nothing stored."""
    step = float(words(layer, fold))
    ends = (np.arange(layer.source.pixels) + 1.0) * step
    return Timing(ends, ends - step, ends, 0)
