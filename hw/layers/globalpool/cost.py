"""What the global pool costs: legal foldings, cycles per frame, progress of a frame. Exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, Memory, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.globalpool.layer import GlobalPool


def words(layer: GlobalPool, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def folds(layer: GlobalPool, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: GlobalPool, fold: Fold) -> int:
    """One beat a cycle; a delay line of a single entry needs two cycles to come around."""
    deep = words(layer, fold)
    return layer.source.pixels * deep if deep > 1 else 2 * layer.source.pixels - 1


def timing(layer: GlobalPool, fold: Fold) -> Timing:
    """Pixels in a steady stream; the sums leave with the last."""
    total, pixels = cycles(layer, fold), layer.source.pixels
    ends = np.arange(1, pixels + 1) * (total / pixels)
    return Timing(ends[-1:], ends - total / pixels, ends, 0)


def memories(layer: GlobalPool, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """Running sums on their way to the next pixel."""
    return ((words(layer, fold), in_beat * sum_bits(layer)),)


def sum_bits(layer: GlobalPool) -> int:
    """Of a sum over any number of a map's pixels, whatever they are."""
    pixels, source = layer.source.pixels, layer.source
    return max(pixels * source.high, ~(pixels * min(source.low, -1))).bit_length() + 1
