"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.border.layer import Border
from hearth.toolchain.ir import Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws of maps, pads and pixel values."""
    while True:
        height, width = (int(v) for v in rng.integers(1, 21, 2))
        pads = draws.pads(rng, 4)
        channels, beat = int(rng.integers(1, 20)), int(rng.choice([1, 2, 3]))
        source = draws.source(rng, height, width, channels)
        sides = (height + pads[0] + pads[2], width + pads[1] + pads[3])
        values = rng.integers(source.low, source.high, channels, endpoint=True)
        layer = Border(
            name="border",
            source=source,
            target=source.carried("y", (*sides, channels)),
            pads=pads,
            values=values.astype(source.dtype),
        )
        yield layer, Fold(1, 1, beat), beat
