"""What `hearth bitstream` does for an AMD board (toolchain/bitstream/command.py calls it): Yosys's
resource counts, the Vivado project, and the bitstream where Vivado is installed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from toolchain import progress
from toolchain.amd import boards, estimate, vivado
from toolchain.amd.estimate import Resources
from toolchain.build_folder import Build

_TITLES = {"lut": "LUT", "ff": "flip-flops", "dsp": "DSP", "bram": "RAMB36", "uram": "URAM"}


def make(
    build: Build, board_name: str, output: Path, report: progress.Report = progress.silent
) -> dict[str, Any]:
    """Count, write, run. Figures: board, part, project, bitstream (None without Vivado), resources,
    limits, exceeded."""
    board = boards.find(board_name)
    report(f"Yosys: resources on {board.part} (minutes)", 0, 2)
    counted = estimate.count(build.path, board.family)
    report("Vivado project", 1, 2)
    bitstream = vivado.build_project(build, board, output)
    return {
        "board": board.name,
        "part": board.part,
        "project": str(output),
        "bitstream": str(bitstream) if bitstream else None,
        "resources": dataclasses.asdict(counted),
        "limits": dataclasses.asdict(board.limits),
        "exceeded": counted.exceeded(board.limits),
    }


def lines(figures: dict[str, Any]) -> list[str]:
    """The figures for people."""
    counted, limits = Resources(**figures["resources"]), Resources(**figures["limits"])
    text = [f"{figures['board']} ({figures['part']}), counted by Yosys before placement:"]
    for name, title in _TITLES.items():
        used, limit = getattr(counted, name), getattr(limits, name)
        over = "   too many" if name in figures["exceeded"] else ""
        text.append(f"  {title:<12}{used:>12,} of {limit:>9,}{over}")
    if figures["bitstream"]:
        return [*text, f"bitstream {figures['bitstream']}"]
    return [*text, f"Vivado is not on PATH: project left in {figures['project']}, run make there"]
