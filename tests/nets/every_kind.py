"""A small integer network with a layer of every kind, for whole-network tests and mutants.

Random weights; sizes chosen so that nothing divides evenly, padding is skipped on all sides, the
pool has a partly covered last window, activations saturate at both ends and two classes always tie.
"""

from __future__ import annotations

import numpy as np

from hearth.hw.layers.border import Border
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.table import Table
from hearth.hw.layers.topk import TopK
from hearth.toolchain.ir import Array, Design, Edge, Layer, Pads, Preprocessing, QGraph
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule

LANES = 60
FRAMES = 3
SHIFT = 16


def _conv(
    rng: np.random.Generator,
    source: Edge,
    target: Edge,
    kernel: int,
    stride: int = 1,
    pads: Pads = (0, 0, 0, 0),
    centre: int = 0,
) -> Conv:
    """Weights and multipliers with which about half of the outputs are zero and some saturate."""
    channels = target.channels
    window = rng.integers(-128, 128, (channels - centre, kernel, kernel, source.channels))
    taps = kernel * kernel * source.channels
    gain = 2.0**SHIFT * target.high / (73 * 128 * np.sqrt(taps) * 2)
    return Conv(
        name=target.name,
        source=source,
        target=target,
        strides=(stride, stride),
        pads=pads,
        centre=rng.integers(-128, 128, (centre, source.channels)).astype(np.int8),
        window=window.astype(np.int8),
        bias=rng.integers(-5_000, 5_000, channels).astype(np.int32),
        multiplier=rng.integers(int(gain), int(2 * gain), channels).astype(np.uint16),
        shift=SHIFT,
    )


def _tied(conv: Conv) -> Conv:
    """Class 4 computes the same as class 1, and no class more than these two."""
    conv.bias[1] = 60_000
    for values in (conv.window, conv.bias, conv.multiplier):
        values[4] = values[1]
    return conv


def _table(rng: np.random.Generator, source: Edge, target: Edge, centre: int) -> Table:
    """What an imported expand stage needs: tables of their own for the two branches."""
    group = (np.arange(source.channels) >= centre).astype(np.int32)
    entries = rng.integers(target.low, target.high, (2, 1 << source.bits), endpoint=True)
    return Table(target.name, source, target, entries.astype(np.int32), group)


def layers(seed: int = 3) -> tuple[Layer, ...]:
    """border, conv1 3x3/2, pool 3x3/2 (ceil), squeeze, expand, table, conv10, pool, top-3."""
    rng = np.random.default_rng(seed)
    image = Edge("image", 18, 20, 3)
    bordered = Edge("border", 20, 22, 3)
    conv1 = Edge("conv1", 9, 10, 14)
    pooled = Edge("pool", 4, 5, 14)
    squeezed = Edge("squeeze", 4, 5, 7)
    expanded = Edge("expand", 4, 5, 23)
    looked_up = Edge("table", 4, 5, 23, 7)
    classes = Edge("conv10", 4, 5, 11)
    summed = Edge("globalpool", 1, 1, 11, 32, signed=True)
    return (
        Border("border", image, bordered, (1, 1, 1, 1), np.array([104, 117, 123], np.uint8)),
        _conv(rng, bordered, conv1, 3, stride=2),
        MaxPool("pool", conv1, pooled, (3, 3), (2, 2), (0, 0, 0, 0)),
        _conv(rng, pooled, squeezed, 1),
        _conv(rng, squeezed, expanded, 3, pads=(1, 1, 1, 1), centre=10),
        _table(rng, expanded, looked_up, 9),
        _tied(_conv(rng, looked_up, classes, 1)),
        GlobalPool("globalpool", classes, summed),
        TopK("top3", summed, Edge("top3", 1, 1, 14, 32, signed=True)),
    )


def every_kind(seed: int = 3) -> tuple[Design, Array]:
    """The network folded to LANES lanes, and frames for it. Another seed gives other weights."""
    qgraph = QGraph("every kind", layers(seed), Preprocessing())
    rng = np.random.default_rng(4)
    frames = rng.integers(0, 256, (FRAMES, *qgraph.input.shape)).astype(np.uint8)
    return schedule(fold(qgraph, lanes=LANES)), frames
