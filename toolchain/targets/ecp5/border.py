"""An ECP5 around the network and its link (serial/border.py): clock, reset, LEDs."""

from __future__ import annotations

from hearth.toolchain.targets.ecp5 import camera, screen
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial.camera import Video
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.serial.pll import Pll
from hearth.toolchain.targets.target import Board

WRAPPERS = (
    "boards/ecp5/hearth_ecp5_clock.sv",
    serial.RESET,
    "boards/ecp5/hearth_ecp5.sv",
)
"""What stands around serial.BOARD, in hw."""
_CAMERA_WRAPPERS = (*WRAPPERS[:-1], "boards/ecp5/hearth_ecp5_camera.sv")
VIDEO_WRAPPERS = (*_CAMERA_WRAPPERS, "boards/ecp5/hearth_ecp5_video.sv")
"""The same around serial/camera.BOARD."""
SCREEN_WRAPPERS = (
    *_CAMERA_WRAPPERS,
    "video/hearth_dvi.sv",
    "boards/ecp5/hearth_ecp5_dvi.sv",
    "boards/ecp5/hearth_ecp5_screen.sv",
)
"""The same around serial/camera.SCREEN_BOARD."""


def top(board: Board, wiring: Pins, clock: Pll, video: Video | None = None) -> str:
    """hearth_top, with the PLL's dividers; `video` stands beside the link."""
    dividers = {"Reference": clock.reference, "Loop": clock.loop, "Output": clock.output}
    if video is None:
        return serial.top(board, wiring, "hearth_ecp5", dividers, clock.hz)
    if video.screen is None:
        wrapper, ports = "hearth_ecp5_video", camera.PORTS
    else:
        wrapper, ports = "hearth_ecp5_screen", camera.PORTS | {screen.PORT: "output logic [3:0]"}
    return serial.top(board, wiring, wrapper, dividers, clock.hz, ports)
