"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.topk.layer import TopK
from hearth.toolchain.ir import Edge, Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws; contract tests feed few distinct values too, so that ties are common."""
    while True:
        classes = int(rng.integers(1, 71))
        best = min(int(rng.integers(1, 6)), classes)
        layer = TopK(
            name="topk",
            source=Edge("x", 1, 1, classes, 32, True),
            target=Edge("y", 1, 1, classes + best, 32, True),
        )
        yield layer, Fold(1, 1, 1), int(rng.choice([1, 2, 4]))
