"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers.table.layer import Table
from hearth.toolchain.ir import Array, Edge, Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: one to four tables, narrow and signed values, rows that are partly covered."""
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 15, 2))
        channels, beat = int(rng.integers(1, 40)), int(rng.choice([1, 2, 3, 4]))
        source = Edge("x", height, width, channels, *((8, False), (7, False), (5, True))[count % 3])
        target = Edge("y", height, width, channels, *((8, False), (4, False), (9, True))[count % 3])
        groups = count % 4 + 1
        count += 1
        layer = Table(
            name="table",
            source=source,
            target=target,
            tables=_entries(rng, groups, source, target),
            group=rng.integers(0, groups, channels).astype(np.int32),
        )
        yield layer, Fold(1, 1, beat), beat


def _entries(rng: np.random.Generator, groups: int, source: Edge, target: Edge) -> Array:
    """Random tables, in which 0 rarely stays 0: unused channels of a beat must still be zero."""
    shape = (groups, 1 << source.bits)
    return rng.integers(target.low, target.high, shape, endpoint=True).astype(np.int32)
