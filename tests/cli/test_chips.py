"""The share of every board's chip, and frames per second at a clock that is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.toolchain.cli import chips
from hearth.toolchain.ir import QGraph
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.shares import shares
from tests.cli.test_cli import Folder, hearth
from tests.nets import tiny

__all__ = ["hearth"]
DESIGN = tiny.design()


def test_rows_are_the_targets_shares() -> None:
    rows = chips.rows(DESIGN, chips.Clock())
    assert [row["board"] for row in rows] == list(registry.boards())
    for row, share in zip(rows, shares(DESIGN), strict=True):
        assert row["fits"] is share.fits
        assert [use["share"] for use in row["uses"]] == [use.share for use in share.uses]
        usual = registry.boards()[share.board][1].mhz
        assert row["clock_mhz"] == usual
        assert row["frames_per_second"] == usual * 1e6 / DESIGN.cycles


def test_the_clock_of_the_option_wins_over_that_of_the_compilation() -> None:
    assert chips.choose(None, {}).mhz is None
    assert chips.choose(None, {"clock_mhz": None}).mhz is None
    recorded = chips.choose(None, {"clock_mhz": 60.0})
    assert (recorded.mhz, "hearth compile" in recorded.sentence) == (60.0, True)
    assert chips.choose(80, {"clock_mhz": 60.0}).sentence.endswith("80 MHz, as --clock says")
    assert all(row["clock_mhz"] == 80 for row in chips.rows(DESIGN, chips.Clock(80.0)))
    for given in (0.0, float("nan"), 9999.0):
        with pytest.raises(HearthError, match=rf"--clock {given:g}: 1 to 2,000 MHz are expected"):
            chips.choose(given, {})


def _chip(board: str, fits: bool | None) -> dict[str, Any]:
    uses = [{"share": 0.5}, {"share": 1.43}, {"share": None}]
    numbers = {"clock_mhz": 60, "frames_per_second": 9.9}
    return {"board": board, **numbers, "fits": fits, "uses": uses, "refused": ""}


def test_words_for_what_fits() -> None:
    rows = [_chip("a", True), _chip("b", False), _chip("c", None), _chip("d", True)]
    assert chips.line(rows) == "fits a, d; may fit c; too large for b"
    assert chips.line(rows[1:2]) == "too large for b"
    assert chips.notes(rows[:2]) == []
    (note,) = chips.notes(rows)
    assert note.startswith("open: ")
    cells = [list(column.cells) for column in chips.table(rows).columns]
    assert cells[-1] == ["yes", "no", "open", "yes"]
    assert [column[0] for column in cells[3:6]] == ["50%", "143%", "-"]


def test_a_network_without_classes_fits_no_board() -> None:
    """Whatever boards hold: hearth bitstream refuses it."""
    whole = DESIGN.qgraph
    layers, last = whole.layers[:1], whole.layers[0].target
    qgraph = QGraph("map", layers, whole.preprocessing, leaves=((last.name, last.name),))
    rows = chips.rows(fold(qgraph, 4), chips.Clock())
    assert {row["fits"] for row in rows} == {False}
    assert not any(row["over"] for row in rows)
    why = "boards send class scores alone, and map ends in 'conv'"
    assert chips.line(rows).startswith(f"for no board: {why}")
    assert chips.notes(rows)[0].startswith(f"no: {why}")
    assert set(list(chips.table(rows).columns)[-1].cells) == {"no"}


def test_report_and_its_json(hearth: Folder) -> None:
    figures = hearth.compiled("--fps", "500", "--clock", "50")
    assert figures["clock_mhz"] == 50
    slowest = max(row["cycles"] for row in figures["kernels"])
    (row,) = (row for row in figures["kernels"] if row["kernel"] == figures["bottleneck"])
    assert row["cycles"] == slowest
    told = json.loads(hearth("report", "x", "--json")[1])
    assert {key: told[key] for key in figures} == figures
    cycles = figures["model_cycles_per_frame"]
    assert {row["frames_per_second"] for row in told["boards"]} == {50e6 / cycles}
    status, output, _ = hearth("report", "x", "--clock", "75")
    assert status == 0
    assert "frames per second at 75 MHz, as --clock says" in output
    assert f"{50e6 / cycles:,.1f} a second at 50 MHz" in output
    for board in registry.boards():
        assert f"\n{board} " in output
    assert "--clock 0: " in hearth.refused("report", "x", "--clock", "0")


def test_compile_names_the_boards(hearth: Folder) -> None:
    status, output, _ = hearth("compile", "net.onnx", "--calibration", "photos", "-o", "x")
    assert status == 0
    assert "\nfits ulx3s-85f, " in output
