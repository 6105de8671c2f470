"""Random layers of this kind for the contract tests, corner cases first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.hw.layers import draws
from hearth.hw.layers.maxpool.layer import MaxPool
from hearth.toolchain.ir import Fold, Layer, Windows


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: 3x3/2 with floor and ceil first, then any window, stride and padding."""
    count = 0
    while True:
        kernel, strides = (3, 3), (2, 2)
        if count > 1:
            kernel, strides = draws.pair(rng, 1, 4), draws.pair(rng, 1, 4)
        pads = draws.pads(rng, min(kernel)) if count > 3 else (0, 0, 0, 0)
        height, width = (int(v) for v in rng.integers(1, 21, 2))
        rows, columns = Windows(kernel, strides, (1, 1), pads).count((height, width))
        if count % 2:  # ceil mode keeps a partly covered window
            rows += (height + pads[0] + pads[2] - kernel[0]) % strides[0] > 0
            columns += (width + pads[1] + pads[3] - kernel[1]) % strides[1] > 0
        channels = int(rng.integers(1, 71))
        beat = int(rng.choice([1, 2, 4]))
        starts_inside = (rows - 1) * strides[0] < height + pads[0] and (columns - 1) * strides[
            1
        ] < width + pads[1]
        if min(rows, columns) < 1 or not starts_inside:
            continue
        count += 1
        source = draws.source(rng, height, width, channels)
        layer = MaxPool(
            name="pool",
            source=source,
            target=source.carried("y", (rows, columns, channels)),
            kernel_size=kernel,
            strides=strides,
            pads=pads,
        )
        yield layer, Fold(1, 1, beat), beat
