"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.rescale.layer import Rescale
from hearth.toolchain.ir import Edge, Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: sums of 32 bits as behind a global pool, narrow streams, every rounding."""
    count = 0
    while True:
        height, width = (1, 1) if count % 2 else (int(v) for v in rng.integers(1, 9, 2))
        channels, beat = int(rng.integers(1, 40)), int(rng.choice([1, 2, 3, 4]))
        bits, signed = ((32, True), (8, False), (16, True), (12, False))[count % 4]
        low, high = ((-95, 160), (0, 255), (-7, 7), (-(1 << 31), (1 << 31) - 1))[count // 2 % 4]
        count += 1
        shift = int(rng.integers(1, 49))
        layer = Rescale(
            name="rescale",
            source=Edge("x", height, width, channels, bits, signed),
            target=Edge("y", height, width, channels, 32, True, minimum=low, maximum=high),
            multiplier=int(rng.integers(1, 1 << 24)),
            shift=shift,
        )
        yield layer, Fold(1, 1, beat), beat
