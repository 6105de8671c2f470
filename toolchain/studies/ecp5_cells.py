"""Cells that Yosys makes of a hand-written block on an ECP5."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import tools

KINDS = {
    "LUT4": r"LUT4",
    "carries": r"CCU2C",
    "flip-flops": r"TRELLIS_FF",
    "LUT RAM": r"TRELLIS_DPR16X4",
    "DP16KD": r"DP16KD",
    "MULT18X18D": r"MULT18X18D",
}
"""Columns, and the cells that each counts."""


def counts(
    top: str,
    sources: Sequence[str],
    parameters: Mapping[str, int],
    option: str = "",
    roms: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Cells of every column, as a table shows them.

    `sources` are files below hw/, `option` is one of synth_ecp5's, `roms` the texts of files that
    the block reads. HearthError when Yosys fails.
    """
    given = " ".join(f"-chparam {name} {value}" for name, value in parameters.items())
    texts = {Path(path).name: (HARDWARE / path).read_text() for path in sources}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in (texts | dict(roms or {})).items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        commands = (
            f"read_verilog -sv -defer {' '.join(texts)}",
            f"hierarchy -top {top} {given}",
            "rename -top counted",
            f"synth_ecp5 {option} -top counted",
            "tee -q -o cells.json stat -json",
        )
        result = tools.run("yosys", ["-q", "-p", "; ".join(commands)], folder, "log")
        found = folder / "cells.json"
        if result.status or not found.exists():
            raise HearthError(f"{top}: Yosys failed: {tools.first_error(result)}")
        cells = Counter(json.loads(found.read_text())["design"]["num_cells_by_type"])
    return tuple(
        f"{sum(count for cell, count in cells.items() if re.fullmatch(kind, cell)):,}"
        for kind in KINDS.values()
    )
