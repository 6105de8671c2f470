"""Images of the user as frames of a build's network."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.support import progress


def batches(
    qgraph: QGraph, chosen: images.ImageSet, task: str, tell: progress.Report
) -> Iterable[Array]:
    """uint8 [n, height, width, 3] for one set of images after another, while `tell` counts."""
    edge = qgraph.input
    found = chosen.batches(qgraph.preprocessing, (edge.height, edge.width))
    return progress.counted(found, task, len(chosen), tell, images.FRAME_BATCH)


def together(
    qgraph: QGraph, chosen: images.ImageSet, tell: progress.Report = progress.silent
) -> Array:
    """All of them in one array, as one stream for a simulator or a board."""
    return np.concatenate(list(batches(qgraph, chosen, "images", tell)))
