"""What `hearth bitstream` does for an AMD board (toolchain/cli/bitstream.py calls it): Yosys's
resource counts, the Vivado project, and the bitstream where Vivado is installed."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Any

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.target import Board, Resources
from hearth.toolchain.targets.xilinx import counts, vivado
from hearth.toolchain.targets.xilinx.estimate import UNITS

_ADVICE = dict.fromkeys(("lut", "ff", "dsp"), "fewer --lanes") | {
    "bram": "fewer --weight-bits, or another number of --lanes (shapes of ROMs)"
}
_CLOCKS = (10.0, 500.0)
"""MHz; anything else is taken for a slip. What a network reaches is for Vivado to say."""


def make(
    build: Build,
    board: Board,
    output: Path,
    clock_mhz: float | None = None,
    report: progress.Report = progress.silent,
) -> dict[str, Any]:
    """Write, count, run. Figures: board, part, clock_mhz, project, bitstream (None without Vivado),
    resources, limits, exceeded. `clock_mhz` replaces the board's usual clock."""
    board = at(board, clock_mhz)
    report("Vivado project", 0, 2)
    vivado.write_project(build, board, output)
    report(f"Yosys: resources on {board.part} (minutes)", 1, 2)
    counted = counts.of(build, board.options["family"])
    bitstream = vivado.run(output, report)
    return {
        "board": board.name,
        "part": board.part,
        "clock_mhz": board.mhz,
        "project": str(output),
        "bitstream": str(bitstream) if bitstream else None,
        "resources": dataclasses.asdict(counted),
        "limits": dataclasses.asdict(board.limits),
        "exceeded": counted.exceeded(board.limits),
    }


def at(board: Board, clock_mhz: float | None) -> Board:
    """The board, with another clock in MHz where one is given."""
    if clock_mhz is None:
        return board
    if not _CLOCKS[0] <= clock_mhz <= _CLOCKS[1]:
        raise HearthError(
            f"--clock: {clock_mhz:g} MHz is no clock for {board.name}; expected"
            f" {_CLOCKS[0]:g} to {_CLOCKS[1]:g}"
        )
    return dataclasses.replace(board, mhz=clock_mhz)


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures for people."""
    counted, limits = Resources(**figures["resources"]), Resources(**figures["limits"])
    text = [
        f"{figures['board']} ({figures['part']}), {figures['clock_mhz']:g} MHz asked for;"
        " counted by Yosys before placement, AXI border included, Vivado's own cores not:"
    ]
    for name, title in UNITS.items():
        used, limit = getattr(counted, name), getattr(limits, name)
        over = "   too many" if name in figures["exceeded"] else ""
        text.append(f"  {title:<12}{used:>12,} of {limit:>9,}{over}")
    if figures["exceeded"]:
        advice = [_ADVICE[name] for name in figures["exceeded"] if name in _ADVICE]
        text.append(f"too large for {figures['part']}: {', '.join(dict.fromkeys(advice))}")
    if figures["bitstream"]:
        return [*text, f"bitstream {figures['bitstream']}"]
    return [*text, f"Vivado is not on PATH: no bitstream, project left in {figures['project']}"]


def next_step(figures: dict[str, Any]) -> str:
    """What was made, and how to go on."""
    if figures["bitstream"]:
        return f"made {figures['bitstream']}; next: {figures['project']}/README.md, how to use it"
    project = figures["project"]
    build = shlex.join(["make", "-C", project])
    return f"made {project}; next, where Vivado is installed: {build}"
