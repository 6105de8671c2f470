"""An ECP5 around the network and its link (serial/border.py): clock, reset, LEDs."""

from __future__ import annotations

from hearth.toolchain.targets.ecp5 import camera
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.serial.pll import Pll
from hearth.toolchain.targets.target import Board

WRAPPERS = (
    "boards/ecp5/hearth_ecp5_clock.sv",
    serial.RESET,
    "boards/ecp5/hearth_ecp5.sv",
)
"""What stands around serial.BOARD, in hw."""
VIDEO_WRAPPERS = (*WRAPPERS[:-1], "boards/ecp5/hearth_ecp5_video.sv")
"""The same around serial/camera.BOARD."""


def top(board: Board, wiring: Pins, clock: Pll, with_camera: bool = False) -> str:
    """hearth_top, with the PLL's dividers."""
    dividers = {"Reference": clock.reference, "Loop": clock.loop, "Output": clock.output}
    if with_camera:
        wrapper, ports = "hearth_ecp5_video", camera.PORTS
        return serial.top(board, wiring, wrapper, dividers, clock.hz, ports)
    return serial.top(board, wiring, "hearth_ecp5", dividers, clock.hz)
