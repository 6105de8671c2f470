"""What max-pool costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Memory, Pair, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.maxpool.layer import MaxPool


def positions(layer: MaxPool) -> tuple[int, int]:
    """Rows and columns walked: all windows and all of the padded map."""
    (rows, columns), (top, left, _, _) = layer.reach, layer.pads
    return max(rows, layer.source.height + top), max(columns, layer.source.width + left)


def words(layer: MaxPool, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def keep(layer: MaxPool) -> Pair:
    """Partial maxima carried from one row to the next, and from one column to the next."""
    sizes = zip(layer.kernel_size, layer.strides, strict=True)
    down, across = (max(1, -(-(size - 1) // stride)) for size, stride in sizes)
    return down, across


def folds(layer: MaxPool, in_beat: int) -> Iterator[Fold]:
    """The stream's own width: the process takes beats as they come, in_beat channels at a time."""
    yield Fold(1, 1, in_beat)


def cycles(layer: MaxPool, fold: Fold) -> int:
    """One beat a cycle; a delay line of a single entry needs two cycles to come around."""
    rows, columns = positions(layer)
    deep = words(layer, fold)
    if deep > 1 or columns == 1:
        return rows * columns * deep
    return rows * (2 * columns - 1)


def timing(layer: MaxPool, fold: Fold) -> Timing:
    """Every position takes the same time; an output is complete with its window's last position."""
    rows, columns = positions(layer)
    source, target = layer.source, layer.target
    step = cycles(layer, fold) / (rows * columns)
    at = np.arange(rows)[:, None] * columns + np.arange(columns)
    top, left = layer.pads[:2]
    needs = at[top : top + source.height, left : left + source.width].ravel() * step
    (rows, columns), (down, across) = layer.kernel_size, layer.strides
    last = at[rows - 1 :: down, columns - 1 :: across]
    emits = (last[: target.height, : target.width].ravel() + 1) * step
    return Timing(emits, needs, needs + step, 0)


def memories(layer: MaxPool, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """Partial maxima on their way to the next column, and to the next row."""
    deep, width = words(layer, fold), in_beat * layer.source.bits
    down, across = keep(layer)
    return (deep, across * width), (layer.target.width * deep, down * width)
