"""The flow: a Vivado project below the build, Yosys's counts, and Vivado where it is installed."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files, json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial.placed import FIGURES
from hearth.toolchain.targets.target import Board, Figures, folder_of
from hearth.toolchain.targets.xilinx import counts, project, video
from hearth.toolchain.video.scaler import Scaler

_CLOCKS = (10.0, 500.0)
"""MHz; anything else is taken for a slip. What a network reaches is for Vivado to say."""


def make(
    build: Build,
    board: Board,
    mhz: float | None = None,
    report: progress.Report = progress.silent,
    camera: Scaler | None = None,
) -> Figures:
    """Write, count, run. Figures, which stay in the project as FIGURES, too: board, build_id, part,
    clock_mhz, project, bitstream (None without Vivado), resources, limits, exceeded, load_bytes
    (for UltraRAM), video (with a camera alone). `mhz` replaces the usual clock."""
    board, output = at(board, mhz), folder_of(build, board)
    report("Vivado project", 0, 2)
    write_project(build, board, output, camera)
    report(f"Yosys: resources on {board.part} (minutes)", 1, 2)
    plan = project.planned(build, board, camera)
    counted = counts.of(build, board.options["family"], plan=plan, camera=camera)
    bitstream = run(output, report)
    figures = {
        "board": board.name,
        "build_id": f"{build_id(build):016x}",
        "part": board.part,
        "clock_mhz": board.mhz,
        "project": str(output),
        "bitstream": str(bitstream) if bitstream else None,
        "resources": dataclasses.asdict(counted),
        "limits": dataclasses.asdict(board.limits),
        "exceeded": counted.exceeded(board.limits),
        "load_bytes": plan.load_bytes,
        **({} if camera is None else {"video": video.told(camera)}),
    }
    files.write_file(output / FIGURES, (json_text.dumps(figures, indent=1) + "\n").encode())
    return figures


def at(board: Board, mhz: float | None) -> Board:
    """The board, with another clock in MHz where one is given."""
    if mhz is None:
        return board
    if not _CLOCKS[0] <= mhz <= _CLOCKS[1]:
        raise HearthError(
            f"--clock: {mhz:g} MHz is no clock for {board.name}; expected"
            f" {_CLOCKS[0]:g} to {_CLOCKS[1]:g}"
        )
    return dataclasses.replace(board, mhz=mhz)


def write_project(build: Build, board: Board, output: Path, camera: Scaler | None = None) -> None:
    """Create or replace the project's folder."""
    files.write_folder(output, project.project(build, board, camera), project.MARKER)


def run(output: Path, report: progress.Report = progress.silent) -> Path | None:
    """Run Vivado on a written project when it is on PATH; the bitstream, or None without it.

    HearthError when Vivado fails, naming its log.
    """
    if shutil.which("vivado") is None:
        return None
    report("Vivado: synthesis, placement and routing, hours", 0, 0)
    log = output / "build.log"
    with log.open("w") as stream:
        result = subprocess.run(
            ["make"], cwd=output, stdout=stream, stderr=subprocess.STDOUT, check=False
        )
    bitstream = output / f"{project.NAME}.bit"
    if result.returncode or not bitstream.exists():
        raise HearthError(f"{output}: Vivado failed, its messages are in {log}")
    return bitstream
