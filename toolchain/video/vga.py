"""The screen of 640x480 that is built for a network behind a camera."""

from __future__ import annotations

from hearth.toolchain.ir import QGraph
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video import fitted
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.screen import Screen, Timing

VGA = (Timing(640, 16, 96, 48), Timing(480, 10, 2, 33))
"""640x480 at 60 Hz (VESA DMT 0x04), across and down."""
_KEPT = (160, 120)
"""Pixels of the picture that is kept: 19 block RAMs of 18 Kbit."""


def screen(qgraph: QGraph, camera: Camera, clock_hz: int) -> Screen:
    """For a camera of 160x120, 320x240, 640x480 or 1280x960 and the network's clock in Hz.

    HearthError for other cameras, and for a network that names no classes.
    """
    shrink = next((bits for bits in range(4) if camera == _shrunk(bits)), None)
    if shrink is None:
        raise HearthError(
            f"--camera-size {camera}: a screen shows cameras of 160x120, 320x240, 640x480 or"
            " 1280x960 pixels; use such a mode of the camera"
        )
    return fitted.screen(qgraph, camera, clock_hz, VGA, shrink=shrink, zoom=2, text=1)


def _shrunk(bits: int) -> Camera:
    """The camera of whose picture squares of 2^bits pixels a side are kept as one."""
    return Camera(_KEPT[0] << bits, _KEPT[1] << bits)
