"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.addition.layer import LARGEST_FACTOR, Addition
from hearth.toolchain.ir import Edge, Fold, Layer

_SIGNS = ((False, False, False), (True, True, False), (False, True, True), (True, False, True))
"""Of both sources and the result: a bypass, a residual block with its ReLU, and others."""


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: all signs, last beats that are partly covered, results cut short, 16 bits."""
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 10, 2))
        channels, beat = int(rng.integers(1, 40)), int(rng.choice([1, 2, 4, 8]))
        signs, wide = _SIGNS[count % 4], 16 if count % 5 == 4 else 8
        edges = [Edge(n, height, width, channels, 8, s) for n, s in zip("ab", signs, strict=False)]
        top = 200 if count % 3 == 2 and not signs[2] else None
        target = Edge("sum", height, width, channels, wide, signs[2], maximum=top)
        count += 1
        shift = int(rng.integers(1, 41))
        # Sums of half the result's range, whatever the shift.
        reach = min(LARGEST_FACTOR, max(1, target.high << shift >> 9))
        factors = rng.integers(0, reach, 2, endpoint=True).astype(np.int32)
        yield Addition("addition", tuple(edges), target, factors, shift), Fold(1, 1, beat), beat
