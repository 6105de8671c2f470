"""Images at the pins of the virtual board's camera, each result held against the golden model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hearth.sim.virtual_board.virtual import Filmed
from hearth.toolchain.cli.connect import Connection, filmed
from hearth.toolchain.data import images
from hearth.toolchain.host import compare
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets.serial import camera
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera

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


def compared(
    build: Build, chosen: images.ImageSet, size: Camera, where: Connection, tell: progress.Report
) -> tuple[Pictures, compare.Comparison]:
    """Show the images to the camera of a virtual board, and then send what its scaler makes of them
    over the link. HearthError where the network takes no camera's pictures."""
    qgraph = build.qgraph
    built = camera.scaler(build.design, size)
    whole = chosen.seen_by(size).named_batches(
        replace(qgraph.preprocessing, resize=0), (size.height, size.width)
    )
    found = [(name, picture) for part in whole for name, picture in zip(*part, strict=True)]
    sent = [dvp.as_rgb565(picture) for _, picture in found]
    frames = np.stack([built.golden(dvp.rgb565(each)) for each in sent])
    with filmed(build, built, sent, where, tell) as (board, seen):
        told = list(progress.counted(((one,) for one in seen), "camera", len(sent), tell, 1))
        pictures = _judged(qgraph, [name for name, _ in found], frames, [one for (one,) in told])
        return pictures, compare.compare(board, qgraph, frames, tell)


def _judged(qgraph: QGraph, names: list[str], frames: Array, seen: list[Filmed]) -> Pictures:
    if [one.number for one in seen] != list(range(len(names))):
        raise HearthError(
            f"virtual board: its camera sent {len(names)} images, and the board told of"
            f" {len(seen)}; the rest has no result"
        )
    output = golden.outputs(qgraph, frames)
    best = golden.top(qgraph, output)[:, 0]
    rows, wrong = [], ""
    for name, one, words, place in zip(names, seen, output[:, 0, 0], best, strict=True):
        if one.words is not None and not np.array_equal(one.words, words) and not wrong:
            wrong = f"the first that is not the golden model's is that of {name}"
        label = qgraph.labels[place] if qgraph.labels else f"class {place}"
        rows.append((name, None if one.words is None else label))
    return Pictures(tuple(rows), wrong)
