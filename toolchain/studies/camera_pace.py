"""Which pictures of a camera a network leaves out, on the virtual board, as Markdown.

    python -m hearth.toolchain.studies.camera_pace BUILD [--periods 7] [--pictures 300]

The default video as a camera of 64x48 pixels sees it, ten seconds of 30 pictures each, is shown to
the pins of the virtual board, once for each period of the camera's clock in cycles of the board's.
Pictures come faster than 30 a second there: between two of a real camera's the network would be
idle, and what it leaves out follows from cycles alone. Every result is compared with the golden
model.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.sim.virtual_board import virtual
from hearth.toolchain.data import default_video, images
from hearth.toolchain.ir import Array, Preprocessing, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import progress, script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video import dvp
from hearth.toolchain.video.geometry import Camera

CAMERA = Camera(64, 48)
RATE, SECONDS = 30, 10
MHZ = 72
"""Of the embedded network on an ULX3S-85F, as it is asked for."""
HEADS = ("period", "cycles a picture", f"pictures/s at {MHZ} MHz", "shown", "answered", "left out")


def pictures(preprocessing: Preprocessing, count: int) -> list[Array]:
    """The bytes of the video's first pictures, as the camera sends them: uint8 [lines, 2 width]."""
    whole = RATE * SECONDS
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        default_video.write_clip(clip, RATE, whole // len(default_video.SHOTS))
        seen = images.open_set(clip).subset(range(min(count, whole))).seen_by(CAMERA)
        shown = seen.whole(replace(preprocessing, resize=0), (CAMERA.height, CAMERA.width))
    return [dvp.as_rgb565(picture) for picture in shown]


def rows(
    build: Build, sent: list[Array], periods: list[int], tell: progress.Report
) -> Iterator[tuple[str, ...]]:
    """One line for each period. HearthError where a result is not the golden model's."""
    video = virtual.video(build.design, CAMERA, with_screen=False)
    frames = np.stack([video.scaler.golden(dvp.rgb565(picture)) for picture in sent])
    wanted = golden.outputs(build.qgraph, frames)[:, 0, 0]
    for period in periods:
        pace = virtual.pace(video, period)
        with virtual.filming(build, video, sent, pace, tell) as film:
            told = ((one,) for one in film.seen)
            seen = list(progress.counted(told, f"period {period}", len(sent), tell, 1))
        answered = 0
        for (one,) in seen:
            if one.words is not None:
                answered += 1
                if not np.array_equal(one.words, wanted[one.number]):
                    raise HearthError(f"picture {one.number}: its result is not the golden model's")
        rate = f"{MHZ * 1e6 / pace.picture:,.0f}"
        counts = (f"{count:,}" for count in (len(sent), answered, len(sent) - answered))
        yield str(period), f"{pace.picture:,}", rate, *counts


def _periods(text: str) -> list[int]:
    """HearthError unless all are whole numbers that a clock of two edges can have."""
    if not all(part.isdecimal() and 4 <= int(part) <= 1000 for part in text.split(",")):
        raise HearthError(f"--periods {text}: expects cycles, 4 to 1000 each, such as 7,6")
    return [int(part) for part in text.split(",")]


def study(
    build: Annotated[Path, typer.Argument()],
    periods: Annotated[str, typer.Option(help="Of the camera's clock, comma-separated.")] = "7",
    pictures_shown: Annotated[int, typer.Option("--pictures", min=1)] = RATE * SECONDS,
) -> None:
    """Print the table, its rows as they come."""
    loaded, wanted = build_folder.load(build), _periods(periods)
    with progress.shown() as tell:
        sent = pictures(loaded.qgraph.preprocessing, pictures_shown)
        print(lines(HEADS, "rrrrrr", ()), end="", flush=True)
        for row in rows(loaded, sent, wanted, tell):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
