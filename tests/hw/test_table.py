"""Edges narrower than their bits, and tables: what they compute and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.table import Table
from hearth.toolchain.exports.hls4ml.lower import lower
from hearth.toolchain.ir import Edge
from hearth.toolchain.saved import qgraph_file
from hearth.toolchain.support.errors import HearthError
from tests.nets import tiny
from tests.nets.every_kind import every_kind

X, Y = Edge("x", 2, 3, 4), Edge("y", 2, 3, 4)
SQUARES = (np.arange(256)[None] ** 2 % 256).astype(np.int32)


def table(**changes: Any) -> Table:
    fields: dict[str, Any] = {
        "name": "again",
        "source": X,
        "target": Y,
        "tables": SQUARES,
        "group": np.zeros(4, np.int32),
    }
    return Table(**{**fields, **changes})


def test_each_channel_uses_its_own_table() -> None:
    both = table(tables=np.concatenate([SQUARES, SQUARES[:, ::-1]]), group=np.array([0, 1, 1, 0]))
    frames = np.arange(24, dtype=np.uint8).reshape(1, 2, 3, 4)
    wanted = np.where([True, False, False, True], frames.astype(int) ** 2, (255 - frames) ** 2)
    assert np.array_equal(both.golden(frames), wanted % 256)


def test_negative_values_are_the_upper_half() -> None:
    source = replace(X, bits=4, signed=True)
    entries = np.arange(16, dtype=np.int32)[None]
    found = table(source=source, tables=entries).golden(np.full((1, 2, 3, 4), -3, np.int8))
    assert np.all(found == 13)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"target": replace(Y, width=2)},
            "again: a table keeps the map, but (2, 3, 4) should become (2, 2, 4)",
        ),
        (
            {"tables": SQUARES[:, :99]},
            "again: 8 bits need tables of 256 entries, at most 256, found [1, 99]",
        ),
        (
            {"source": replace(X, bits=9)},
            "again: 9 bits need tables of 512 entries, at most 256, found [1, 256]",
        ),
        (
            {"group": np.array([0, 1, 0, 0])},
            "again: each of 4 channels needs one of 1 tables, found [0, 1, 0, 0]",
        ),
        (
            {"target": replace(Y, maximum=99)},
            "again: entries 0..249 do not fit 0..99",
        ),
    ],
)
def test_refusals(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(HearthError) as caught:
        table(**changes)
    assert str(caught.value) == message


def test_saved_and_read_back() -> None:
    qgraph = every_kind()[0].qgraph
    (found,) = (x for x in qgraph.layers if isinstance(x, Table))
    data = qgraph_file.dumps(qgraph)
    (again,) = (x for x in qgraph_file._loads(data, Path("x")).layers if isinstance(x, Table))
    assert np.array_equal(again.tables, found.tables)
    assert (again.source, again.target) == (found.source, found.target)


def test_an_edge_narrower_than_its_bits() -> None:
    edge = Edge("logits", 1, 1, 4, 9, True, 0.1, -100, 155)
    assert (edge.low, edge.high, edge.narrowed) == (-100, 155, True)
    assert not Edge("whole", 1, 1, 4, 9, True).narrowed
    with pytest.raises(HearthError, match="logits: 8 bits hold -128 to 127, which the range"):
        replace(edge, bits=8)


def test_hls4ml_refuses_a_narrowed_result() -> None:
    design = tiny.design()
    conv = design.qgraph.layers[0]
    clipped = replace(conv, target=replace(conv.target, maximum=99))  # type: ignore[type-var]
    with pytest.raises(HearthError, match="conv: clips at -32768 and 99, but hls4ml export can"):
        lower(replace(design.qgraph, layers=(clipped,)), design.stages[:1])
