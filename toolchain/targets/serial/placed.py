"""A routed design of another build taken over: its files and figures, for new weights alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import contents, logic_roms
from hearth.toolchain.targets.target import Board, Figures, folder_of

FIGURES = "board.json"
"""What a flow found, in the board's folder."""
MAP = "roms.json"
"""Where each ROM lies in the routed design (places.py)."""


def take(build: Build, placed: Build, board: Board, names: Sequence[str]) -> Figures:
    """Copy the files `names` of the board's folder in `placed`, MAP among them, into that of
    `build`; its figures, with this build's name. HearthError when there is no routed design, or the
    hardware is not the same."""
    source, folder = folder_of(placed, board), folder_of(build, board)
    if not (source / MAP).is_file():
        raise HearthError(
            f"--placed {placed.path}: holds no routed design for {board.name}; make it with:"
            f" {advice.command('bitstream', placed.path, '--board', board.name)}"
        )
    if hardware_id(build) != hardware_id(placed):
        raise HearthError(
            f"--placed {placed.path}: its hardware is not that of {build.path} (another network,"
            " folding or scaling shift); make the bitstream without --placed"
        )
    figures: Figures = json.loads((source / FIGURES).read_text())
    _check_logic(build, source, figures.get("logic_roms", {}))
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if folder != source:
            shutil.copy(source / name, folder / name)
    told = {"build_id": f"{build_id(build):016x}", "network": build.qgraph.name, "tools": []}
    return figures | told


def _check_logic(build: Build, source: Path, kept: Mapping[str, int]) -> None:
    """HearthError when a routed design's logic was made of other ROM contents than the build's."""
    for name, text in logic_roms.in_logic(contents.images(build), kept).items():
        if (source / name).read_text() != text:
            raise HearthError(
                f"--placed: in {source} {name} is part of the logic, because block RAM ran out, and"
                f" {build.path} holds other numbers there; make the bitstream without --placed"
            )


def compared(held: Mapping[str, Array], images: Mapping[str, str]) -> list[int]:
    """How many ROMs and bits a finished file holds; HearthError names one that does not hold its
    image. `held`: bits as read back, uint8 [words, bits], by ROM name."""
    for name, bits in held.items():
        if not np.array_equal(bits, contents.read_image(images[name], bits.shape[1])):
            raise HearthError(f"bitstream: {name} does not read back as it was written")
    return [len(held), sum(bits.size for bits in held.values())]
