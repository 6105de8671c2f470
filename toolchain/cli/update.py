"""The command `hearth update`: other weights for a running board."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.cli.frames import together
from hearth.toolchain.cli.options import BuildFolder, Json, Limit, Pieces, SomeImages
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.host import compare as comparison
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.saved import build_folder, weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import progress

Running = Annotated[Path | None, typer.Option(metavar="BUILD", help="What the board runs before.")]


@dataclass
class _Update:
    """One update, and what was seen of it."""

    new: Build
    images: images.ImageSet | None
    tell: progress.Report
    results: dict[str, comparison.Comparison] = field(default_factory=dict)
    ids: tuple[int, int] = (0, 0)
    """Of the board's build before and after."""
    seconds: float = 0.0
    size: int = 0
    """Of the weights, in bytes."""
    faults: dict[str, int] = field(default_factory=dict)

    def send(self, board: SerialBoard, old: Build | None) -> None:
        """Judge the board as `old` (where given), give it the new weights, judge it again."""
        if old is not None:
            comparison.check_build(board, build_id(old))
            self._judge(board, "before", old)
        before = board.info.build_id
        started = time.monotonic()
        after = board.update(hardware_id(self.new), weights_image.image(self.new))
        self.seconds = time.monotonic() - started
        self.ids, self.size = (before, after), board.info.image_bytes
        comparison.check_build(board, build_id(self.new))
        self._judge(board, "after", self.new)
        self.faults = dict(board.faults)

    def _judge(self, board: SerialBoard, side: str, build: Build) -> None:
        if self.images is not None:
            frames = together(build.qgraph, self.images)
            self.results[side] = comparison.compare(board, build.qgraph, frames, self.tell)

    def figures(self) -> dict[str, Any]:
        """For --json."""
        before, after = (f"{number:016x}" for number in self.ids)
        sides = {side: comparison.figures(result) for side, result in self.results.items()}
        ids = {"before_id": before, "after_id": after}
        return {**ids, "seconds": self.seconds, "faults": self.faults, **sides}

    def lines(self) -> list[str]:
        """For people."""
        before, after = (f"{number:016x}" for number in self.ids)
        judged = (
            f"{side}: {line}"
            for side, result in self.results.items()
            for line in comparison.lines(result)
        )
        spent = f"{self.size:,} bytes in {self.seconds:.1f} s"
        return [*judged, f"build {before} -> {after}: {spent}"]


def update(
    build: BuildFolder,
    inputs: SomeImages = None,
    *,
    which: Pieces,
    where: Connection,
    running: Running = None,
    limit: Limit = 10,
    as_json: Json = False,
) -> None:
    """Give a running board new weights, between two frames.

    All of them or none. The board's bitstream must be made with --live from the same hardware
    (hearth compile --like). With IMAGES, the board is compared before and after.
    """
    new, old = build_folder.load(build), None if running is None else build_folder.load(running)
    chosen = images.open_all(inputs, which.part).limited(limit) if inputs else None
    with progress.shown() as tell, connect(old or new, where, tell) as board:
        done = _Update(new, chosen, tell)
        done.send(board, old)
    if as_json:
        print_json(done.figures())
    else:
        print_lines(done.lines())
    if not all(result.ok for result in done.results.values()):
        raise typer.Exit(1)
    tell_next(f"the board runs {build}", "compare", build, "IMAGES...", "--port", where.port)
