"""Places of block RAMs of half a size on a 7-series part."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from hearth.toolchain.targets.xc7 import halves
from hearth.toolchain.targets.xc7.database import Database

COLUMNS, ROWS = 2, 10
PLACES = COLUMNS * ROWS


def chip() -> Database:
    """Twenty places in two columns, and a tile of another kind."""
    grid: dict[str, Any] = {
        f"BRAM_{'LR'[x]}_X{x}Y{5 * y}": {
            "type": f"BRAM_{'LR'[x]}",
            "grid_x": 7 + 9 * x,
            "grid_y": y,
        }
        for x in range(COLUMNS)
        for y in range(ROWS)
    }
    grid["DSP_R_X9Y0"] = {"type": "DSP_R", "grid_x": 50, "grid_y": 0}
    return Database(Path("database"), "part", "fabric", grid)


def cells(wholes: int, halved: int) -> dict[str, str]:
    named = {f"w{i:02}": "RAMB36E1" for i in range(wholes)}
    return named | {f"h{i:02}": "RAMB18E1" for i in range(halved)} | {"f": "FDRE"}


def test_where_places_are_many_nothing_is_fixed() -> None:
    assert halves.fixed(cells(12, 7), chip()) == {}


def test_pairs_get_places_of_their_own() -> None:
    """Fifteen whole ones and nine halves, which are five pairs: twenty places of twenty."""
    fixed = halves.fixed(cells(15, 9), chip())
    assert sorted(fixed) == [f"h{i:02}" for i in range(9)]
    assert len(set(fixed.values())) == 9
    tiles = [place.split("/")[0] for place in fixed.values()]
    assert tiles[0::2][:4] == tiles[1::2]
    assert len(set(tiles)) == 5
    assert fixed["h00"] == "X7Y0/RAMB18_X0Y0.RAMB18E1"
    assert fixed["h01"] == "X7Y0/RAMB18_X0Y1.RAMB18E1"
    assert fixed["h08"] == "X16Y6/RAMB18_X0Y0.RAMB18E1"


def test_the_script_sets_each_place() -> None:
    told: dict[str, tuple[str, str]] = {}

    class Cell:
        def __init__(self, name: str) -> None:
            self.name = name

        def setAttr(self, key: str, value: str) -> None:  # noqa: N802 (nextpnr's name)
            told[self.name] = (key, value)

    fixed = {"u_net.it's": "X7Y0/RAMB18_X0Y0.RAMB18E1"}
    context = cast(Any, SimpleNamespace(cells={name: Cell(name) for name in fixed}))
    exec(halves.script(fixed.items()), {"ctx": context})
    assert told == {name: ("BEL", place) for name, place in fixed.items()}
