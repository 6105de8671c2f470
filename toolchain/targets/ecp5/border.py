"""An ECP5 around the network and its link (serial/border.py): clock, reset, LEDs."""

from __future__ import annotations

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


def top(board: Board, wiring: Pins, clock: Pll) -> str:
    """hearth_top, with the PLL's dividers."""
    dividers = {"Reference": clock.reference, "Loop": clock.loop, "Output": clock.output}
    return serial.top(board, wiring, "hearth_ecp5", dividers, clock.hz)
