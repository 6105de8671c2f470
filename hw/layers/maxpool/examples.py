"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.maxpool.layer import MaxPool
from hearth.toolchain.ir import Fold, Layer


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: 3x3/2 with floor and ceil first, then any window, stride and padding."""
    count = 0
    while True:
        kernel_size, stride = (3, 2) if count < 2 else (int(v) for v in rng.integers(1, 4, 2))
        pads = draws.pads(rng, kernel_size) if count > 3 else (0, 0, 0, 0)
        height, width = (int(v) for v in rng.integers(1, 21, 2))
        extra = stride - 1 if count % 2 else 0  # ceil mode keeps a partly covered window
        rows = (height + pads[0] + pads[2] - kernel_size + extra) // stride + 1
        columns = (width + pads[1] + pads[3] - kernel_size + extra) // stride + 1
        channels = int(rng.integers(1, 71))
        beat = int(rng.choice([1, 2, 4]))
        starts_inside = (rows - 1) * stride < height + pads[0] and (
            columns - 1
        ) * stride < width + pads[1]
        if min(rows, columns) < 1 or not starts_inside:
            continue
        count += 1
        source = draws.source(rng, height, width, channels)
        layer = MaxPool(
            name="pool",
            source=source,
            target=source.carried("y", (rows, columns, channels)),
            kernel_size=kernel_size,
            stride=stride,
            pads=pads,
        )
        yield layer, Fold(1, 1, beat), beat
