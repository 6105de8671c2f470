"""What layer.py says a convolution computes, quickly: by floating-point BLAS, exactly.

Integers below 2^24 are exact in float32, below 2^53 in float64, and so are their products and sums,
in whatever order, as long as these stay below as well; a power of two moves the exponent alone. So

    sums    in float32 where no part of a sum can reach 2^24, else in float64
    result  clip(floor(sum * M/2^S + (bias * M + 2^(S-1))/2^S)) in float64 where no
            (|sum| + |bias|) * M + 2^(S-1) can reach 2^53, else in int64 as it is written

with bounds that hold for any frame. Rows are computed a few at a time, so that all that is made of
them stays in a processor's cache; several frames one after the other for the same reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hearth.toolchain.ir import Array

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

EXACT_32, EXACT_64 = 1 << 24, 1 << 53
_TOGETHER = 1 << 17
"""Numbers that rows computed at once may need, on the way in or out."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """A layer's constants as they are computed with.

    real            type of the sums
    centre, window  [in, centre_channels], [groups, taps * in / groups, channels / groups] in it
    scale, offset   float64 [out], M/2^S and (bias * M + 2^(S-1))/2^S; None where these are not
                    exact
    """

    real: type[np.floating[Any]]
    centre: Array
    window: Array
    scale: Array | None
    offset: Array | None


def numbers(layer: Conv) -> Numbers:
    largest = _largest_sum(layer)
    real = np.float32 if largest < EXACT_32 else np.float64
    outputs = len(layer.window) // layer.groups
    window = layer.window.reshape(layer.groups, outputs, -1).transpose(0, 2, 1).astype(real)
    bias, half = layer.bias.astype(np.int64), 1 << (layer.factor_shift - 1)
    most = (largest + int(np.abs(bias).max())) * int(layer.factor.max()) + half
    scale, offset = layer.factor, bias * layer.factor + half
    exact = most < EXACT_64
    return Numbers(
        real,
        layer.centre.T.astype(real),
        window,
        np.ldexp(scale.astype(np.float64), -layer.factor_shift) if exact else None,
        np.ldexp(offset.astype(np.float64), -layer.factor_shift) if exact else None,
    )


def golden(layer: Conv, frames: Array) -> Array:
    """[n, *source.shape] -> [n, *target.shape]."""
    made = np.empty((len(frames), *layer.target.shape), layer.target.dtype)
    together = _rows_together(layer)
    for frame, result in zip(frames, made, strict=True):
        padded = layer.windows.padded(frame[None])
        for first in range(0, layer.target.height, together):
            rows = range(first, min(first + together, layer.target.height))
            _compute(layer, frame, padded, rows, result[first : first + together])
    return made


def _compute(layer: Conv, frame: Array, padded: Array, rows: range, result: Array) -> None:
    """Some rows of the result of one frame, into `result` [rows, width, out]."""
    own, split = layer.numbers, len(layer.centre)
    if split:
        seen = frame[rows.start : rows.stop].reshape(-1, layer.source.channels).astype(own.real)
        _requantize(layer, seen @ own.centre, slice(split), result)
    columns = layer.windows.of_rows(padded, rows, layer.target.width)
    *_, taps, inputs = columns.shape
    apart = columns.reshape(-1, taps, layer.groups, inputs // layer.groups).transpose(2, 0, 1, 3)
    sums = apart.astype(own.real).reshape(layer.groups, len(apart[0]), -1) @ own.window
    flat = sums[0] if layer.groups == 1 else sums.transpose(1, 0, 2).reshape(len(apart[0]), -1)
    _requantize(layer, flat, slice(split, None), result)


def _requantize(layer: Conv, sums: Array, channels: slice, result: Array) -> None:
    """Sums of products [pixels, channels], to 8 bits into those channels of `result`."""
    own, low, high = layer.numbers, layer.target.low, layer.target.high
    if own.scale is None or own.offset is None:
        product = (sums.astype(np.int64) + layer.bias[channels]) * layer.factor[channels]
        value = (product + (1 << (layer.factor_shift - 1))) >> layer.factor_shift
        np.clip(value, low, high, out=value)
    else:
        value = sums * own.scale[channels]
        value += own.offset[channels]
        np.clip(value, low, high, out=value)
        np.floor(value, out=value)
    result[..., channels] = value.reshape(*result.shape[:2], -1)


def _rows_together(layer: Conv) -> int:
    taps = layer.kernel_size[0] * layer.kernel_size[1] * layer.source.channels
    return max(1, _TOGETHER // (layer.target.width * max(taps, layer.target.channels)))


def _largest_sum(layer: Conv) -> int:
    """A bound on the magnitude of every partial sum of products, whatever the input."""
    weights = [matrix.astype(np.int64) for matrix in layer.matrices]
    weight = max(int(np.abs(matrix).sum(axis=1).max()) for matrix in weights)
    return weight * max(layer.source.high, -layer.source.low)
