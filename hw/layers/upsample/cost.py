"""What upsampling costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Memory, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.upsample.layer import Upsample


def words(layer: Upsample, fold: Fold) -> int:
    """Beats per pixel."""
    return -(-layer.source.channels // fold.beat)


def folds(layer: Upsample, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Upsample, fold: Fold) -> int:
    """One beat of the result a cycle."""
    return layer.target.pixels * words(layer, fold)


def timing(layer: Upsample, fold: Fold) -> Timing:
    """The result in a steady stream; a pixel is taken in where it leaves for the first time."""
    step = float(words(layer, fold))
    ends = (np.arange(layer.target.pixels) + 1.0) * step
    down, across = layer.factors
    firsts = (ends - step).reshape(layer.target.shape[:2])[::down, ::across].ravel()
    return Timing(ends, firsts, firsts + step, 0)


def groups(layer: Upsample, fold: Fold) -> tuple[tuple[int, int], ...]:
    """Beats that go around together, and how often: rows, then pixels."""
    down, across = layer.factors
    deep = words(layer, fold)
    return (layer.source.width * deep, down), (deep, across)


def memories(layer: Upsample, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """A row and a pixel that will leave again; of a single beat either is a register."""
    width = in_beat * layer.source.bits
    return tuple((beats, width) for beats, times in groups(layer, fold) if times > 1 < beats)
