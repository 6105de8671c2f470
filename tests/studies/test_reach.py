"""The table of lanes and boards: its products are counted, its rows are foldings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.hw.layers.conv import Conv
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.studies import embedded, reach
from tests.nets import tiny


def test_padding_is_left_out() -> None:
    """8 x 8 pixels, 3 x 3 windows with a border of one: 22 x 22 taps inside instead of 24 x 24."""
    qgraph = tiny.design().qgraph
    assert qgraph.macs == 24 * 24 * 3 * 4
    assert reach.without_padding(qgraph) == 22 * 22 * 3 * 4


def test_zeros_that_nobody_counted_are_multiplied() -> None:
    qgraph = embedded.design().qgraph
    empty = {
        layer.name: replace(layer, live=np.full(3, layer.source.pixels, np.uint32))
        for layer in qgraph.weighted
        if isinstance(layer, Conv) and len(layer.live)
    }
    seen = replace(qgraph, layers=tuple(empty.get(layer.name, layer) for layer in qgraph.layers))
    skipping, every = fold(seen, 200), fold(reach.dense(seen), 200)
    assert any(stage.fold.skips for stage in skipping.stages)
    assert not any(stage.fold.skips for stage in every.stages)
    assert every.cycles == fold(qgraph, 200).cycles


def test_rows_are_foldings() -> None:
    """With too few lanes there is none; a board's cell is its clock by the cycles, or what it has
    too little of."""
    qgraph = embedded.design().qgraph
    rows = list(reach.rows(qgraph, (4, 248, 3_000)))
    assert [row[0] for row in rows] == ["248", "3,000"]
    made = embedded.design()
    lanes, before, cycles, found, *_ = rows[0]
    assert (lanes, before, cycles) == ("248", f"{made.cycles:,}", f"{made.cycles:,}")
    assert found == f"{made.lanes:,}"
    assert rows[0][-4] == f"{200e6 / made.cycles:,.0f}"
    assert "RAMB36" in rows[1][-2]
    assert len({len(row) for row in rows}) == 1
    assert reach.table(qgraph, (248,)).count("\n") == 3
