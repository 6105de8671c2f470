"""Frames as the file that a 7-series board is loaded with, made and read by Project X-Ray's tools.

xc7frames2bit lays out the packets around the frames and computes their error codes (word 50);
bitread takes a file apart again. A file is made under a private name and read back before it gets
its own: one whose frames are not those that were asked for does not appear.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hearth.toolchain.support import files, reading
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.tools import Run, first_error
from hearth.toolchain.targets.xc7 import frames as frame_texts
from hearth.toolchain.targets.xc7 import tools
from hearth.toolchain.targets.xc7.database import Database
from hearth.toolchain.targets.xc7.frames import Frames

_FRAMES, _UNPROVEN, _DUMP = "unproven.frm", "unproven.bit", "unproven.txt"
_LARGEST = 1 << 30


@dataclass(frozen=True)
class Written:
    """What a file holds, read back, without the frames that are 0; and the tools' runs."""

    frames: Frames
    runs: tuple[Run, ...]


def write(database: Database, frames: Frames, folder: Path, name: str) -> Written:
    """Make FOLDER/NAME. HearthError when a tool fails or the file does not hold the frames."""
    try:
        files.write_file(folder / _FRAMES, frame_texts.dumps(frames).encode())
        part = ["--part_file", str(database.part_file.resolve())]
        names = ["--part_name", database.part, "--output_file", _UNPROVEN]
        made = _run("xc7frames2bit", [*part, *names, "--frm_file", _FRAMES], folder)
        read = _run("bitread", [*part, "-z", "-o", _DUMP, _UNPROVEN], folder)
        held = frame_texts.read_dump(reading.text(folder / _DUMP, _LARGEST), name).nonzero()
        _compare(frames.nonzero(), held, name)
        (folder / _UNPROVEN).replace(folder / name)
    finally:
        for rest in (_FRAMES, _UNPROVEN, _DUMP):
            (folder / rest).unlink(missing_ok=True)
    return Written(held, (made, read))


def _run(tool: str, arguments: list[str], folder: Path) -> Run:
    result = tools.run(tool, arguments, folder, f"{tool}.log")
    if result.status:
        raise HearthError(f"bitstream: {first_error(result)}; see {folder / f'{tool}.log'}")
    return result


def _compare(wanted: Frames, held: Frames, name: str) -> None:
    if not np.array_equal(wanted.addresses, held.addresses):
        differing = np.setxor1d(wanted.addresses, held.addresses)
    else:
        differing = wanted.addresses[(wanted.words != held.words).any(axis=1)]
    if differing.size:
        raise HearthError(
            f"bitstream: {name} does not read back as it was written: {differing.size} of"
            f" {len(wanted.addresses)} frames, the first 0x{int(differing[0]):08X}"
        )
