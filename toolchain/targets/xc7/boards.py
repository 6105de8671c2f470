"""Boards with a part of AMD's 7 series that open tools know, as data (limits: AMD DS180).

A board is one entry in BOARDS; docs/adding/a_board.md says what it needs. Balls and oscillator come
from amaranth-boards (pins.py); of a board that it does not have, they stand here. `options`:

    device          the chip without its package, as nextpnr's and Project X-Ray's databases call it
    openFPGALoader  how openFPGALoader calls the board, with its cable
    pins            where amaranth-boards has no such board: oscillator in MHz, and ball and I/O
                    standard of every port
"""

from __future__ import annotations

from hearth.toolchain.targets.target import Board, Resources

_MHZ = 75.0
"""What a bound over every path of a large network leaves (docs/results/xc7.md)."""
_NEXYS_VIDEO = """
oscillator 100
clock_pin R4 LVCMOS33
uart_rx_pin V18 LVCMOS33
uart_tx_pin AA19 LVCMOS33
led_pins T14 LVCMOS25
led_pins T15 LVCMOS25
led_pins T16 LVCMOS25
led_pins U16 LVCMOS25
led_pins V15 LVCMOS25
led_pins W16 LVCMOS25
led_pins W15 LVCMOS25
led_pins Y13 LVCMOS25
"""
"""Digilent, Nexys Video reference manual and schematic: bank 34 (clock) and 14 (USB bridge) at
3.3 V; LEDs in bank 13, whose voltage VADJ the board's jumper and regulator set, 2.5 V by default
as the manual recommends; UART as the FPGA sees it: V18 is what the bridge sends."""

BOARDS = (
    Board(
        "nexys-video",
        "Digilent Nexys Video (Artix-7 200T)",
        "xc7a200tsbg484-1",
        Resources(lut=133_800, ff=267_600, dsp=740, bram=365),
        _MHZ,
        options={"device": "xc7a200t", "openFPGALoader": "nexysVideo", "pins": _NEXYS_VIDEO},
    ),
    Board(
        "arty-a7-100t",
        "Digilent Arty A7-100T (Artix-7 100T)",
        "xc7a100tcsg324-1",
        Resources(lut=63_400, ff=126_800, dsp=240, bram=135),
        _MHZ,
        ("arty_a7", "ArtyA7_100Platform"),
        {"device": "xc7a100t", "openFPGALoader": "arty_a7_100t"},
    ),
)
