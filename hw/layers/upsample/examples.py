"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.upsample.layer import Upsample
from hearth.toolchain.ir import Fold, Layer

_FACTORS = ((2, 2), (1, 3), (3, 1), (2, 1), (1, 1))


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: both axes, either alone, none; pixels and rows of one beat and of more."""
    count = 0
    while True:
        factors = _FACTORS[count] if count < len(_FACTORS) else draws.pair(rng, 1, 5)
        height, width = (int(v) for v in rng.integers(1, 9, 2))
        width = 1 if count % 4 == 2 else width
        beat = int(rng.choice([1, 2, 3, 4]))
        channels = int(rng.integers(1, 3)) * beat if count % 3 == 2 else int(rng.integers(1, 30))
        count += 1
        source = draws.source(rng, height, width, channels)
        shape = (height * factors[0], width * factors[1], channels)
        target = source.carried("y", shape)
        yield Upsample("upsample", source, target, factors), Fold(1, 1, beat), beat
