"""A screen of given size, for a network behind a camera: what the network's classes and scores and
the geometry of its scaler ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hearth.toolchain.ir import QGraph, golden
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import scaler
from hearth.toolchain.video.screen import Screen, Timing

_SHOWN = 5
"""Classes at most."""
_STEP = 1 / 32
"""The most that two entries of the table of powers are apart, in units of the scores."""
_NAMED = 128
"""Classes of which names of 16 letters take one block RAM; more have numbers of four digits."""


def screen(
    qgraph: QGraph,
    camera: Camera,
    clock_hz: int,
    timing: tuple[Timing, Timing],
    *,
    shrink: int,
    zoom: int,
    text: int,
) -> Screen:
    """`timing` across and down; bits of a kept pixel's side in the camera's and in the screen's
    pixels, and of a letter's dot. HearthError for a network that names no classes."""
    classes = golden.classes(qgraph, "a screen")
    across, down = timing
    edge = qgraph.input
    built = scaler(camera, qgraph.preprocessing, (edge.height, edge.width))
    left, top, right, bottom = (round(side * across.seen / camera.width) for side in built.window)
    scale = float(qgraph.output.scale)
    shift = min(31, max(0, math.floor(math.log2(_STEP / scale))))
    ranked = qgraph.output.channels - classes
    return Screen(
        across,
        down,
        shrink=shrink,
        zoom=zoom,
        window=(left, top, right, bottom),
        line=1 << text,
        names=_names(qgraph.labels, classes),
        ranked=ranked,
        shown=min(_SHOWN, ranked),
        letters=4 if classes <= _NAMED else 2,
        panel=4,
        text=text,
        shift=shift,
        step=scale * 2**shift,
        clock_hz=clock_hz,
    )


def _names(labels: Sequence[str], classes: int) -> tuple[str, ...]:
    """Names where there is room for them, numbers else."""
    known = labels if classes <= _NAMED else ()
    return tuple(known[i] if i < len(known) else str(i) for i in range(classes))
