"""The smallest whole network: a convolution, a global pool, top-k."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.ir import Design, Edge, Preprocessing, QGraph
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.like import fold_like
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.video.geometry import Camera

CAMERA = Camera(16, 12)
"""A camera's picture, for who puts one in front."""


def turned() -> Design:
    """The same hardware with other weights: the channels of the convolution in turned order."""
    made = design()
    conv, *others = made.qgraph.layers
    assert isinstance(conv, Conv)
    conv = replace(conv, window=conv.window[::-1])
    return fold_like(replace(made.qgraph, layers=(conv, *others)), made)


def design(order: str = "RGB") -> Design:
    """8 x 8 pixels to four classes, two of them ranked, on at most four lanes."""
    prepared = Preprocessing(order, (0.0,) * len(order), (1.0,) * len(order))
    rng = np.random.default_rng(4)
    source, target = Edge("data", 8, 8, prepared.channels), Edge("conv", 8, 8, 4, 16, True)
    numbers = np.arange(1, 5)
    conv = Conv(
        "conv",
        source,
        target,
        (1, 1),
        (1, 1, 1, 1),
        np.zeros((0, prepared.channels), np.int8),
        rng.integers(-128, 128, (4, 3, 3, prepared.channels)).astype(np.int8),
        numbers.astype(np.int32),
        (900 * numbers).astype(np.uint16),
        20,
    )
    total = Edge("pool", 1, 1, 4, 32, True)
    pool = GlobalPool("pool", target, total)
    top = TopK("top", total, Edge("results", 1, 1, 6, 32, True))
    return schedule(fold(QGraph("tiny", (conv, pool, top), prepared), lanes=4))
