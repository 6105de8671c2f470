"""The screen of 640x480 that is built for a network behind a camera."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hearth.toolchain.ir import QGraph, golden
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.scaler import scaler
from hearth.toolchain.video.screen import Screen, Timing

VGA = (Timing(640, 16, 96, 48), Timing(480, 10, 2, 33))
"""640x480 at 60 Hz (VESA DMT 0x04), across and down."""
_KEPT = (160, 120)
"""Pixels of the picture that is kept: 19 block RAMs of 18 Kbit."""
_SHOWN = 5
"""Classes at most."""
_STEP = 1 / 32
"""The most that two entries of the table of powers are apart, in units of the scores."""
_NAMED = 128
"""Classes of which names of 16 letters take one block RAM; more have numbers of four digits."""


def screen(qgraph: QGraph, camera: Camera, clock_hz: int) -> Screen:
    """For a camera of 160x120, 320x240, 640x480 or 1280x960 and the network's clock in Hz.

    HearthError for other cameras, and for a network that names no classes.
    """
    classes = golden.classes(qgraph, "a screen")
    shrink = next((bits for bits in range(4) if camera == _shrunk(bits)), None)
    if shrink is None:
        raise HearthError(
            f"--camera-size {camera}: a screen shows cameras of 160x120, 320x240, 640x480 or"
            " 1280x960 pixels; use such a mode of the camera"
        )
    across, down = VGA
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
        zoom=(across.seen // _KEPT[0]).bit_length() - 1,
        window=(left, top, right, bottom),
        line=2,
        names=_names(qgraph.labels, classes),
        ranked=ranked,
        shown=min(_SHOWN, ranked),
        letters=4 if classes <= _NAMED else 2,
        panel=4,
        text=1,
        shift=shift,
        step=scale * 2**shift,
        clock_hz=clock_hz,
    )


def _shrunk(bits: int) -> Camera:
    """The camera of whose picture squares of 2^bits pixels a side are kept as one."""
    return Camera(_KEPT[0] << bits, _KEPT[1] << bits)


def _names(labels: Sequence[str], classes: int) -> tuple[str, ...]:
    """Names where there is room for them, numbers else."""
    known = labels if classes <= _NAMED else ()
    return tuple(known[i] if i < len(known) else str(i) for i in range(classes))
