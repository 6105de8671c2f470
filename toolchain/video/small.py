"""A small screen that is simulated: a picture of 640x480 lasts as long there as dozens of a small
camera's, of which it would show none whole.

The hardware is the same, with other parameters: as few pixels as a row of text needs, and pauses of
the fewest cycles.
"""

from __future__ import annotations

from hearth.toolchain.ir import QGraph
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.video import fitted
from hearth.toolchain.video.geometry import Camera
from hearth.toolchain.video.screen import Screen, Timing

_LEAST = (256, 128)
"""Pixels: twice a row of text, and two rows more than there are of classes."""
_MOST = (160, 120)
"""Of the picture that is kept."""


def screen(qgraph: QGraph, camera: Camera, clock_hz: int) -> Screen:
    """For any camera that can be halved to 160x120 or less. HearthError for other ones, and for a
    network that names no classes."""
    shrink = next(bits for bits in range(8) if _fits(camera, bits))
    side = 1 << shrink
    if camera.width % side or camera.height % side or min(camera.width, camera.height) < 2 * side:
        raise HearthError(
            f"--camera-size {camera}: a screen of this size shows squares of {side}x{side} of the"
            f" camera's pixels; give two sides that {side} divides, such as 160x120"
        )
    width, height = camera.width // side, camera.height // side
    zoom = next(bits for bits in range(9) if _reaches(width << bits, height << bits))
    timing = Timing(width << zoom, 4, 4, 4), Timing(height << zoom, 1, 1, 2)
    return fitted.screen(qgraph, camera, clock_hz, timing, shrink=shrink, zoom=zoom, text=0)


def _fits(camera: Camera, shrink: int) -> bool:
    return camera.width >> shrink <= _MOST[0] and camera.height >> shrink <= _MOST[1]


def _reaches(width: int, height: int) -> bool:
    return width >= _LEAST[0] and height >= _LEAST[1]
