"""Holds a board against the golden model: frames out, results in, first difference named."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hearth.toolchain.host import pattern
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True)
class Comparison:
    """What the comparison found.

    equal              frames whose logits and labels all agree
    first_difference   '' or a sentence that names frame, class, got and want
    link_fps           frames per second over the link
    board_fps          frames per second that the board reaches by itself
    """

    frames: int
    equal: int
    first_difference: str
    link_fps: float
    board_fps: float
    cycles_per_frame: float
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.equal == self.frames and not self.first_difference

    @property
    def verdict(self) -> str:
        if self.ok:
            return f"{self.frames} frames: board and golden model are equal"
        return f"{self.frames - self.equal} of {self.frames} frames differ: {self.first_difference}"


def check_build(board: SerialBoard, build_id: int) -> None:
    """Raise HearthError unless the board runs exactly this build."""
    if board.info.build_id != build_id:
        raise HearthError(
            f"--port: the board runs build {board.info.build_id:016x}, this folder is build"
            f" {build_id:016x}; program the board with this folder's bitstream"
        )


def check_network(board: SerialBoard, qgraph: QGraph) -> None:
    """Raise HearthError unless the board's frames and results have the network's sizes."""
    source, classes = qgraph.input, golden.classes(qgraph)
    sizes = (source.height, source.width, source.channels)
    wanted = (*sizes, classes, qgraph.output.channels - classes)
    info = board.info
    found = (info.height, info.width, info.colours, info.classes, info.top)
    if found != wanted:
        names = ("lines", "pixels a line", "bytes a pixel", "classes", "best classes")
        pairs = zip(names, found, wanted, strict=True)
        what = ", ".join(
            f"{got} {name} where {want} belong" for name, got, want in pairs if got != want
        )
        raise HearthError(f"--port: the board has {what}; load this folder's bitstream into it")


def compare(
    board: SerialBoard,
    qgraph: QGraph,
    frames: Array,
    report: progress.Report = progress.silent,
    bench_frames: int = 8,
) -> Comparison:
    """Send uint8 frames [n, height, width, channels] and judge every result."""
    check_network(board, qgraph)
    wanted = golden.outputs(qgraph, frames)[:, 0, 0]
    classes = golden.classes(qgraph)
    equal, first = 0, ""
    started = time.monotonic()
    for index, result in enumerate(board.results(frames)):
        got = np.concatenate([result.logits, np.array(result.top, np.int64)])
        wrong = np.flatnonzero(got != wanted[index])
        equal += not wrong.size
        if wrong.size and not first:
            first = _difference(index, int(wrong[0]), got, wanted[index], classes)
        report("frames to the board and back", index + 1, len(frames))
    seconds = time.monotonic() - started
    speed = board.bench(bench_frames)
    made = pattern.frames(bench_frames, *qgraph.input.shape)
    if speed.checksum != pattern.checksum(golden.outputs(qgraph, made)) and not first:
        first = "the results of the board's own pseudo-random frames have another checksum"
    fps = board.info.clock_khz * 1000 / speed.cycles_per_frame if speed.cycles_per_frame else 0.0
    faults = dict(board.faults)
    return Comparison(
        len(frames), equal, first, len(frames) / seconds, fps, speed.cycles_per_frame, faults
    )


def _difference(frame: int, word: int, got: Array, want: Array, classes: int) -> str:
    what = f"logit of class {word}" if word < classes else f"place {word - classes + 1} of the top"
    return f"frame {frame}, {what}: got {int(got[word])}, want {int(want[word])}"


def lines(result: Comparison) -> list[str]:
    """The comparison for people, verdict last."""
    text = [
        f"{result.link_fps:,.1f} frames per second over the link;"
        f" {result.board_fps:,.0f} on the board ({result.cycles_per_frame:,.0f} cycles per frame)"
    ]
    if result.faults:
        faults = ", ".join(f"{count} {name}" for name, count in sorted(result.faults.items()))
        text.append(f"faults on the link, all mended by sending again: {faults}")
    return [*text, result.verdict]


def figures(result: Comparison) -> dict[str, Any]:
    """For --json."""
    return {**result.__dict__, "ok": result.ok}
