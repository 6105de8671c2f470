"""How large the sums of a convolution get, whatever comes in: the width of its accumulators.

For a channel with weights w and activations from low to high, 0 among them:

    most  = sum of w * high over w > 0,  w * low over w < 0
    least = sum of w * low over w > 0,   w * high over w < 0

No part of the taps, in any order, gives more or less, and some frame gives nearly as much. Sums are
as wide as that with a quarter to spare (ROOM), so that weights of another training go into the same
hardware; what is still too large for it is refused (`taken_over`). They are never wider than the
codings' largest weights need in every place, which is also what weights get that nobody has chosen
yet (few_bits/blank.py): zeros throughout.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Array, Coding, Fold, Sums
from hearth.toolchain.support.errors import HearthError

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

ROOM = 4
"""One of so many parts of a sum is added for other weights."""
MOST = 32
"""Bits of a sum with all that room; its own weights may need more."""


def exact(layer: Conv) -> Sums:
    """What the layer's own weights and biases need."""
    low, high = _reach(layer)
    bias = layer.bias.astype(np.int64)
    return Sums(_bits(low.min(), high.max()), _bits((low + bias).min(), (high + bias).max()))


def needed(layer: Conv) -> Sums:
    """The same with room for other weights, and for any bias that the ROM holds."""
    (low, high), (least, most) = _reach(layer), _limits(layer)
    unknown = np.concatenate([np.full(len(m), not m.any()) for m in layer.matrices])
    low = np.where(unknown, least, np.maximum(_roomy(low), least))
    high = np.where(unknown, most, np.minimum(_roomy(high), most))
    bits = max(exact(layer).bits, min(_bits(low.min(), high.max()), MOST))
    return Sums(bits, max(bits, layer.bias_bits) + 1)


def of(layer: Conv, fold: Fold) -> Sums:
    """Of the kernel: what the layer needs, or what finished hardware has."""
    return fold.sums or layer.sums


def taken_over(layer: Conv, fold: Fold, other: Conv) -> Fold:
    """`fold` with the sums that it has for the weights of `other`. HearthError when they are too
    narrow for this layer's."""
    there, here = of(other, fold), exact(layer)
    if here.bits > there.bits or here.biased > there.biased:
        raise HearthError(
            f"--like: {layer.name}: sums of these weights take {here.bits} bits and"
            f" {here.biased} with their biases, but that build's hardware has {there.bits} and"
            f" {there.biased}; compile without --like"
        )
    return replace(fold, sums=there)


def _reach(layer: Conv) -> tuple[Array, Array]:
    """Least and most that a channel's sum can be, int64 [out] each."""
    low, high = min(layer.source.low, 0), max(layer.source.high, 0)
    matrices = [matrix.astype(np.int64) for matrix in layer.matrices]
    positive = np.concatenate([matrix.clip(min=0).sum(axis=1) for matrix in matrices])
    negative = np.concatenate([matrix.clip(max=0).sum(axis=1) for matrix in matrices])
    return positive * low + negative * high, positive * high + negative * low


def _limits(layer: Conv) -> tuple[Array, Array]:
    """The same for the largest weights that the codings can say."""
    low, high = min(layer.source.low, 0), max(layer.source.high, 0)
    least, most = [], []
    for matrix, coding in zip(layer.matrices, layer.codings, strict=True):
        smallest, largest = _weights(coding)
        rows, taps = matrix.shape
        most += [taps * max(largest * high, smallest * low)] * rows
        least += [taps * min(smallest * high, largest * low)] * rows
    return np.array(least, np.int64), np.array(most, np.int64)


def _weights(coding: Coding) -> tuple[int, int]:
    """Smallest and largest weight; a table may hold any."""
    bits = 8 if len(coding.table) else coding.bits
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _roomy(values: Array) -> Array:
    more: Array = values + np.sign(values) * -(-np.abs(values) // ROOM)
    return more


def _bits(low: int, high: int) -> int:
    """Of two's complement from low to high."""
    return max(int(high).bit_length(), int(~min(low, -1)).bit_length()) + 1
