"""AMD boards as data, with the limits of their part's data sheet (DS891 for UltraScale+, DS987 for
Kria, DS180 for 7 series).

A board is one entry in BOARDS; docs/adding/a_board.md says what it needs.

Boards without a processor take their oscillator's pins from amaranth-boards (pins.py); on a Zynq
the processor feeds the network. `options`:

    family       of the part, as Yosys calls it: xc7 or xcup
    design       block design in hw/boards/xilinx: zynqmp or jtag
    board_parts  pattern of Vivado's board files (zynqmp)
"""

from __future__ import annotations

from hearth.toolchain.ir import Block
from hearth.toolchain.targets.target import Board, Resources

BLOCKS = {"xc7": Block(25, 18), "xcup": Block(27, 18)}
"""Multipliers by family: DSP48E1 (UG479) and DSP48E2 (UG579)."""
_KINTEX_325T = Resources(lut=203_800, ff=407_600, dsp=840, bram=445)

BOARDS = (
    Board(
        "zcu104",
        "AMD ZCU104 (Zynq UltraScale+ ZU7EV)",
        "xczu7ev-ffvc1156-2-e",
        Resources(lut=230_400, ff=460_800, dsp=1_728, bram=312, uram=96),
        200,
        options={"family": "xcup", "design": "zynqmp", "board_parts": "*:zcu104:*"},
    ),
    Board(
        "zcu102",
        "AMD ZCU102 (Zynq UltraScale+ ZU9EG)",
        "xczu9eg-ffvb1156-2-e",
        Resources(lut=274_080, ff=548_160, dsp=2_520, bram=912),
        200,
        options={"family": "xcup", "design": "zynqmp", "board_parts": "*:zcu102:*"},
    ),
    Board(
        "kv260",
        "AMD Kria KV260 (K26 module)",
        "xck26-sfvc784-2LV-c",
        Resources(lut=117_120, ff=234_240, dsp=1_248, bram=144, uram=64),
        200,
        options={"family": "xcup", "design": "zynqmp", "board_parts": "*:kv260_som:*"},
    ),
    Board(
        "genesys2",
        "Digilent Genesys 2 (Kintex-7 325T)",
        "xc7k325tffg900-2",
        _KINTEX_325T,
        125,
        ("genesys2", "Genesys2Platform"),
        {"family": "xc7", "design": "jtag"},
    ),
    Board(
        "kc705",
        "AMD KC705 (Kintex-7 325T)",
        "xc7k325tffg900-2",
        _KINTEX_325T,
        125,
        ("kc705", "KC705Platform"),
        {"family": "xc7", "design": "jtag"},
    ),
)
