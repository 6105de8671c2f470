"""Images at the pins of the virtual board's camera, each result, and each picture of its screen,
held against the golden model."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from hearth.sim.virtual_board import screened, virtual
from hearth.sim.virtual_board.virtual import Filmed
from hearth.toolchain.cli.connect import Connection, filmed
from hearth.toolchain.cli.screened import Screened, judged
from hearth.toolchain.data import images
from hearth.toolchain.data.clips.frames import Frames
from hearth.toolchain.host import compare
from hearth.toolchain.host.labeller import class_name
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import files, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera

_STILLS = Fraction(5)
RIGHT = "all results are the golden model's"


@dataclass(frozen=True)
class Pictures:
    """What came of the images that a camera showed.

    rows   of each its name, and the best class or None where it was left out
    wrong  '' or a sentence about the first result that is not the golden model's
    """

    rows: tuple[tuple[str, str | None], ...]
    wrong: str

    @property
    def left_out(self) -> list[str]:
        """Names."""
        return [name for name, best in self.rows if best is None]

    @property
    def lines(self) -> list[str]:
        """For people, verdict last."""
        out = len(self.left_out)
        said = [printable(f"{name}: {best or 'left out'}") for name, best in self.rows]
        shown = f"{len(self.rows)} images at the camera's pins, {out} left out"
        return [*said, f"{shown}: {self.wrong or RIGHT}"]

    @property
    def figures(self) -> dict[str, Any]:
        """For --json."""
        return {
            "images": [{"image": name, "class": best} for name, best in self.rows],
            "left_out": len(self.left_out),
            "first_difference": self.wrong,
        }


@dataclass(frozen=True)
class Wanted:
    """What stands beside the link of the virtual board: a camera of this size, and a screen if
    there is a clip to be written of it."""

    size: Camera
    clip: Path | None = None


def compared(
    build: Build, chosen: images.ImageSet, wanted: Wanted, where: Connection, tell: progress.Report
) -> tuple[Pictures, Screened | None, compare.Comparison]:
    """Show the images to the camera of a virtual board, and then send what its scaler makes of them
    over the link. HearthError where the network takes no camera's pictures."""
    qgraph = build.qgraph
    video = virtual.video(build.design, wanted.size, wanted.clip is not None)
    names, sent = _sent(qgraph, chosen, wanted.size)
    shown = [dvp.rgb565(each) for each in sent]
    frames = np.stack([video.scaler.golden(each) for each in shown])
    output = golden.outputs(qgraph, frames)
    with contextlib.ExitStack() as stack:
        clip = wanted.clip and (wanted.clip, stack.enter_context(files.growing(wanted.clip)))
        board, film = stack.enter_context(filmed(build, video, sent, where, tell))
        told = progress.counted(((one,) for one in film.seen), "camera", len(sent), tell, 1)
        seen = [one for (one,) in told]
        pictures, screen = _judged(qgraph, names, output, seen), None
        if clip and video.screen:
            pace = virtual.usual_pace(build.design, video)
            drawn = screened.pictures(
                film.folder, video.screen, pace.pixel, shown, output[:, 0, 0], seen
            )
            rate = _pace(chosen) * pace.picture / (video.screen.cycles * pace.pixel)
            screen = judged(drawn, *clip, rate)
        return pictures, screen, compare.compare(board, qgraph, frames, tell)


def _sent(qgraph: QGraph, chosen: images.ImageSet, size: Camera) -> tuple[list[str], list[Array]]:
    """Names of the images, and the bytes that the camera sends for each."""
    as_they_are = replace(qgraph.preprocessing, resize=0)
    whole = chosen.seen_by(size).named_batches(as_they_are, (size.height, size.width))
    found = [(name, picture) for part in whole for name, picture in zip(*part, strict=True)]
    return [name for name, _ in found], [dvp.as_rgb565(picture) for _, picture in found]


def _pace(chosen: images.ImageSet) -> Fraction:
    """Images a second: a clip's own, on average, and a few of those that have no times."""
    frames = chosen.frames
    if isinstance(frames, Frames) and len(frames) > 1:
        lasts = frames.clip.seconds(frames.index[-1]) - frames.clip.seconds(frames.index[0])
        if lasts > 0:
            return (len(frames) - 1) / lasts
    return _STILLS


def _judged(qgraph: QGraph, names: list[str], output: Array, seen: list[Filmed]) -> Pictures:
    if [one.number for one in seen] != list(range(len(names))):
        raise HearthError(
            f"virtual board: its camera sent {len(names)} images, and the board told of"
            f" {len(seen)}; the rest has no result"
        )
    best = golden.top(qgraph, output)[:, 0]
    rows, wrong = [], ""
    for name, one, words, place in zip(names, seen, output[:, 0, 0], best, strict=True):
        if one.words is not None and not np.array_equal(one.words, words) and not wrong:
            wrong = f"the first that is not the golden model's is that of {name}"
        label = class_name(qgraph.labels, place)
        rows.append((name, None if one.words is None else label))
    return Pictures(tuple(rows), wrong)
