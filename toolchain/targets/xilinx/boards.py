"""AMD boards as data. Pins and oscillators come from amaranth-boards where it knows the board; Zynq
boards need none, their processor feeds the network. Limits are those of the part's data sheet
(DS891 for UltraScale+, DS987 for Kria, DS180 for 7 series).
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.xilinx.estimate import Resources


@dataclass(frozen=True)
class Board:
    """A board of the Vivado flow.

    part         as Vivado calls it
    family       as Yosys calls it: xc7 or xcup
    limits       what the part holds
    design       block design in hw/boards/xilinx: zynqmp or jtag
    board_parts  pattern of Vivado's board files (zynqmp)
    platform     module and class in amaranth-boards that know the oscillator's pins (jtag)
    """

    name: str
    title: str
    part: str
    family: str
    limits: Resources
    clock_mhz: float
    design: str
    board_parts: str = ""
    platform: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Oscillator:
    """Differential clock input: balls of the pair and the I/O standard."""

    mhz: float
    positive: str
    negative: str
    standard: str


_KINTEX_325T = Resources(lut=203_800, ff=407_600, dsp=840, bram=445, uram=0)

BOARDS = {
    board.name: board
    for board in (
        Board(
            "zcu104",
            "AMD ZCU104 (Zynq UltraScale+ ZU7EV)",
            "xczu7ev-ffvc1156-2-e",
            "xcup",
            Resources(lut=230_400, ff=460_800, dsp=1_728, bram=312, uram=96),
            200,
            "zynqmp",
            "*:zcu104:*",
        ),
        Board(
            "zcu102",
            "AMD ZCU102 (Zynq UltraScale+ ZU9EG)",
            "xczu9eg-ffvb1156-2-e",
            "xcup",
            Resources(lut=274_080, ff=548_160, dsp=2_520, bram=912, uram=0),
            200,
            "zynqmp",
            "*:zcu102:*",
        ),
        Board(
            "kv260",
            "AMD Kria KV260 (K26 module)",
            "xck26-sfvc784-2LV-c",
            "xcup",
            Resources(lut=117_120, ff=234_240, dsp=1_248, bram=144, uram=64),
            200,
            "zynqmp",
            "*:kv260_som:*",
        ),
        Board(
            "genesys2",
            "Digilent Genesys 2 (Kintex-7 325T)",
            "xc7k325tffg900-2",
            "xc7",
            _KINTEX_325T,
            125,
            "jtag",
            platform=("genesys2", "Genesys2Platform"),
        ),
        Board(
            "kc705",
            "AMD KC705 (Kintex-7 325T)",
            "xc7k325tffg900-2",
            "xc7",
            _KINTEX_325T,
            125,
            "jtag",
            platform=("kc705", "KC705Platform"),
        ),
    )
}


def find(name: str) -> Board:
    """The board called `name`; HearthError that lists all when there is none."""
    if name not in BOARDS:
        raise HearthError(f"--board: no board is called '{name}'; known are {', '.join(BOARDS)}")
    return BOARDS[name]


def oscillator(board: Board) -> Oscillator:
    """The board's clock input from amaranth-boards."""
    module, name = board.platform
    if importlib.util.find_spec("amaranth_boards") is None:
        raise HearthError(
            f"--board {board.name}: its pins come from amaranth-boards, which is not installed;"
            f" {advice.install('xilinx')}"
        )
    platform = getattr(importlib.import_module(f"amaranth_boards.{module}"), name)
    clock = next(item for item in platform.resources if item.name == platform.default_clk)
    pair = clock.ios[0]
    return Oscillator(
        clock.clock.frequency / 1e6,
        pair.p.names[0],
        pair.n.names[0],
        clock.attrs["IOSTANDARD"],
    )
