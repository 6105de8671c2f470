"""Random convolutions for the contract tests: awkward channel counts, maps, pads and foldings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.conv import cost, gathering, skipping
from hearth.hw.layers.conv.layer import Conv
from hearth.toolchain.ir import Array, Coding, Edge, Fold, Layer, Windows, extent


def _windows(rng: np.random.Generator, form: str) -> Windows:
    """Mostly square windows; others differ from axis to axis in all that they have."""
    if form == "pointwise":
        return Windows((1, 1), (1, 1), (1, 1), (0, 0, 0, 0))
    if form == "expand":
        sides = (3, 3) if rng.random() < 0.7 else (int(rng.choice([1, 3, 5])), 3)
        return Windows(sides, (1, 1), (1, 1), (sides[0] // 2, sides[1] // 2) * 2)
    side, stride = int(rng.choice([1, 3, 7])), int(rng.integers(1, 3))
    kernel, strides, dilations = (side, side), (stride, stride), (1, 1)
    if rng.random() < 0.5:
        kernel = draws.pair(rng, 1, 6)
        strides, dilations = draws.pair(rng, 1, 4), draws.pair(rng, 1, 4)
    limits = [min(4, span) for span in extent(kernel, dilations)]
    top, left = (int(rng.integers(0, limit)) for limit in limits)
    bottom, right = (int(rng.integers(0, limit)) for limit in limits)
    return Windows(kernel, strides, dilations, (top, left, bottom, right))


def _channels(rng: np.random.Generator, form: str) -> tuple[int, int, int]:
    """Channels in, channels out, groups."""
    inputs, outputs = (int(v) for v in rng.integers(1, 71, 2))
    if form == "depthwise":
        return inputs, inputs, inputs
    if form == "few":
        return 1 + inputs % 4, outputs, 1
    if form == "grouped":
        groups = int(rng.integers(2, 6))
        return groups * (1 + inputs // 12), groups * (1 + outputs // 12), groups
    return inputs, outputs, 1


def _random(rng: np.random.Generator, form: str) -> Conv | None:
    """One random layer, or None when the draw has no output or a window beside the map."""
    centre = int(rng.integers(1, 41)) if form == "expand" else 0
    windows = _windows(rng, form)
    height, width = (int(v) for v in rng.integers(1, 21, 2))
    inputs, outputs, groups = _channels(rng, form)
    taps = windows.kernel[0] * windows.kernel[1]
    if taps > 25 and groups == 1:
        inputs, outputs = min(inputs, 9), min(outputs, 24)
    rows, columns = windows.count((height, width))
    beside = any(windows.pads) and not windows.skippable((height, width))
    if min(rows, columns) < 1 or beside:
        return None
    edge = _target(rng, rows, columns, total := centre + outputs)
    codings = _codings(rng, 1 + (centre > 0))
    if form == "grouped":
        codings = (replace(codings[0], group=min(1, codings[0].group)),)
    shape = (outputs, *windows.kernel, inputs // groups)
    shift = int(rng.integers(12, 24))
    source = draws.source(rng, height, width, inputs)
    reach = 255 * 127 * np.sqrt(taps * taps * shape[-1]) / 4
    gain = edge.high / reach * 2.0**shift
    bias = 30_000 if rng.random() < 0.8 else 3_000_000  # 20 bits in the ROM, or 32
    fractions = total if rng.random() < 0.3 else 0
    return Conv(
        name="conv",
        source=source,
        target=edge,
        strides=windows.strides,
        pads=windows.pads,
        centre=_weights(rng, codings[0], centre, inputs),
        window=_weights(rng, codings[-1], outputs, taps * shape[-1]).reshape(shape),
        bias=rng.integers(-bias, bias, total).astype(np.int32),
        multiplier=rng.integers(1, int(np.clip(gain * 4, 2, 65536)), total).astype(np.uint16),
        shift=shift,
        codings=codings,
        fraction=rng.integers(0, 256, fractions).astype(np.uint8),
        dilations=windows.dilations,
        groups=groups,
    )


def _skipping(rng: np.random.Generator) -> Conv:
    """A pointwise layer whose input is said to be mostly zero. What the frames of a test hold has
    nothing to do with that."""
    layer = None
    while layer is None:
        layer = _random(rng, "pointwise")
    pixels = layer.source.pixels
    most = max(1, layer.source.channels // 2)
    return replace(layer, live=rng.integers(1, most, 3, endpoint=True).astype(np.uint32) * pixels)


def _target(rng: np.random.Generator, rows: int, columns: int, channels: int) -> Edge:
    """Mostly bytes; some wide and signed, some clipped to less than their bits hold."""
    draw = rng.random()
    if draw < 0.2:
        return Edge("y", rows, columns, channels, 16, True)
    if draw < 0.3:
        zero = int(rng.integers(1, 256))
        return Edge("y", rows, columns, channels, 9, True, 1.0, -zero, 255 - zero)
    if draw < 0.4:
        return Edge("y", rows, columns, channels, maximum=int(rng.integers(1, 256)))
    return Edge("y", rows, columns, channels)


def _codings(rng: np.random.Generator, parts: int) -> tuple[Coding, ...]:
    """Often one coding for all parts; else one each, sometimes of the same table or width."""
    first = _coding(rng)
    if parts == 1 or rng.random() < 0.4:
        return (first,) * parts
    others = [_coding(rng)]
    if first.window:
        others.append(replace(first, bits=int(rng.integers(1, first.window))))
        others.append(replace(first, table=rng.permutation(first.table)))
    return first, others[int(rng.integers(len(others)))]


def _coding(rng: np.random.Generator) -> Coding:
    """Plain weights, a codebook that rarely has all values that its bits allow, or a trellis."""
    bits = int(rng.choice([8, 8, 8, 1, 2, 3, 4, 5, 6, 7]))
    draw = rng.random()
    if bits > 1 and draw < 0.4:
        return Coding(bits)
    if bits < 6 and draw > 0.6:
        window, group = int(rng.integers(bits + 1, 9)), int(rng.choice([1, 2, 4, 8]))
        table = rng.integers(-128, 128, 1 << window).astype(np.int8)
        return Coding(bits, table, window, group)
    entries = int(rng.integers(1, (1 << bits) + 1))
    chosen = rng.choice(np.arange(-128, 128), entries, replace=False)
    return Coding(bits, np.sort(chosen).astype(np.int8))


def _weights(rng: np.random.Generator, coding: Coding, rows: int, columns: int) -> Array:
    """Random weights [rows, columns] that the coding can say."""
    full = cost.ceil_div(rows, max(1, coding.group)) * max(1, coding.group)
    codes = rng.integers(0, 1 << coding.bits, (full, columns)).astype(np.uint8)
    return coding.values(codes)[:rows]


def _draw_fold(rng: np.random.Generator, layer: Conv) -> tuple[Fold, int] | None:
    """A folding that need not divide anything but groups, and the beat of its input."""
    unit, outputs, own = cost.circle(layer), layer.target.channels, layer.window.shape[3]
    for _ in range(64):
        most = max(1, min(12, outputs) // unit)
        pe = unit * int(rng.integers(1, most + 1))
        simd = int(rng.integers(1, min(12, own) + 1))
        if layer.groups > 1 and rng.random() < 0.5:
            pe, simd = outputs // layer.groups * int(rng.integers(1, layer.groups + 1)), own
        beat = int(rng.choice([1, 1, 1, 2, 3, 4]))
        in_beat = int(rng.choice([1, 1, 2, 3, 4]))
        fold = Fold(pe, simd, beat)
        within = outputs // layer.groups % pe == own % simd == 0
        whole = layer.groups == 1 or within or cost.together(layer, fold) > 0
        fits = pe % unit == 0 and whole and cost.fits_beats(layer, fold, in_beat)
        if fits and cost.tile_fifo(layer, fold) is not None:
            return fold, in_beat
    return None


def _gathering(rng: np.random.Generator) -> Conv:
    """A layer of few input channels and windows of several columns."""
    layer = None
    while layer is None or not gathering.able(layer) or len(layer.window) > 24:
        layer = _random(rng, "few")
    return layer


def _own(rng: np.random.Generator, form: str) -> tuple[Layer, Fold, int] | None:
    """A layer in one of the forms that are not the loop nest over the input as it is."""
    layer = _skipping(rng) if form == "skipping" else _gathering(rng)
    in_beat = int(rng.choice([1, 2, 3, 4, 8])) if form == "skipping" else layer.source.channels
    folds = skipping.folds(layer) if form == "skipping" else gathering.folds(layer, in_beat)
    legal = list(folds)
    return (layer, legal[int(rng.integers(len(legal)))], in_beat) if legal else None


FORMS = ("plain", "expand", "plain", "expand", "depthwise", "grouped")


_EVERY = 6
"""One example of so many is of another form of hardware."""
OTHER_FORMS = ("skipping", "gathering")


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws of every form in turn, and of other forms of hardware."""
    count = 0
    while True:
        if count % _EVERY == _EVERY - 1:
            (own,) = rng.spawn(1)
            chosen = _own(own, OTHER_FORMS[count // _EVERY % len(OTHER_FORMS)])
            if chosen:
                count += 1
                yield chosen
            continue
        layer = _random(rng, FORMS[(count - count // _EVERY) % len(FORMS)])
        drawn = _draw_fold(rng, layer) if layer else None
        if layer and drawn:
            count += 1
            yield layer, *drawn
