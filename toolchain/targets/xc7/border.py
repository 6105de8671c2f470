"""A chip of the 7 series around the network and its link (serial/border.py): clock, reset, LEDs."""

from __future__ import annotations

from hearth.toolchain.rtl.verilog import Literal
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial.pins import Pins
from hearth.toolchain.targets.serial.pll import Pll
from hearth.toolchain.targets.target import Board

WRAPPERS = (
    "boards/xc7/hearth_xc7_clock.sv",
    serial.RESET,
    "boards/xc7/hearth_xc7.sv",
)
"""What stands around serial.BOARD, in hw."""


def top(board: Board, wiring: Pins, clock: Pll) -> str:
    """hearth_top, with the PLL's numbers."""
    numbers: dict[str, int | str] = {
        "PeriodNs": Literal(f"{1e9 / clock.source_hz:.3f}"),
        "Reference": clock.reference,
        "Loop": clock.loop,
        "Output": clock.output,
    }
    return serial.top(board, wiring, "hearth_xc7", numbers, clock.hz)
