"""What a design will need on an ECP5, before the slow synthesis.

Block RAM is exact (rtl/memories.py), and so are multipliers, as they are shared out here
(multipliers.py). LUTs are a linear model: the constants below were counted in netlists
(docs/results/ecp5.md says how far it is off).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.ir import Design, Memory
from hearth.toolchain.rtl.memories import blocks, cells, is_block
from hearth.toolchain.saved import weights_image
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets.ecp5 import multipliers
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.serial import border as serial
from hearth.toolchain.targets.serial import fit
from hearth.toolchain.targets.target import Board, Resources

UNITS = {"lut": "LUT4", "ff": "FF", "bram": "block RAM", "dsp": "DSP"}
"""Fields of Resources, in the order of reports."""
LUTS_PER_SOFT_LANE = 131
"""Without a codebook: product of four carry chains and three adders, its place in the adder tree,
and four LUTs with which nextpnr starts each chain."""
_LUTS_PER_DSP_LANE = 24
_LUTS_PER_FIFO = 60
_LUTS_PER_CELL = 6
_LUTS_PER_SELECTED_BIT = 0.9
_LUTS_OF_LINK = 4500
CELLS_PER_BLOCK = (9, 16, 24, 36, 48)
"""Choices of HEARTH_CELLS_PER_BLOCK (hw/memory/hearth_ram.sv), from few LUT RAMs to few block RAMs.
At 9 everything up to 16 words deep is LUT RAM: a block RAM would be as good as empty, and slow."""
_FULLEST_BLOCKS = 0.9
"""Share of the block RAMs up to which LUT RAM is avoided: it crowds the routing."""
FULLEST = 0.85
"""Share of the LUTs up to which place and route may be expected to succeed."""
_BUILD_ID_BLOCKS = 1


def cells_per_block(design: Design, board: Board, live: bool) -> int:
    """The choice for a design: as few LUT RAMs as there are block RAMs for."""
    needs = needs_of.of(design)
    return _choice([*needs.memories, *serial.MEMORIES], rom_blocks(needs, live), board)


def _choice(stored: Sequence[Memory], fixed: int, board: Board) -> int:
    """As cells_per_block, for these memories beside `fixed` block RAMs of ROMs."""
    for choice in CELLS_PER_BLOCK[:-1]:
        rams = sum(blocks(*m) for m in stored if is_block(*m, choice))
        if fixed + rams <= board.limits.bram * _FULLEST_BLOCKS:
            return choice
    return CELLS_PER_BLOCK[-1]


def rom_blocks(needs: Needs, live: bool) -> int:
    """Block RAMs of all ROMs, the build id's too; with `live` they have two banks of a power of two
    words."""
    return _BUILD_ID_BLOCKS + sum(
        blocks(2 * weights_image.bank_words(words) if live else words, bits)
        for words, bits in needs.roms
    )


def resources(needs: Needs, board: Board, live: bool = False) -> Resources:
    """Resources of a design with its link."""
    share = multipliers.assign(needs.products, board.limits.dsp)
    fixed = rom_blocks(needs, live)
    choice = _choice([*needs.memories, *serial.MEMORIES], fixed, board)
    deep = [m for m in (*needs.memories, *serial.MEMORIES) if is_block(*m, choice)]
    shallow = [m for m in needs.memories if not is_block(*m, choice)]
    luts = (
        share.soft_lanes * LUTS_PER_SOFT_LANE
        + (needs.lanes - share.soft_lanes) * _LUTS_PER_DSP_LANE
        + needs.luts
        + len(needs.memories) * _LUTS_PER_FIFO
        + sum(cells(*m) for m in shallow) * _LUTS_PER_CELL
        + sum(bits * (-(-words // 16) - 1) for words, bits in shallow) * _LUTS_PER_SELECTED_BIT
        + _LUTS_OF_LINK
    )
    rams = fixed + sum(blocks(*m) for m in deep)
    return Resources(lut=round(luts), ff=None, dsp=share.blocks, bram=rams)


def of(design: Design, board: Board, live: bool = False) -> Resources:
    """As `resources`, of a design."""
    return resources(needs_of.of(design), board, live)


def usable(board: Board) -> Resources:
    """What a design may take: place and route needs some LUTs to spare."""
    return replace(board.limits, lut=int((board.limits.lut or 0) * FULLEST))


def over(design: Design, board: Board, live: bool = False) -> list[str]:
    """What there is too little of on a board, such as '220 block RAM of 208'."""
    return fit.scarce(of(design, board, live), usable(board), UNITS)
