"""The bound behind the decision against shared tiles: right where it can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv
from hearth.toolchain.ir import Edge
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.studies import embedded, last_tile


def pointwise(inputs: int, outputs: int, size: int) -> Conv:
    """A 1x1 convolution."""
    source, target = Edge("data", size, size, inputs), Edge("out", size, size, outputs)
    window = np.ones((outputs, 1, 1, inputs), np.int8)
    numbers = np.zeros(outputs, np.int32), np.ones(outputs, np.uint16)
    none = np.zeros((0, inputs), np.int8)
    return Conv("conv", source, target, (1, 1), (0, 0, 0, 0), none, window, *numbers, 8)


def test_a_rest_is_shared_by_as_many_pixels_as_fit() -> None:
    """5 channels on 4 lanes: a full tile for each of 36 pixels and a last one, which 4 pixels could
    share; on 2 lanes two of them could."""
    layer = pointwise(1, 5, 6)
    counts = {most: dict.fromkeys((2, 4), 10**6) for most in (1, 2, 4)}
    for most, fewest in counts.items():
        for cycles, lanes in last_tile.choices(layer, most):
            if lanes in fewest:
                fewest[lanes] = min(fewest[lanes], cycles)
    assert counts == {
        1: {2: 3 * 36, 4: 2 * 36},
        2: {2: 2 * 36 + 18, 4: 36 + 18},
        4: {2: 2 * 36 + 18, 4: 36 + 9},
    }


@pytest.mark.parametrize("lanes", [64, 248])
def test_a_folding_is_never_better_than_the_bound(lanes: int) -> None:
    made = fold(embedded.design().qgraph, lanes)
    row = last_tile.table(made.qgraph, [lanes]).splitlines()[-1]
    alone, shared = (int(cell.replace(",", "")) for cell in row.split("|")[2:4])
    assert shared <= alone <= made.cycles <= 1.1 * alone
