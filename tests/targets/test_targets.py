"""Families of chips: found by themselves, boards as data, shares of a chip without any tool."""

from __future__ import annotations

from dataclasses import fields

import pytest

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, registry
from hearth.toolchain.targets.ecp5 import estimate
from hearth.toolchain.targets.shares import shares
from hearth.toolchain.targets.target import Resources
from tests.nets import every_kind, tiny
from tests.places import ROOT

FOLDERS = sorted(path.parent for path in (ROOT / "toolchain/targets").glob("*/target.py"))


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
        " zcu104, zcu102, kv260, genesys2, kc705"
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
    assert found["kv260"].uses[0].used == 4 + 2  # lanes, one requantizer


def test_shares_say_what_there_is_too_little_of(monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = needs.Needs(((100_000, 300),), (), (), 90_000.0)
    monkeypatch.setattr(needs, "of", lambda design: crowded)
    found = {share.board: share for share in shares(every_kind.every_kind()[0])}
    assert (found["ulx3s-85f"].fits, found["ulx3s-85f"].over) == (False, ("LUT4", "block RAM"))
    assert (found["genesys2"].fits, found["genesys2"].over) == (False, ("RAMB36",))
    assert (found["zcu102"].fits, found["zcu102"].over) == (None, ())
