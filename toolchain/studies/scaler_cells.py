"""What hw/video/hearth_scaler.sv takes of an ECP5, counted by Yosys, as Markdown.

    python -m hearth.toolchain.studies.scaler_cells

A row for each camera and network, with multipliers in DSP blocks and without; the FIFO of a row and
the border that mends broken frames included. docs/results/camera.md quotes the table.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path

from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import tools
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import SOURCES, Scaler, scaler

CASES = (
    (Camera(640, 480), 256, 224),
    (Camera(640, 480), 0, 32),
)
"""Camera, the preprocessing's `resize`, side of the network's frames."""
KINDS = {
    "LUT4": r"LUT4",
    "carries": r"CCU2C",
    "flip-flops": r"TRELLIS_FF",
    "LUT RAM": r"TRELLIS_DPR16X4",
    "DP16KD": r"DP16KD",
    "MULT18X18D": r"MULT18X18D",
}
"""Columns, and the cells that each counts."""


def cells(built: Scaler, option: str = "") -> Counter[str]:
    """Cells by kind; `option` is one of synth_ecp5's. HearthError when Yosys fails."""
    given = " ".join(f"-chparam {name} {value}" for name, value in built.parameters.items())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in SOURCES:
            (folder / Path(path).name).write_text((HARDWARE / path).read_text())
        commands = (
            f"read_verilog -sv -defer {' '.join(Path(path).name for path in SOURCES)}",
            f"hierarchy -top hearth_scaler {given}",
            "rename -top scaler",
            f"synth_ecp5 {option} -top scaler",
            "tee -q -o cells.json stat -json",
        )
        result = tools.run("yosys", ["-q", "-p", "; ".join(commands)], folder, "log")
        found = folder / "cells.json"
        if result.status or not found.exists():
            raise HearthError(f"scaler: Yosys failed: {tools.first_error(result)}")
        return Counter(json.loads(found.read_text())["design"]["num_cells_by_type"])


def table() -> str:
    """Two rows per case."""
    rows = []
    for camera, resize, side in CASES:
        built = scaler(camera, Preprocessing(resize=resize), (side, side))
        name = f"{camera}, resized to {built.x.scaled}x{built.y.scaled}, middle {side}x{side}"
        for option in ("", "-nodsp"):
            found = cells(built, option)
            counts = [
                sum(count for cell, count in found.items() if re.fullmatch(kind, cell))
                for kind in KINDS.values()
            ]
            rows.append((name, *(f"{count:,}" for count in counts)))
    return lines(("camera and network", *KINDS), "l" + "r" * len(KINDS), rows)


def main() -> None:
    print(table(), end="")


if __name__ == "__main__":
    script.run(main)
