"""What a design will need on an ECP5, before the slow synthesis.

Block RAM is exact (memory_plan.py), and so are multipliers, as they are shared out here
(multipliers.py). LUTs are a linear model: the constants below were counted in netlists
(docs/results/ecp5.md says how far it is off).
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.prices import LUTS_PER_LANE
from hearth.toolchain.rtl.memories import blocks, is_block
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets.ecp5 import memory_plan, multipliers
from hearth.toolchain.targets.ecp5.memory_plan import MemoryPlan
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.target import Board, Resources, scarce

UNITS = {"lut": "LUT4", "ff": "FF", "bram": "block RAM", "dsp": "DSP"}
"""Fields of Resources, in the order of reports."""
_LUTS_PER_DSP_LANE = 24
_LUTS_PER_FIFO = 60
_LUTS_OF_LINK = 4500
FULLEST = 0.85
"""Share of the LUTs up to which place and route may be expected to succeed."""
_LINK_BLOCKS = 1 + sum(
    blocks(m.words, m.bits, written=True) for m in serial.MEMORIES if is_block(m.words, m.bits)
)
"""The build id, and what the link's own memories take by the rule of hw/memory/hearth_ram.sv."""


def planned(needs: Needs, board: Board, live: bool = False) -> MemoryPlan:
    """Where the memories of a design lie, so that it fits if it can."""
    room = (usable(board).lut or 0) - _logic(needs, board)
    return memory_plan.plan(needs, int(board.limits.bram) - _LINK_BLOCKS, room, live)


def _logic(needs: Needs, board: Board) -> float:
    """LUTs of a design with its link beside its memories."""
    share = multipliers.assign(needs.products, board.limits.dsp)
    return (
        share.soft_lanes * LUTS_PER_LANE
        + (needs.lanes - share.soft_lanes) * _LUTS_PER_DSP_LANE
        + needs.luts
        + len(needs.memories) * _LUTS_PER_FIFO
        + _LUTS_OF_LINK
    )


def resources(needs: Needs, board: Board, live: bool = False) -> Resources:
    """Resources of a design with its link."""
    made = planned(needs, board, live)
    share = multipliers.assign(needs.products, board.limits.dsp)
    luts = round(_logic(needs, board) + made.luts)
    return Resources(lut=luts, ff=None, dsp=share.blocks, bram=_LINK_BLOCKS + made.blocks)


def of(design: Design, board: Board, live: bool = False) -> Resources:
    """As `resources`, of a design."""
    return resources(needs_of.of(design), board, live)


def usable(board: Board) -> Resources:
    """What a design may take: place and route needs some LUTs to spare."""
    return replace(board.limits, lut=int((board.limits.lut or 0) * FULLEST))


def over(design: Design, board: Board, live: bool = False) -> list[str]:
    """What there is too little of on a board, such as '220 block RAM of 208'."""
    return scarce(of(design, board, live), usable(board), UNITS)
