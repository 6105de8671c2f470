"""A camera's scaler beside Pillow's resize of the same pictures: accuracy, as Markdown.

    python -m hearth.toolchain.studies.camera BUILD --labels LABELS [--sizes 640x480,1920x1080]

First the photographs themselves, as `hearth eval` reads them. Then, for each size, photographs that
fill a camera's picture (toolchain/data/images.py): resized by Pillow, and by the scaler, whose
golden model equals the hardware. Between these two lines of a size nothing differs but the
resizing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain.data import images, selection
from hearth.toolchain.data.pictures import decode
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import progress, script
from hearth.toolchain.video.geometry import Camera

HEADS = ("pictures", "resized by", "top-1", "top-5", "same first class", "pixels apart")


@dataclass(frozen=True)
class Seen:
    """What a network saw, and what it said: frames, and the best classes of each, best first."""

    frames: Array
    top: Array


def seen(qgraph: QGraph, frames: Iterable[Array], task: str, tell: progress.Report) -> Seen:
    """What comes of batches of frames."""
    counted = progress.counted(frames, task, 0, tell)
    pairs = [(batch, golden.outputs(qgraph, batch)) for batch in counted]
    frames, outputs = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    return Seen(frames, golden.top(qgraph, outputs))


def _row(what: str, by: str, found: Seen, labels: Array, beside: Seen) -> tuple[str, ...]:
    hits = found.top == labels[:, None]
    apart = np.abs(found.frames.astype(int) - beside.frames).mean()
    same = found.top[:, 0] == beside.top[:, 0]
    shares = (f"{100 * x.mean():.1f}" for x in (hits[:, 0], hits.any(axis=1), same))
    return what, by, *shares, f"{apart:.2f}"


def _by_pillow(qgraph: QGraph, chosen: images.ImageSet, camera: Camera) -> Iterator[Array]:
    """A camera's pictures, resized as if they were photographs, one at a time."""
    for file in chosen.files:
        shown = images.filling(decode.picture(Path(file)), camera)
        yield images.fit(file, np.asarray(shown), qgraph.preprocessing, _size(qgraph))[None]


def _size(qgraph: QGraph) -> tuple[int, int]:
    return qgraph.input.height, qgraph.input.width


def rows(
    qgraph: QGraph, chosen: images.ImageSet, cameras: list[Camera], tell: progress.Report
) -> Iterator[tuple[str, ...]]:
    """One line for the photographs, two for each camera, the second beside the first."""
    labels = np.asarray(chosen.labels)
    wanted = qgraph.preprocessing, _size(qgraph)
    files = seen(qgraph, chosen.batches(*wanted), "photographs", tell)
    yield _row("photographs", "Pillow", files, labels, files)
    for camera in cameras:
        by_pillow = seen(qgraph, _by_pillow(qgraph, chosen, camera), f"{camera} by Pillow", tell)
        scaled = chosen.seen_by(camera).batches(*wanted)
        by_scaler = seen(qgraph, scaled, f"{camera} by the scaler", tell)
        yield _row(f"camera {camera}", "Pillow", by_pillow, labels, files)
        yield _row(f"camera {camera}", "scaler", by_scaler, labels, by_pillow)


def study(
    build: Annotated[Path, typer.Argument()],
    labels: Annotated[Path, typer.Option()],
    sizes: Annotated[str, typer.Option(help="Of cameras, comma-separated.")] = "640x480",
) -> None:
    """Print the table, its rows as they come."""
    qgraph = build_folder.load(build).qgraph
    chosen = selection.labelled(labels, qgraph).images
    cameras = [Camera.parse(size) for size in sizes.split(",")]
    with progress.shown() as tell:
        print(lines(HEADS, "llrrrr", ()), end="", flush=True)
        for row in rows(qgraph, chosen, cameras, tell):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
