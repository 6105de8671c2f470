"""ECP5 boards as data, and what their parts hold (Lattice FPGA-DS-02012, table 1.1).

A board is one entry in BOARDS; docs/adding/a_board.md says what it needs. Balls, package and
oscillator come from amaranth-boards (pins.py). `options`:

    nextpnr         how nextpnr-ecp5 calls the part
    openFPGALoader  how openFPGALoader calls the board, with its cable
    camera          connector, its number, and the first of the eight pairs of pins that a camera is
                    wired to (camera.py); absent: --video camera is refused
"""

from __future__ import annotations

from hearth.toolchain.targets.target import Board, Resources

_MHZ = 60.0
_45F = Resources(lut=43_848, ff=43_848, dsp=72, bram=108)
_85F = Resources(lut=83_640, ff=83_640, dsp=156, bram=208)

BOARDS = (
    Board(
        "ulx3s-85f",
        "Radiona ULX3S with an 85F",
        "LFE5U-85F",
        _85F,
        _MHZ,
        ("ulx3s", "ULX3S_85F_Platform"),
        {"nextpnr": "--85k", "openFPGALoader": "ulx3s", "camera": "gpio 0 0"},
    ),
    Board(
        "ulx3s-45f",
        "Radiona ULX3S with a 45F",
        "LFE5U-45F",
        _45F,
        _MHZ,
        ("ulx3s", "ULX3S_45F_Platform"),
        {"nextpnr": "--45k", "openFPGALoader": "ulx3s", "camera": "gpio 0 0"},
    ),
    Board(
        "ecpix5-85f",
        "LambdaConcept ECPIX-5 with an 85F",
        "LFE5UM5G-85F",
        _85F,
        _MHZ,
        ("ecpix5", "ECPIX585Platform"),
        {"nextpnr": "--um5g-85k", "openFPGALoader": "ecpix5"},
    ),
)
