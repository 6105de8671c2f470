"""Windows on maps: which lie where, against counting tap by tap."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.hw.layers import draws
from hearth.toolchain.ir import Windows


@pytest.mark.parametrize("seed", range(200))
def test_taps_are_where_counting_finds_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kernel, strides, dilations = (draws.pair(rng, 1, 5) for _ in range(3))
    windows = Windows(kernel, strides, dilations, draws.pads(rng, 9))
    size = draws.pair(rng, 1, 9)
    top, left, bottom, right = windows.pads
    found = []
    for y in range(0, size[0] + top + bottom - windows.extent[0] + 1, strides[0]):
        row = []
        for x in range(0, size[1] + left + right - windows.extent[1] + 1, strides[1]):
            taps = [(y + dy - top, x + dx - left) for dy, dx in windows.offsets]
            row.append([t if 0 <= t[0] < size[0] and 0 <= t[1] < size[1] else None for t in taps])
        found.append(row)
    rows, columns = windows.count(size)
    if not found or not found[0]:
        assert rows < 1 or columns < 1
        return
    assert (rows, columns) == (len(found), len(found[0]))
    narrow = all(p < e for p, e in zip(windows.pads, windows.extent * 2, strict=True))
    inside = all(any(tap is not None for tap in taps) for row in found for taps in row)
    assert windows.skippable(size) == (narrow and inside)
    maps = rng.integers(1, 9, (1, *size, 1))
    seen = windows.columns(maps, (rows, columns))[0, ..., 0]
    wanted = [[[0 if t is None else maps[0, *t, 0] for t in taps] for taps in row] for row in found]
    assert seen.tolist() == wanted
