"""The memories of a build on a board, as the report page lists them: where rules put them, and the
very blocks where the design was routed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from hearth.toolchain.cli import placed
from hearth.toolchain.page import facts
from hearth.toolchain.rtl.verilog import MODEL_PREFIX
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import shortened
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.serial import places
from hearth.toolchain.targets.serial.placed import FIGURES, MAP
from hearth.toolchain.targets.target import Board, folder_of

_LARGEST = 64 << 20
_FIFO = re.compile(r"edge_(\d+)(?:_\d+)?")
"""What the network's module calls them (rtl/network.py)."""
_NAME = 80
"""Characters of a name."""


def of(build: Build, board: str) -> facts.Memories:
    """HearthError where there is no such board, or its routed design is damaged."""
    planned = placed.of(build.design, board)
    routed = _routed(build, registry.find(board)[1])
    rows = [
        facts.Memory(
            _said(build, row["memory"]),
            row["words"],
            row["bits"],
            row["kind"],
            row["blocks"],
            row["luts"],
            routed.get(MODEL_PREFIX + row["memory"], ()),
        )
        for row in planned.rows
    ]
    return facts.Memories(board, planned.lines, rows)


def _said(build: Build, name: str) -> str:
    """A memory's name, and of a FIFO what is in front of it."""
    found = _FIFO.fullmatch(name)
    if found is None:
        return name
    makers = ("the input", *(stage.layer.name for stage in build.design.stages))
    return f"{name} (FIFO behind {shortened(makers[int(found[1])], _NAME)})"


def _routed(build: Build, board: Board) -> Mapping[str, Sequence[str]]:
    """Names of the blocks of each ROM, where this very build was routed for the board."""
    folder = folder_of(build, board)
    figures, map_of_roms = folder / FIGURES, folder / MAP
    if not (figures.is_file() and map_of_roms.is_file()):
        return {}
    try:
        known = json.loads(reading.content(figures, _LARGEST))["build_id"]
        found = places.loads(reading.content(map_of_roms, _LARGEST).decode())
    except (AttributeError, LookupError, TypeError, ValueError):
        raise HearthError(
            f"{folder}: damaged (it does not describe a routed design); make the bitstream again"
        ) from None
    same = known == f"{build_id(build):016x}"
    return {name: place.blocks for name, place in found.items()} if same else {}
