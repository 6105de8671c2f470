"""What `hearth compile` leaves behind, and how every other command finds it again.

hearth.json      marks the folder as ours; name, figures of the compilation
network.qgraph   the integer network (qgraph_file.py)
design.json      folding and FIFO depths (design_file.py)
model.onnx       the float model, input size fixed, for `hearth eval`
rtl/ rom/        hardware and its memory images (passes/emit.py)
sim/             simulators built later (sim/); kept when the folder is compiled again
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchain import advice, design_file, files, json_text, qgraph_file
from toolchain.errors import HearthError
from toolchain.ir import Design, QGraph

MARKER = "hearth.json"
NETWORK = "network.qgraph"
DESIGN = "design.json"
MODEL = "model.onnx"
KEEP = ("sim",)
VERSION = 1


@dataclass(frozen=True, eq=False)
class Build:
    """A build folder, read back."""

    path: Path
    design: Design
    figures: Mapping[str, Any]

    @property
    def qgraph(self) -> QGraph:
        return self.design.qgraph

    @property
    def model(self) -> Path:
        return self.path / MODEL

    def rtl(self) -> dict[str, str]:
        """The RTL by path in the folder."""
        return {f"rtl/{path.name}": path.read_text() for path in (self.path / "rtl").iterdir()}


def check(path: Path) -> None:
    """Raise HearthError now if `write` would refuse this target later."""
    files.check_folder(path, MARKER)


def write(
    path: Path,
    design: Design,
    model: bytes,
    emitted: Mapping[str, str | bytes],
    figures: Mapping[str, Any],
) -> None:
    """Create or replace a build folder."""
    content: dict[str, str | bytes] = {
        MARKER: json_text.dumps({"version": VERSION, "figures": dict(figures)}, indent=1) + "\n",
        NETWORK: qgraph_file.dumps(design.qgraph),
        DESIGN: design_file.dumps(design),
        MODEL: model,
        **emitted,
    }
    files.write_folder(path, content, MARKER, KEEP)


def load(path: Path) -> Build:
    """Read a build folder; HearthError when it is not one."""
    marker = path / MARKER
    if not os.path.isfile(marker):  # unlike Path.is_file, false for a name that is too long
        raise HearthError(
            f"{path}: not a Hearth build folder; make one with:"
            f" {advice.command('compile', 'MODEL', '-o', path)}"
        )
    try:
        content = json.loads(marker.read_text())
        version, figures = content["version"], dict(content["figures"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HearthError(f"{marker}: damaged ({error}); compile the model again") from None
    if version != VERSION:
        raise HearthError(f"{path}: written by another version of Hearth; compile the model again")
    qgraph = qgraph_file.load(path / NETWORK)
    return Build(path, design_file.load(path / DESIGN, qgraph), figures)
