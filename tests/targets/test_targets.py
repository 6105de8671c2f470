"""Families of chips: found by themselves, boards as data, shares of a chip without any tool."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from hearth.toolchain import targets as package
from hearth.toolchain.cli import boards as listing
from hearth.toolchain.cli.bitstream import Placement, bitstream
from hearth.toolchain.cli.program import program
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, part, registry
from hearth.toolchain.targets.ecp5 import estimate
from hearth.toolchain.targets.shares import shares
from hearth.toolchain.targets.target import Resources
from tests.nets import every_kind, tiny
from tests.places import ROOT

FOLDERS = sorted(path.parent for path in (ROOT / "toolchain/targets").glob("*/target.py"))
FILES = ("boards", "border", "estimate", "flow", "pins", "project", "report", "target")


def test_every_folder_is_a_target() -> None:
    assert [target.name for target in registry.targets()] == [path.name for path in FOLDERS]
    assert registry.DEFAULT in registry.boards()


def test_boards_are_whole_and_have_names_of_their_own() -> None:
    every = [board for target in registry.targets() for board in target.boards]
    assert len({board.name for board in every}) == len(every) == len(registry.boards())
    for target in registry.targets():
        assert set(target.units) <= {item.name for item in fields(Resources)}
        for board in target.boards:
            assert None not in (board.limits.lut, board.limits.ff)
            assert board.mhz > 0
            assert target.usable(board).exceeded(board.limits) == []


def test_unknown_board_lists_all() -> None:
    with pytest.raises(HearthError) as caught:
        registry.find("ulx4")
    assert str(caught.value) == (
        "--board: no board is called 'ulx4'; known are ulx3s-85f, ulx3s-45f, ecpix5-85f,"
        " nexys-video, arty-a7-100t, zcu104, zcu102, kv260, genesys2, kc705"
    )


def test_what_is_not_known_exceeds_nothing() -> None:
    limits = Resources(lut=10, ff=10, dsp=10, bram=4)
    assert Resources(lut=None, ff=11, dsp=10, bram=4.5).exceeded(limits) == ["ff", "bram"]


def test_shares_of_every_board() -> None:
    found = {share.board: share for share in shares(tiny.design())}
    assert list(found) == list(registry.boards())
    small = found["ulx3s-45f"]
    assert (small.fits, small.over, small.part) == (True, (), "LFE5U-45F")
    asked = estimate.of(tiny.design(), registry.find("ulx3s-45f")[1])
    assert [(use.name, use.used, use.available) for use in small.uses] == [
        ("DSP", asked.dsp, 72),
        ("block RAM", asked.bram, 108),
        ("LUT4", asked.lut, 43_848),
    ]
    # Nobody models the LUTs of AMD's parts: enough of the rest is not a promise.
    assert found["kv260"].fits is None
    assert [use.share for use in found["kv260"].uses][2] is None
    assert found["kv260"].uses[0].used == 2 + 1  # lanes, two a DSP; one requantizer


def test_shares_say_what_there_is_too_little_of(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = needs.Needs((needs.Stored(100_000, 300, rom="huge"),), (), (), 90_000.0)
    monkeypatch.setattr(needs, "of", lambda design: crowded)
    found = {share.board: share for share in shares(every_kind.every_kind()[0])}
    assert (found["ulx3s-85f"].fits, found["ulx3s-85f"].over) == (False, ("LUT4", "block RAM"))
    assert (found["genesys2"].fits, found["genesys2"].over) == (False, ("RAMB36",))
    assert (found["zcu102"].fits, found["zcu102"].over) == (None, ())


def test_the_list_of_boards(capsys: pytest.CaptureFixture[str]) -> None:
    listing.boards(names=True)
    assert capsys.readouterr().out.split() == list(registry.boards())
    listing.boards(group_of="kv260")
    assert capsys.readouterr().out == "xilinx\n"
    listing.boards(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [row["board"] for row in told["boards"]] == list(registry.boards())
    assert told["boards"][0] | {"chip": "LFE5U-85F", "group": "ecp5"} == told["boards"][0]
    listing.boards()
    table = capsys.readouterr().out.splitlines()
    assert max(map(len, table)) <= 80
    for line, (name, (target, board)) in zip(table[1:], registry.boards().items(), strict=False):
        assert [name, board.part, target.group] == [*line.split()[:2], line.split()[-1]]
    with pytest.raises(HearthError, match="--names, --group-of and --json: each is an output"):
        listing.boards(names=True, as_json=True)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_folders_have_the_same_files_for_the_same_things(folder: Path) -> None:
    assert not [name for name in FILES if not (folder / f"{name}.py").is_file()]


def test_a_family_is_added_by_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found, listed, estimated and asked, with nothing else touched."""
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "__init__.py").touch()
    (tmp_path / "paper" / "target.py").write_text(PAPER)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    registry.targets.cache_clear()
    try:
        target, board = registry.find("drawing")
        assert target.name == "paper"
        share = next(share for share in shares(tiny.design()) if share.board == board.name)
        assert (share.fits, share.over) == (False, ("sheets",))
        with pytest.raises(HearthError, match=r"--live: .*; drawing is placed by a pencil"):
            bitstream(tmp_path, "drawing", placement=Placement(live=True))
        with pytest.raises(HearthError, match="program: drawing is loaded with a printer"):
            program(tmp_path, "drawing")
    finally:
        registry.targets.cache_clear()
        sys.modules.pop("hearth.toolchain.targets.paper.target", None)
        sys.modules.pop("hearth.toolchain.targets.paper", None)


PAPER = """
from hearth.toolchain.targets.target import Board, Resources, Target


class Paper(Target):
    name = title = "paper"
    tools = placer = "a pencil"
    loader, loads, group = "a printer", False, "plot"
    boards = (Board("drawing", "A drawing", "A4", Resources(9, 9, dsp=1, bram=9), 1),)
    units = {"lut": "lines", "dsp": "sheets", "bram": "boxes"}

    def estimate(self, needs, board):
        return Resources(1, None, dsp=needs.lanes, bram=0)

    def project(self, build, board, wish):
        return {}

    def run(self, build, board, wish, report):
        return {}

    def lines(self, figures):
        return []

    def made(self, figures, build):
        return None

    def load(self, build, board):
        pass


TARGET = Paper()
"""


def test_a_part_is_a_board_without_its_family() -> None:
    """What is over is what the family says, of fewer LUTs than there are."""
    design, _ = every_kind.every_kind()
    found = part.find("ulx3s-85f")
    target, board = registry.find("ulx3s-85f")
    assert (found.board, found.name, found.mhz) == (board.name, board.part, board.mhz)
    assert found.over(design) == []
    few = replace(board, limits=replace(board.limits, bram=0))
    assert "block RAM of 0" in part.over(target, few, design)[0]
    taken = estimate.of(design, board).lut or 0
    tight = replace(board, limits=replace(board.limits, lut=int(1.05 * taken / 0.85)))
    assert part.over(target, tight, design) == []
    (lacking,) = part.over(target, part.roomy(tight), design)
    assert lacking.startswith(f"{taken:,} LUT4 of ")
    assert part.find("arty-a7-100t").over(design) == []
    with pytest.raises(HearthError, match=r"zcu104: .* take one of ulx3s-85f, .*, arty-a7-100t$"):
        part.find("zcu104")
