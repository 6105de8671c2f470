"""What the border costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.border.layer import Border


def folds(layer: Border, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Border, fold: Fold) -> int:
    return layer.target.pixels * -(-layer.target.channels // fold.beat)


def timing(layer: Border, fold: Fold) -> Timing:
    """One output beat a cycle; the first input beat is taken with the first output beat."""
    source, target = layer.source, layer.target
    step = float(-(-target.channels // fold.beat))
    ends = (np.arange(target.pixels) + 1.0) * step
    top, left = layer.pads[:2]
    at = ends.reshape(target.height, target.width)
    frees = at[top : top + source.height, left : left + source.width].ravel()
    needs = frees - step
    needs[0] = 0.0
    return Timing(ends, needs, frees, 0)
