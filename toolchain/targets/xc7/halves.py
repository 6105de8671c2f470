"""Where RAMB18s lie in a design that needs nearly every place of a part's block RAM.

    a place   one RAMB36, or two RAMB18: Y0 and Y1

nextpnr's legaliser gives each cell a place at random and moves those of its own kind aside, but
never a RAMB18 for a RAMB36. Where there are not places enough for every RAMB18 to be alone, it
does not come to an end. Then pairs of them, which follow one another by name and so mostly belong
to one kernel or to neighbours, are put into places of their own before placement, spread evenly
over the part; all that they are connected to is drawn to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from hearth.toolchain.targets.xc7.database import Database

WHOLE, HALF = "RAMB36E1", "RAMB18E1"
SCRIPT = "places.py"
FULLEST = 0.95
"""Share of a part's places up to which the legaliser may do as it likes."""
_TILES = ("BRAM_L", "BRAM_R")


def fixed(cells: Mapping[str, str], chip: Database) -> dict[str, str]:
    """nextpnr's name of the place of each RAMB18 that is given one, by its cell: none where all
    find places anyway. `cells` are types by name."""
    wholes, halves = (sorted(n for n, kind in cells.items() if kind == k) for k in (WHOLE, HALF))
    places = block_places(chip)
    if len(wholes) + len(halves) <= FULLEST * len(places):
        return {}
    pairs = [halves[index : index + 2] for index in range(0, len(halves), 2)]
    spread = (places[index * len(places) // len(pairs)] for index in range(len(pairs)))
    return {
        name: f"X{x}Y{y}/RAMB18_X0Y{half}.RAMB18E1"
        for (x, y), pair in zip(spread, pairs, strict=True)
        for half, name in enumerate(pair)
    }


def block_places(chip: Database) -> list[tuple[int, int]]:
    """Column and row in the part's grid of every place, column by column."""
    tiles = (tile for tile in chip.grid.values() if tile["type"] in _TILES)
    return sorted((int(tile["grid_x"]), int(tile["grid_y"])) for tile in tiles)


def types(netlist: Path, top: str) -> dict[str, str]:
    """Types of the block RAMs in the module `top` of the JSON file that Yosys wrote, by name."""
    cells = json.loads(netlist.read_text())["modules"][top]["cells"]
    return {name: cell["type"] for name, cell in cells.items() if cell["type"] in (WHOLE, HALF)}


def script(places: Iterable[tuple[str, str]]) -> str:
    """What nextpnr runs before it places (its attribute BEL in the netlist would stop its pass over
    pins)."""
    lines = (f"ctx.cells[{name!r}].setAttr('BEL', {place!r})\n" for name, place in places)
    return "# Places of block RAMs of half a size.\n" + "".join(lines)
