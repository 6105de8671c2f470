"""The pins of a camera module on an ECP5 board.

A module with an OV7670 has two rows of pins: a pair for power and eight pairs of signals. Each of
these goes to a pair of the board's connector: on an ULX3S to GPn and GNn.
"""

from __future__ import annotations

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.ecp5 import pins
from hearth.toolchain.targets.serial.pins import Pin
from hearth.toolchain.targets.target import Board

PAIRS = (
    ("cam_pclk_pin", "cam_xclk_pin"),
    ("cam_vsync_pin", "cam_href_pin"),
    ("cam_sioc_pin", "cam_siod_pin"),
    ("cam_data_pins[7]", "cam_data_pins[6]"),
    ("cam_data_pins[5]", "cam_data_pins[4]"),
    ("cam_data_pins[3]", "cam_data_pins[2]"),
    ("cam_data_pins[1]", "cam_data_pins[0]"),
    ("cam_reset_pin", "cam_pwdn_pin"),
)
"""The module's pairs, the camera's clock first: an ULX3S has clock inputs at its first pairs."""
PORTS = {
    "cam_pclk_pin": "input  logic",
    "cam_xclk_pin": "output logic",
    "cam_vsync_pin": "input  logic",
    "cam_href_pin": "input  logic",
    "cam_data_pins": "input  logic [7:0]",
    "cam_sioc_pin": "inout  wire",
    "cam_siod_pin": "inout  wire",
    "cam_reset_pin": "output logic",
    "cam_pwdn_pin": "output logic",
}
"""Ports of the top module, as hw/boards/ecp5/hearth_ecp5_video.sv has them."""
CLOCK = "cam_pclk_pin"
_OPEN_DRAIN = ("cam_sioc_pin", "cam_siod_pin")
_BUFFER = ("IO_TYPE", "LVCMOS33")


def of(board: Board) -> dict[str, Pin]:
    """The camera's pins by port. HearthError for a board that has none."""
    if "camera" not in board.options:
        raise HearthError(
            f"--video camera: no pins for a camera are known of {board.name}; add them to its entry"
            " in toolchain/targets/ecp5/boards.py, or make the bitstream without --video"
        )
    name, number, first = board.options["camera"].split()
    balls = pins.connector(board, name, int(number))
    found: dict[str, Pin] = {}
    for place, pair in enumerate(PAIRS, int(first)):
        for port, side in zip(pair, "+-", strict=True):
            pull = "UP" if port in _OPEN_DRAIN else "NONE"
            found[port] = Pin(balls[f"{place}{side}"], False, (_BUFFER, ("PULLMODE", pull)))
    return found
