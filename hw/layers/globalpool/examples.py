"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.globalpool.layer import GlobalPool
from hearth.toolchain.ir import Edge, Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws; every third sums signed 16-bit values."""
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 15, 2))
        channels, beat = int(rng.integers(1, 71)), int(rng.choice([1, 2, 4]))
        bits, signed = ((8, False), (16, False), (16, True))[count % 3]
        count += 1
        layer = GlobalPool(
            name="pool",
            source=Edge("x", height, width, channels, bits, signed),
            target=Edge("y", 1, 1, channels, 32, True),
        )
        yield layer, Fold(1, 1, beat), beat
