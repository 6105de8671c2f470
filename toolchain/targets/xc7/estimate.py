"""What a design will need on a 7-series part, before the slow synthesis.

Multipliers and block RAM are those of Vivado's family (targets/xilinx/estimate.py), with the
memories of the serial link beside the network's. LUTs are a linear model, its constants counted in
netlists: docs/results/xc7.md says how far all of them are off. Place and route packs two small
functions into one LUT where it can, and so comes out lower.
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.ir import Design
from hearth.toolchain.rtl.memories import REGISTERS, is_block
from hearth.toolchain.saved import weights_image
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets.needs import Needs, Stored
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.target import Board, Resources, scarce
from hearth.toolchain.targets.xilinx import estimate as xilinx
from hearth.toolchain.targets.xilinx.boards import BLOCKS

BLOCK = BLOCKS["xc7"]
"""The multipliers of every part: DSP48E1."""
UNITS = {name: xilinx.UNITS[name] for name in ("lut", "ff", "bram", "dsp")}
"""Fields of Resources, in the order of reports."""
_LUTS_OF_LINK = 1100
_LUTS_PER_LUT4 = 0.7
"""Of six inputs, for one of four in the layer kinds' own models."""
_LUTS_PER_LANE = 21
_LUTS_PER_PAIR = 17
"""More for two lanes that share a DSP48E1: a borrow in front of it, a carry behind."""
_LUTS_PER_MEMORY = 54
_LUTS_PER_CELL = 4
"""A RAM32M holds 32 words of 6 bits."""
FULLEST = 0.85
"""Share of the LUTs up to which place and route may be expected to succeed."""
_BUILD_ID = Stored(2, weights_image.ID_BITS, rom=weights_image.ID_ROM)
"""The link's own ROM."""


def resources(needs: Needs) -> Resources:
    """Resources of a design with its link."""
    whole = replace(
        needs, roms=(*needs.roms, _BUILD_ID), memories=(*needs.memories, *serial.MEMORIES)
    )
    return replace(xilinx.resources(whole, BLOCK), lut=round(_luts(needs)))


def _luts(needs: Needs) -> float:
    shallow = [m for m in needs.memories if m.words > REGISTERS and not is_block(m.words, m.bits)]
    cells = sum(-(-memory.words // 32) * -(-memory.bits // 6) for memory in shallow)
    return (
        _LUTS_OF_LINK
        + needs.luts * _LUTS_PER_LUT4
        + needs.lanes * _LUTS_PER_LANE
        + (needs.lanes - sum(p.blocks(BLOCK) for p in needs.products)) * _LUTS_PER_PAIR
        + len(needs.memories) * _LUTS_PER_MEMORY
        + cells * _LUTS_PER_CELL
    )


def of(design: Design) -> Resources:
    """As `resources`, of a design."""
    return resources(needs_of.of(design))


def usable(board: Board) -> Resources:
    """What a design may take: place and route needs some LUTs to spare."""
    return replace(board.limits, lut=int((board.limits.lut or 0) * FULLEST))


def over(design: Design, board: Board) -> list[str]:
    """What there is too little of on a board, such as '400 RAMB36 of 365'."""
    return scarce(of(design), usable(board), UNITS)
