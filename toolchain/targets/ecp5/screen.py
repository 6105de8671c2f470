"""The pins of a screen on an ECP5 board: the four pairs of wires of its DVI or HDMI socket."""

from __future__ import annotations

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.ecp5 import pins
from hearth.toolchain.targets.serial.pins import Pin
from hearth.toolchain.targets.target import Board

PORT = "dvi_pins"
"""Of the top module, as pins_o of hw/boards/ecp5/hearth_ecp5_dvi.sv: blue, green, red, clock."""
_SOCKET = "hdmi"


def of(board: Board) -> dict[str, Pin]:
    """The positive wires by port; their buffers drive the negative ones, too. HearthError for a
    board that has no socket."""
    wires = pins.pairs(board, _SOCKET, 0)
    if not wires:
        raise HearthError(
            f"--video screen: {board.name} has no {_SOCKET} socket; take a board that has one, such"
            " as ulx3s-85f"
        )
    return {f"{PORT}[{i}]": pin for i, pin in enumerate((*wires["d"], *wires["clk"]))}
