"""One convolution of a quantized file: its integers between the file's edges.

    multiplier[o] * 2^-shift = scale_weight[o] * scale_in / scale_out[o]
    bias[o] = round(bias / (scale_weight[o] * scale_in)) - sum(weights[o] * offset)

Weights that are no longer the file's integers are rounded again, as quantize.py rounds float ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.adopt.weights import Matched, match
from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import Array, Coding, Edge, FloatConv, FloatExpand, Weighted
from hearth.toolchain.quantize.precision import ENTRY_BITS
from hearth.toolchain.quantize.requantize import (
    LARGEST_ACCUMULATOR,
    LARGEST_MULTIPLIER,
    LARGEST_SHIFT,
    Arithmetic,
    Part,
    requantize,
    shift_for,
)
from hearth.toolchain.quantize.rounding import LayerInput, nearest
from hearth.toolchain.support.errors import HearthError

WORST_ROUNDING = 0.6
"""Most steps of a result by which a multiplier may miss the file's scale."""
WORST_BIAS = 0.01
"""Largest part of a result's range by which a whole number of steps may miss a bias."""
NARROW, WIDE = 16, 24
"""Bits of a multiplier, without and with a fraction."""
EXACT = 1e-6
"""Relative error that scales stored as float32 may have together."""


@dataclass(frozen=True, eq=False)
class Ends:
    """Where a convolution stands: source edge, what its integers are too large by (per channel),
    target edge, and the scale of each output channel [out]."""

    source: Edge
    offset: Array
    target: Edge
    scale: Array


def parts_of(real: FloatConv | FloatExpand) -> list[FloatConv]:
    """The convolutions of a layer in the order of their channels."""
    return [real.centre, real.window] if isinstance(real, FloatExpand) else [real]


def matched(parts: list[FloatConv], kept: Kept) -> list[Matched] | None:
    """The file's integers of each part; None when any of them is not the file's any more."""
    found = []
    for part in parts:
        held = next((kept.weights[n] for n in part.nodes if n in kept.weights), None)
        flat = part.weights.reshape(len(part.weights), -1).astype(np.float64)
        integers = match(flat, part.bias, held) if held is not None else None
        if integers is None:
            return None
        found.append(integers)
    return found


def told(parts: list[FloatConv], found: list[Matched], kept: Kept) -> tuple[Coding, ...]:
    """The codings that the file names for the parts; none unless all of them are there and say the
    integers."""
    named = [next((kept.codings[n] for n in p.nodes if n in kept.codings), None) for p in parts]
    codings = tuple(coding for coding in named if coding is not None)
    if len(codings) != len(parts):
        return ()
    try:
        for part, coding in zip(found, codings, strict=True):
            coding.check(part.integers)
    except HearthError:
        return ()
    return codings


def kept_conv(
    layer: Weighted, found: list[Matched], ends: Ends, codings: tuple[Coding, ...] = ()
) -> Weighted:
    """The layer with the file's own integers, and `codings`, or such as can be seen from them."""
    source, target = ends.source, ends.target
    scale = np.concatenate([part.scale for part in found])
    ratio = scale * source.scale / ends.scale
    _check_ratio(layer, ratio)
    factor, bits, shift = factors(ratio)
    bias = np.concatenate([part.bias for part in found]) / (scale * source.scale)
    offsets = np.concatenate([_seen(part.integers, ends.offset, layer.groups) for part in found])
    reach = np.concatenate([np.abs(p.integers.astype(np.int64)).sum(axis=1) for p in found])
    steps = np.rint(bias) - offsets
    largest = reach * max(source.high, -source.low)
    _check(layer.name, target, steps, largest, ratio, factor / 2.0**shift)
    _check_bias(layer.name, target, np.abs(bias - np.rint(bias)) * ratio)
    return layer.with_matrices(
        [part.integers for part in found],
        source=source,
        target=target,
        bias=steps.astype(np.int32),
        multiplier=(factor >> (bits - NARROW)).astype(np.uint16),
        fraction=(factor[: len(factor) * (bits > NARROW)] & 255).astype(np.uint8),
        shift=shift - bits + NARROW,
        codings=codings or (_coding(found),) * len(found),
    )


def factors(ratio: Array) -> tuple[Array, int, int]:
    """Multipliers [out] for ratios [out] of a file, their bits and the shift behind them: 16 bits
    where these say it to float32's precision, as in a file that hardware wrote, else 24."""
    narrow, shift = _factors(ratio, NARROW)
    if np.abs(narrow / 2.0**shift / ratio - 1).max() > EXACT:
        wide, further = _factors(ratio, WIDE)
        if further > WIDE - NARROW:
            return wide, WIDE, further
    return narrow, NARROW, shift


def _factors(ratio: Array, bits: int) -> tuple[Array, int]:
    most = (1 << bits) - 1
    # The largest one survives a scale's float32.
    shift = shift_for(ratio.max(), most + 0.4, LARGEST_SHIFT + bits - NARROW)
    return np.rint(ratio * 2.0**shift).clip(1, most).astype(np.int64), shift


def rounded_conv(layer: Weighted, parts: list[FloatConv], ends: Ends) -> Weighted:
    """The layer with weights rounded to 8 bits here, between the file's edges."""
    source, common = ends.source, float(ends.scale.max())
    gains = np.split(common / ends.scale, [len(parts[0].weights)])
    prepared = []
    for part, gain in zip(parts, gains, strict=False):
        flat = part.weights.reshape(len(part.weights), -1).astype(np.float64)
        bias = part.bias - _seen(flat, ends.offset, layer.groups) * source.scale
        unknown = LayerInput(np.zeros(flat.shape[1]), lambda: np.zeros((0, 0)))
        prepared.append(Part(flat * gain[:, None], bias * gain, unknown))
    arithmetic = Arithmetic(
        scale_in=source.scale,
        scale_out=common,
        largest_input=max(source.high, -source.low),
        bits=8,
        rounding=nearest,
        correct_bias=False,
    )
    made = requantize(layer.name, tuple(prepared), arithmetic)
    return layer.with_matrices(
        [part.integers for part in made.parts],
        source=source,
        target=ends.target,
        bias=made.bias,
        multiplier=made.multiplier,
        shift=made.shift,
        codings=(Coding(8),) * len(parts),
    )


def even(parts: Sequence[FloatConv]) -> bool:
    """Whether all weights of each channel are equal, as an average pool's: rounding keeps them."""
    flat = [part.weights.reshape(len(part.weights), -1) for part in parts]
    return all((rows == rows[:, :1]).all() for rows in flat)


def why_rounded(name: str, parts: Sequence[FloatConv], kept: Kept, first: bool) -> str:
    """What the report says of weights that are not the file's integers; `first`: those of a layer
    that reads the image."""
    if not any(node in kept.weights for part in parts for node in part.nodes):
        reason = "the file left them in float"
    elif first:
        reason = "the preprocessing scales colours differently"
    else:
        reason = "they were changed after they were quantized"
    return f"{name}: weights rounded to 8 bits here, since {reason}"


def _seen(weights: Array, offset: Array, groups: int) -> Array:
    """[out] what weights [out, taps * in / groups] make of the offset of every input channel."""
    own = offset.astype(np.int64).reshape(groups, -1)
    tiled = np.tile(own, weights.shape[1] // own.shape[1])
    split = weights.reshape(groups, -1, weights.shape[1])
    result: Array = (split @ tiled[:, :, None]).reshape(-1)
    return result


def _check_ratio(layer: Weighted, ratio: Array) -> None:
    if not ratio.max() <= LARGEST_MULTIPLIER:
        raise HearthError(
            f"{layer.name}: one step of its sums is {ratio.max():.3g} steps of its results, at most"
            f" {LARGEST_MULTIPLIER} are possible; a scale in front of it or behind it is damaged"
        )


def _check(name: str, target: Edge, bias: Array, reach: Array, ratio: Array, made: Array) -> None:
    """Every accumulator fits 32 bits, and every multiplier is near enough."""
    worst = np.abs(bias) + reach
    if not worst.max() <= LARGEST_ACCUMULATOR:
        raise HearthError(
            f"{name}: a bias of {np.abs(bias).max():.3g} steps and its weights overflow 32"
            f" bits in channel {int(worst.argmax())}; the scale of these weights is too small for"
            " their bias"
        )
    reached = np.minimum(worst * ratio, max(target.high, -target.low))
    missed = np.abs(made / ratio - 1) * reached
    if missed.max() > WORST_ROUNDING:
        channel = int(missed.argmax())
        raise HearthError(
            f"{name}: the scales of its channels lie too far apart for one shift;"
            f" channel {channel} would be off by {missed[channel]:.1f} steps. Quantize with scales"
            " per channel that are closer, or per tensor"
        )


def _check_bias(name: str, target: Edge, missed: Array) -> None:
    """Every bias is near enough to a whole number of accumulator steps."""
    largest = max(target.high, -target.low)
    missed = np.minimum(missed, largest)
    if missed.max() > max(WORST_ROUNDING, WORST_BIAS * largest):
        channel = int(missed.argmax())
        raise HearthError(
            f"{name}: the bias of channel {channel} would be off by {missed[channel]:.1f}"
            " steps, since the scales of its input and weights are too coarse for it; calibrate the"
            " quantizer in front of it again"
        )


def _coding(found: list[Matched]) -> Coding:
    """Indices into a codebook where they, and the table, take less than integers."""
    values = np.unique(np.concatenate([part.integers.reshape(-1) for part in found]))
    bits = max(part.bits for part in found)
    while values.min() < -(1 << (bits - 1)) or values.max() >= 1 << (bits - 1):
        bits += 1
    index = max(1, (len(values) - 1).bit_length())
    count = sum(part.integers.size for part in found)
    if count * index + ENTRY_BITS * (1 << index) < count * bits:
        return Coding(index, values.astype(np.int8))
    return Coding(bits)
