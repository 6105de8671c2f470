"""Random convolutions for the contract tests: awkward channel counts, maps, pads and foldings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.conv import cost
from hearth.hw.layers.conv.layer import Conv
from hearth.toolchain.ir import Array, Edge, Fold, Layer


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
    weight_bits, codebook, values = _weights(rng)
    shift = int(rng.integers(12, 24))
    reach = 255 * 127 * kernel * np.sqrt(kernel * kernel * inputs) / 4
    gain = edge.high / reach * 2.0**shift
    bias = 30_000 if rng.random() < 0.8 else 3_000_000  # 20 bits in the ROM, or 32
    fractions = total if rng.random() < 0.3 else 0
    return Conv(
        name="conv",
        source=Edge("x", height, width, inputs),
        target=edge,
        stride=stride,
        pads=pads,
        centre=rng.choice(values, (centre, inputs)),
        window=rng.choice(values, (outputs, kernel, kernel, inputs)),
        bias=rng.integers(-bias, bias, total).astype(np.int32),
        multiplier=rng.integers(1, int(np.clip(gain * 4, 2, 65536)), total).astype(np.uint16),
        shift=shift,
        weight_bits=weight_bits,
        codebook=codebook,
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


def _weights(rng: np.random.Generator) -> tuple[int, Array, Array]:
    """Bits of a weight, codebook (often empty), and the values that weights may take."""
    bits = int(rng.choice([8, 8, 8, 1, 2, 3, 4, 5, 6, 7]))
    if bits > 1 and rng.random() < 0.5:
        half = 1 << (bits - 1)
        return bits, np.zeros(0, np.int8), np.arange(-half, half).astype(np.int8)
    entries = int(rng.integers(1, (1 << bits) + 1))  # rarely all that the bits allow
    chosen = rng.choice(np.arange(-128, 128), entries, replace=False)
    codebook = np.sort(chosen).astype(np.int8)
    return bits, codebook, codebook


def _draw_fold(rng: np.random.Generator, layer: Conv) -> tuple[Fold, int] | None:
    """A folding that need not divide anything, and the beat of its input."""
    for _ in range(64):
        pe = int(rng.integers(1, min(12, layer.target.channels) + 1))
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
