"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.gating.layer import LARGEST_FACTOR, Gating
from hearth.toolchain.ir import Edge, Fold, Layer

_SIGNS = ((False, False, False), (True, False, True), (False, True, True), (True, True, True))
"""Of both sources and the result: a gate of a rectified map, of a signed one, and others."""


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: all signs, gates of one beat and of many, two maps of one size, maps of one
    pixel, last beats that are partly covered, results cut short, 16 bits."""
    count = 0
    while True:
        height, width = (1, 1) if count % 8 == 7 else (int(v) for v in rng.integers(2, 10, 2))
        channels = 1 if count % 5 == 1 else int(rng.integers(2, 40))
        beat = int(rng.choice([1, 2, 4, 8]))
        signs, wide = _SIGNS[count % 4], 16 if count % 5 == 4 else 8
        gate = (height, width) if count % 3 == 2 else (1, 1)
        inputs = (
            Edge("a", height, width, channels, 8, signs[0]),
            Edge("b", *gate, channels, 8, signs[1]),
        )
        top = 200 if count % 3 == 2 and not signs[2] else None
        target = Edge("product", height, width, channels, wide, signs[2], maximum=top)
        count += 1
        shift = int(rng.integers(1, 41))
        # Products of half the result's range, whatever the shift.
        reach = min(LARGEST_FACTOR, max(1, target.high << shift >> 15))
        factor = int(rng.integers(1, reach, endpoint=True))
        yield Gating("gating", inputs, target, factor, shift), Fold(1, 1, beat), beat
