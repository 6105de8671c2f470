"""What a network says about one image, and images as everything here takes them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hearth.toolchain.data import images
from hearth.toolchain.data.clips.part import Part
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.support.errors import HearthError

File = str | os.PathLike[str]
MOST_FRAMES = 1000
"""Of a clip that is given whole: all of them are in memory at once."""


@dataclass(frozen=True)
class Clip:
    """Some frames of a clip, or of a camera ("/dev/video0"): every `every`-th from `start` seconds
    on, at most `limit` of them, evenly spread (a camera's: the next ones)."""

    file: File
    every: int = 1
    start: float = 0.0
    limit: int | None = None


Images = Array | File | Clip | Sequence[File]
"""Frames, uint8 [n, height, width, channels]; or image files, or one folder, CSV, .npy, .npz or
clip."""


@dataclass(frozen=True, eq=False)
class Classification:
    """One image's result.

    top       the best classes, best first
    labels    their names; empty where the build has none, or there is no build
    logits    int32 [classes], the integers that the hardware computes
    scale     of the logits: logits * scale are the float network's scores; None without a build
    cycles    of the board's clock from the first pixel to the first logit; None off a board
    """

    top: tuple[int, ...]
    labels: tuple[str, ...]
    logits: Array
    scale: float | None
    cycles: int | None

    @property
    def label(self) -> str:
        """The best class by name, or its number as text."""
        return self.labels[0] if self.labels else str(self.top[0])

    @property
    def scores(self) -> Array:
        """Scores float64 [classes]: of the float network's size where the scale is known."""
        return self.logits * np.float64(1.0 if self.scale is None else self.scale)


def classification(
    qgraph: QGraph | None, logits: Array, top: Sequence[int], cycles: int | None = None
) -> Classification:
    """The result of the network `qgraph`, or of one that is not known."""
    best = tuple(int(index) for index in top)
    names = qgraph.labels if qgraph is not None else ()
    labels = tuple(names[index] for index in best) if names else ()
    scale = None if qgraph is None else float(qgraph.output.scale)
    return Classification(best, labels, logits.astype(np.int32), scale, cycles)


def prepared(given: Images, qgraph: QGraph | None) -> Array:
    """Frames uint8 [n, height, width, channels]; files are resized and cut as the network's
    preprocessing says, arrays are taken as they are. HearthError where that cannot be done."""
    if isinstance(given, np.ndarray):
        frames = given
    elif qgraph is None:
        raise HearthError(
            "image files are prepared as a network wants them: give the board its build, as in"
            " hearth.Board(port, build), or frames that are ready, uint8 [n, height, width,"
            " channels]"
        )
    else:
        edge, chosen = qgraph.input, _opened(given)
        frames = chosen.whole(qgraph.preprocessing, (edge.height, edge.width))
    if frames.ndim != 4 or not len(frames) or frames.dtype != np.uint8:
        raise HearthError(
            "frames should be uint8 [n, height, width, channels] with at least one, found"
            f" {frames.dtype} {list(frames.shape)}"
        )
    return frames


def _opened(given: Clip | File | Sequence[File]) -> images.ImageSet:
    """Image files, or the frames of a clip that are asked for."""
    if isinstance(given, Clip):
        chosen = images.open_set(Path(given.file), Part(given.every, given.start))
        if given.limit is not None:
            if given.limit < 1:
                raise HearthError(f"limit {given.limit}: expects 1 or more")
            return chosen.limited(given.limit)
        return _bounded(chosen)
    files = [given] if isinstance(given, str | os.PathLike) else list(given)
    if not files:
        raise HearthError("no image was given: at least one is expected")
    return _bounded(images.open_all([Path(file) for file in files]))


def _bounded(chosen: images.ImageSet) -> images.ImageSet:
    """The same. HearthError for a clip of more frames than memory should hold."""
    if chosen.live or (chosen.moving and len(chosen) > MOST_FRAMES):
        count = "no end" if chosen.live else f"{len(chosen):,} frames"
        raise HearthError(
            f"{chosen.source}: has {count}; say how many are wanted, as in"
            " hearth.Clip(file, limit=100)"
        )
    return chosen


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What the system refuses, in the sentences of the command line."""
    try:
        yield
    except MemoryError:
        raise HearthError(
            "there is not enough memory; choose a smaller input or fewer images"
        ) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise HearthError(f"{os.fsdecode(error.filename)}: {error.strerror or error}") from None
