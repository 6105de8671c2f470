"""The command `hearth video`: a clip with what the network says of each frame drawn in."""

from __future__ import annotations

import contextlib
import itertools
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from hearth.toolchain.cli import results
from hearth.toolchain.cli.connect import Answerer, answering
from hearth.toolchain.cli.groups import Group
from hearth.toolchain.cli.options import OUTPUT, BuildFolder, Json, Pieces
from hearth.toolchain.cli.output import as_argument, print_json, print_lines, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.data.clips import source, writer
from hearth.toolchain.data.clips.camera import Camera
from hearth.toolchain.data.clips.frames import Frame
from hearth.toolchain.drawing.overlay import labelled
from hearth.toolchain.drawing.sheet import Sheet
from hearth.toolchain.host.labeller import Answer, Labeller
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import files, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

CAMERA_TICK, CAMERA_RATE = Fraction(1, 1000), Fraction(30)
_NAMED = 5
"""Classes that are counted by name."""

Clip = Annotated[Path, typer.Argument(metavar="CLIP", help="A clip, or a camera (/dev/video0).")]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="End after so many frames; default: with the clip."),
]


@dataclass(frozen=True)
class Files(Group):
    """What is written."""

    title = OUTPUT
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The clip: .mp4, .mov or .mkv.")
    ]
    results: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also every frame's classes: .csv or .json."),
    ] = None
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also a dozen frames as one .png.")
    ] = None

    def check(self, given: Path) -> None:
        """HearthError for a name that does not say a kind, or is the clip's that is read."""
        writer.check(self.output)
        results.check(self.results)
        if self.sheet is not None and self.sheet.suffix.lower() != ".png":
            raise HearthError(f"--sheet {self.sheet}: is written as .png; give such a name")
        for path in self.all:
            if path.exists() and given.exists() and path.samefile(given):
                raise HearthError(f"{path}: is the clip itself, which would be lost; give another")

    @property
    def all(self) -> tuple[Path, ...]:
        """In the order in which they are told."""
        return tuple(path for path in (self.output, self.sheet, self.results) if path is not None)


def video(
    build: BuildFolder,
    clip: Clip,
    which: Pieces,
    where: Answerer,
    made: Files,
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Draw what the network says into a clip, frame by frame.

    The five best classes with bars, and a frame around what the network sees. A camera is recorded
    until --limit or Ctrl-C."""
    made.check(clip)
    loaded = build_folder.load(build)
    golden.classes(loaded.qgraph, "video", "hearth run says what leaves it")
    moving = source.find(clip, which.part)
    if moving is None:
        raise HearthError(f"{clip}: is no clip and no camera; hearth run takes pictures")
    moving = moving if limit is None else moving.first(limit)
    with progress.shown() as tell, answering(loaded, where, tell) as labeller:
        work = _Work(loaded, labeller, moving, tell)
        work.write(made)
    figures = work.figures(made)
    if as_json:
        print_json(figures)
    else:
        print_lines(_lines(figures))
    written = " and ".join(str(path) for path in made.all)
    tell_next(f"made {written}", "sim", build, as_argument(clip))


class _Work:
    """One clip on its way through the network."""

    def __init__(
        self, build: Build, labeller: Labeller, moving: source.Moving, tell: progress.Report
    ) -> None:
        self._qgraph = build.qgraph
        self._labeller = labeller
        self._moving = moving
        self._tell = tell
        self._pace = labeller.pace()
        self._counts: Counter[str] = Counter()
        self._seconds = Fraction(0)

    def write(self, made: Files) -> None:
        """All files, or none of them."""
        with contextlib.ExitStack() as stack:
            add_row = stack.enter_context(results.written(made.results))
            picture = None if made.sheet is None else stack.enter_context(files.growing(made.sheet))
            file = stack.enter_context(files.growing(made.output))
            sheet = Sheet()
            with writer.Writer(made.output, file, *self._times()) as out:
                self._all(out, sheet, add_row)
            if picture is not None:
                picture.write(sheet.png())

    def _times(self) -> tuple[Fraction, Fraction]:
        if isinstance(self._moving, Camera):
            return CAMERA_TICK, CAMERA_RATE
        return self._moving.clip.tick, self._moving.clip.rate

    def _all(
        self, out: writer.Writer, sheet: Sheet, add_row: Callable[[results.Row], None]
    ) -> None:
        first: Fraction | None = None
        for done, (frame, answer) in enumerate(self._answered(), 1):
            first = frame.seconds if first is None else first
            self._seconds = frame.seconds - first
            drawn = self._drawn(frame, answer)
            out.add(drawn, self._seconds)
            sheet.add(drawn)
            row = _row(self._qgraph, frame, answer)
            add_row(row)
            ((best, _), *_) = answer.named(self._qgraph.labels)
            self._counts[best] += 1
            self._tell("frames labelled", done, len(self._moving))
        if first is None:
            raise HearthError(f"{self._path}: no frame was shown; nothing is written")

    @property
    def _path(self) -> Path:
        return self._moving.path if isinstance(self._moving, Camera) else self._moving.clip.path

    def _answered(self) -> Iterator[tuple[Frame, Answer]]:
        """A few frames at a time through the network; a camera's one by one, until Ctrl-C."""
        edge, live = self._qgraph.input, isinstance(self._moving, Camera)
        shown, size = self._moving.shown(), (edge.height, edge.width)
        with _ended_by_hand(live) as ended:
            while part := list(itertools.islice(shown, 1 if live else images.FRAME_BATCH)):
                fitted = [
                    images.fit(str(self._path), frame.pixels, self._qgraph.preprocessing, size)
                    for frame in part
                ]
                yield from zip(part, self._labeller.answers(np.stack(fitted)), strict=True)
                if ended.is_set():
                    return

    def _drawn(self, frame: Frame, answer: Answer) -> Array:
        qgraph, (height, width) = self._qgraph, frame.pixels.shape[:2]
        edge = qgraph.input
        window = images.window((width, height), qgraph.preprocessing, (edge.height, edge.width))
        named = answer.named(qgraph.labels)
        # Of several synonyms the first: the results have all of them.
        bars = [(printable(name.partition(",")[0]), share) for name, share in named]
        heading = f"frame {frame.number}   {float(frame.seconds):.2f} s   {self._pace}"
        return labelled(frame.pixels, window, heading, bars)

    def figures(self, made: Files) -> dict[str, Any]:
        """For --json."""
        return {
            "frames": self._counts.total(),
            "seconds": round(float(self._seconds), 3),
            "pace": self._pace,
            "labels": dict(self._counts.most_common()),
            "files": [str(path) for path in made.all],
        }


@contextlib.contextmanager
def _ended_by_hand(live: bool) -> Iterator[threading.Event]:
    """Set by Ctrl-C while a camera is recorded, so that the frame under way is still written; the
    second Ctrl-C ends the program as always."""
    ended = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    if not live or before is not signal.default_int_handler:
        yield ended
        return

    def end(number: int, frame: object) -> None:
        ended.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, end)
    try:
        yield ended
    finally:
        signal.signal(signal.SIGINT, before)


def _row(qgraph: QGraph, frame: Frame, answer: Answer) -> results.Row:
    top = [
        {
            "class": i,
            "label": qgraph.labels[i] if qgraph.labels else "",
            "score": round(float(answer.scores[i]), 4),
            "share": round(float(answer.shares[i]), 4),
        }
        for i in answer.top
    ]
    seconds = round(float(frame.seconds), 6)
    return {"frame": frame.number, "seconds": seconds, "cycles": answer.cycles, "top": top}


def _lines(figures: dict[str, Any]) -> list[str]:
    """For people: how many frames were given which class."""
    counted = list(figures["labels"].items())
    said = [f"{count} {printable(name)}" for name, count in counted[:_NAMED]]
    more = len(counted) - _NAMED
    rest = [f"{more} other classes"] if more > 0 else []
    return [
        f"{figures['frames']} frames, {figures['seconds']:.2f} s; {figures['pace']}",
        ", ".join([*said, *rest]),
    ]
