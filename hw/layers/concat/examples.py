"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.concat.layer import Concat
from hearth.toolchain.ir import Edge, Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: two to five sources, signed ones, a last beat that is partly covered."""
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 9, 2))
        beat, signed = int(rng.choice([1, 2, 4])), count % 3 == 1
        channels = [int(n) * beat for n in rng.integers(1, 7, count % 4 + 2)]
        channels[-1] = int(rng.integers(1, 20))
        count += 1
        edges = [Edge(f"x{i}", height, width, n, 8, signed) for i, n in enumerate(channels)]
        target = Edge("y", height, width, sum(channels), 8, signed)
        yield Concat("concat", tuple(edges), target), Fold(1, 1, beat), beat
