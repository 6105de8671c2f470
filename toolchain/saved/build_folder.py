"""What `hearth compile` leaves behind, and how every other command finds it again.

hearth.json      marks the folder as ours; figures of the compilation, checksums of all files below
network.qgraph   the integer network (qgraph_file.py)
design.json      folding and FIFO depths (design_file.py)
model.onnx       the float model, input size fixed, for `hearth eval`
rtl/ rom/        hardware and its memory images (rtl/emit.py)
dataflow.svg     a picture of the design (drawing/dataflow.py); nothing is made from it
sim/             simulators built later (sim/); kept when the folder is compiled again
board/ ...       what other commands add; not checked: hearth eval its figures (evaluate/record.py)

A build is a program: `hearth sim` compiles and runs its RTL. Checksums find damage, not malice.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.toolchain.drawing import dataflow
from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.saved import design_file, qgraph_file
from hearth.toolchain.support import advice, files, private, seal
from hearth.toolchain.support.errors import HearthError

MARKER = "hearth.json"
NETWORK = "network.qgraph"
DESIGN = "design.json"
MODEL = "model.onnx"
PICTURE = "dataflow.svg"
KEEP = ("sim",)
BOARDS = "board"
CLOSED = ("rtl", "rom")
"""Folders that are read as a whole: a file too many would become hardware."""
VERSION = 2
_ATTEMPTS = 20


@dataclass(frozen=True, eq=False)
class Build:
    """A build folder, read back and checked. `content` is that of rtl/ and rom/ by path, as it was
    when the build was read, whatever happens to the folder later."""

    path: Path
    design: Design
    figures: Mapping[str, Any]
    content: Mapping[str, str]

    @property
    def qgraph(self) -> QGraph:
        return self.design.qgraph

    @property
    def model(self) -> Path:
        return self.path / MODEL

    def rtl(self) -> dict[str, str]:
        """The RTL by path in the folder."""
        return {path: text for path, text in self.content.items() if path.startswith("rtl/")}


def check(path: Path) -> None:
    """Raise HearthError now if `write` would refuse this target later."""
    files.check_folder(path, MARKER)
    if private.busy(path / BOARDS):
        raise HearthError(
            f"{path}: hearth bitstream is at work in it; wait until it has ended, or choose another"
            " folder with -o"
        )


def write(
    path: Path,
    design: Design,
    model: bytes,
    emitted: Mapping[str, str | bytes],
    figures: Mapping[str, Any],
) -> None:
    """Create or replace a build folder."""
    check(path)
    content: dict[str, str | bytes] = {
        NETWORK: qgraph_file.dumps(design.qgraph),
        DESIGN: design_file.dumps(design),
        MODEL: model,
        PICTURE: dataflow.svg(design),
        **emitted,
    }
    record = seal.sealed(content, {"version": VERSION, "figures": dict(figures)})
    files.write_folder(path, {**content, MARKER: record}, MARKER, KEEP)


def load(path: Path) -> Build:
    """Read a build folder; HearthError when it is not one, or a damaged one.

    A folder that another process replaces meanwhile is read again.
    """
    for _ in range(_ATTEMPTS):
        before = identity(path)
        try:
            return _load(path)
        except HearthError:
            if before == identity(path):
                raise
    return _load(path)


def identity(path: Path) -> tuple[int, int] | None:
    """What is new when another build takes the folder's place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _load(path: Path) -> Build:
    if not os.path.isfile(path / MARKER):  # unlike Path.is_file, false for a name too long
        raise HearthError(
            f"{path}: not a Hearth build folder; make one with:"
            f" {advice.command('compile', 'MODEL', '-o', path)}"
        )
    record = seal.read(path / MARKER)
    if record.get("version") != VERSION:
        raise HearthError(f"{path}: written by another version of Hearth; {seal.AGAIN}")
    recorded, figures = record.get("files"), record.get("figures")
    if not isinstance(figures, dict) or not {NETWORK, DESIGN, MODEL} <= set(recorded or ()):
        raise HearthError(f"{path / MARKER}: damaged (it does not describe a build); {seal.AGAIN}")
    content = seal.check(path, record["files"], CLOSED)
    qgraph = qgraph_file.loads(content[NETWORK], path / NETWORK)
    design = design_file.loads(content[DESIGN], path / DESIGN, qgraph)
    return Build(path, design, figures, _texts(path, content))


def _texts(path: Path, content: Mapping[str, bytes]) -> dict[str, str]:
    inner = {name: data for name, data in content.items() if name.split("/")[0] in CLOSED}
    try:
        return {name: data.decode() for name, data in inner.items()}
    except UnicodeDecodeError:
        raise HearthError(f"{path}: holds RTL that is not text; {seal.AGAIN}") from None
