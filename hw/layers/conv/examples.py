"""Random convolutions for the contract tests: awkward channel counts, maps, pads and foldings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.conv import cost
from hearth.hw.layers.conv.layer import Conv
from hearth.toolchain.ir import Array, Coding, Edge, Fold, Layer


def _random(rng: np.random.Generator, centre: int) -> Conv | None:
    """One random layer, or None when the draw has no output."""
    kernel = 3 if centre else int(rng.choice([1, 3, 7]))
    stride = 1 if centre else int(rng.integers(1, 3))
    pads = (1, 1, 1, 1) if centre else draws.pads(rng, min(kernel, 4))
    height, width = (int(v) for v in rng.integers(1, 21, 2))
    inputs, outputs = (int(v) for v in rng.integers(1, 71, 2))
    if kernel == 7:
        inputs, outputs = min(inputs, 9), min(outputs, 24)
    rows = (height + pads[0] + pads[2] - kernel) // stride + 1
    columns = (width + pads[1] + pads[3] - kernel) // stride + 1
    if min(rows, columns) < 1:
        return None
    total = centre + outputs
    edge = _target(rng, rows, columns, total)
    codings = _codings(rng, 1 + (centre > 0))
    shape = (outputs, kernel, kernel, inputs)
    shift = int(rng.integers(12, 24))
    source = draws.source(rng, height, width, inputs)
    reach = 255 * 127 * kernel * np.sqrt(kernel * kernel * inputs) / 4
    gain = edge.high / reach * 2.0**shift
    bias = 30_000 if rng.random() < 0.8 else 3_000_000  # 20 bits in the ROM, or 32
    fractions = total if rng.random() < 0.3 else 0
    return Conv(
        name="conv",
        source=source,
        target=edge,
        stride=stride,
        pads=pads,
        centre=_weights(rng, codings[0], centre, inputs),
        window=_weights(rng, codings[-1], outputs, kernel * kernel * inputs).reshape(shape),
        bias=rng.integers(-bias, bias, total).astype(np.int32),
        multiplier=rng.integers(1, int(np.clip(gain * 4, 2, 65536)), total).astype(np.uint16),
        shift=shift,
        codings=codings,
        fraction=rng.integers(0, 256, fractions).astype(np.uint8),
    )


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
    """A folding that need not divide anything, and the beat of its input."""
    unit = cost.circle(layer)
    for _ in range(64):
        most = max(1, min(12, layer.target.channels) // unit)
        pe = unit * int(rng.integers(1, most + 1))
        simd = int(rng.integers(1, min(12, layer.source.channels) + 1))
        beat = int(rng.choice([1, 1, 1, 2, 3, 4]))
        in_beat = int(rng.choice([1, 1, 2, 3, 4]))
        fold = Fold(pe, simd, beat)
        if cost.fits_beats(layer, fold, in_beat) and cost.tile_fifo(layer, fold) is not None:
            return fold, in_beat
    return None


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws, every second one an expand stage."""
    count = 0
    while True:
        layer = _random(rng, int(rng.integers(1, 41)) if count % 2 else 0)
        drawn = _draw_fold(rng, layer) if layer else None
        if layer and drawn:
            count += 1
            yield layer, *drawn
