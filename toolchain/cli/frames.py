"""Images of the user as frames of a build's network."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.support import progress
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import scaler


def seen(qgraph: QGraph, chosen: images.ImageSet, camera_size: str | None) -> images.ImageSet:
    """The images as `--camera-size` asks for them. HearthError if no hardware could show them."""
    if camera_size is None:
        return chosen
    camera = Camera.parse(camera_size)
    scaler(camera, qgraph.preprocessing, (qgraph.input.height, qgraph.input.width))
    return chosen.seen_by(camera)


def batches(
    qgraph: QGraph, chosen: images.ImageSet, task: str, tell: progress.Report
) -> Iterable[Array]:
    """uint8 [n, height, width, 3] for one set of images after another, while `tell` counts."""
    return (frames for _, frames in named_batches(qgraph, chosen, task, tell))


def named_batches(
    qgraph: QGraph, chosen: images.ImageSet, task: str, tell: progress.Report
) -> Iterable[tuple[list[str], Array]]:
    """The same, with what to call each image. A camera's come one by one: somebody watches."""
    edge, step = qgraph.input, 1 if chosen.live else images.FRAME_BATCH
    found = chosen.named_batches(qgraph.preprocessing, (edge.height, edge.width), step)
    return progress.counted(found, task, len(chosen), tell, step)


def together(
    qgraph: QGraph, chosen: images.ImageSet, tell: progress.Report = progress.silent
) -> Array:
    """All of them in one array, as one stream for a simulator or a board."""
    return named_together(qgraph, chosen, tell)[1]


def named_together(
    qgraph: QGraph, chosen: images.ImageSet, tell: progress.Report
) -> tuple[list[str], Array]:
    """The same, with what to call each image."""
    found = list(named_batches(qgraph, chosen, "images", tell))
    names = [name for part, _ in found for name in part]
    return names, np.concatenate([frames for _, frames in found])
