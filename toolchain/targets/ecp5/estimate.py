"""What a design will need on an ECP5, before the slow synthesis, and what would fit.

Block RAM is exact: hw/memory/rom.sv and ram.sv decide what goes there, and Yosys cuts a memory of W
words x B bits into chunks of one of SHAPES, whose columns it lays side by side. Multipliers are
exact too, as they are shared out here (multipliers.py). LUTs are a linear model: the constants
below were counted in netlists (docs/results/ecp5.md says how far it is off).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hearth.toolchain.ir import Design, Memory
from hearth.toolchain.saved import weights_image
from hearth.toolchain.targets.ecp5 import multipliers
from hearth.toolchain.targets.ecp5.boards import Board
from hearth.toolchain.targets.ecp5.brams import SHAPES

LUTS_PER_SOFT_LANE = 131
"""Without a codebook: product of four carry chains and three adders, its place in the adder tree,
and four LUTs with which nextpnr starts each chain."""
_LUTS_PER_DSP_LANE = 24
_LUTS_PER_FIFO = 60
_LUTS_PER_CELL = 6
_LUTS_PER_SELECTED_BIT = 0.9
_LUTS_OF_LINK = 4500
CELLS_PER_BLOCK = (9, 16, 24, 36, 48)
"""Choices of HEARTH_CELLS_PER_BLOCK (hw/memory/ram.sv), from few LUT RAMs to few block RAMs. At 9
everything up to 16 words deep is LUT RAM: a block RAM would be as good as empty, and slow."""
_FULLEST_BLOCKS = 0.9
"""Share of the block RAMs up to which LUT RAM is avoided: it crowds the routing."""
_FULLEST = 0.85
"""Share of the LUTs up to which place and route may be expected to succeed."""
_LINK_MEMORIES = ((2048, 9), (2, 9), (16, 41), (31, 32))
"""FIFOs of hw/link: received bytes (two), events, time stamps."""
_BUILD_ID_BLOCKS = 1


@dataclass(frozen=True)
class Needs:
    """Resources of a design: estimated, or counted by the tools."""

    luts: int
    block_rams: int
    multipliers: int

    def over(self, board: Board) -> list[str]:
        """What there is too little of on a board, such as '220 block RAM of 208'."""
        part = board.part
        limits = {
            "LUT4": (self.luts, int(part.luts * _FULLEST)),
            "block RAM": (self.block_rams, part.block_rams),
            "DSP": (self.multipliers, part.multipliers),
        }
        return [f"{n:,} {name} of {most:,}" for name, (n, most) in limits.items() if n > most]


def blocks(words: int, bits: int) -> int:
    """Block RAMs of one memory."""
    return min(-(-(-(-words // deep) * bits) // wide) for deep, wide in SHAPES)


def is_block(words: int, bits: int, cells_per_block: int) -> bool:
    """Whether hw/memory/ram.sv puts a memory into block RAM."""
    return cells(words, bits) > cells_per_block * max(-(-bits // 36), -(-words * bits // 16384))


def cells_per_block(design: Design, board: Board, live: bool) -> int:
    """The choice for a design: as few LUT RAMs as there are block RAMs for."""
    return _choice([*memories(design), *_LINK_MEMORIES], rom_blocks(design, live), board)


def _choice(stored: Sequence[Memory], fixed: int, board: Board) -> int:
    """As cells_per_block, for these memories beside `fixed` block RAMs of ROMs."""
    for choice in CELLS_PER_BLOCK[:-1]:
        rams = sum(blocks(*m) for m in stored if is_block(*m, choice))
        if fixed + rams <= board.part.block_rams * _FULLEST_BLOCKS:
            return choice
    return CELLS_PER_BLOCK[-1]


def cells(words: int, bits: int) -> int:
    """LUT RAMs of 16 x 4 bits of one memory."""
    return -(-words // 16) * -(-bits // 4)


def memories(design: Design) -> Iterator[Memory]:
    """Every ring, delay line and FIFO."""
    for stage in design.stages:
        yield from stage.memories
    depths = (2, *(stage.fifo_depth for stage in design.stages))
    for depth, edge, beat in zip(depths, design.qgraph.edges, design.beats, strict=True):
        yield depth, edge.bits * beat


def rom_blocks(design: Design, live: bool) -> int:
    """Block RAMs of all ROMs, the build id's too; with `live` they have two banks of a power of two
    words."""
    return _BUILD_ID_BLOCKS + sum(
        blocks(2 * weights_image.bank_words(rom.words) if live else rom.words, rom.width)
        for rom in design.roms
    )


def needs(design: Design, board: Board, live: bool = False) -> Needs:
    """Resources of a design with its link."""
    share = multipliers.assign(design.products, board.part.multipliers)
    stored, fixed = list(memories(design)), rom_blocks(design, live)
    choice = _choice([*stored, *_LINK_MEMORIES], fixed, board)
    deep = [m for m in (*stored, *_LINK_MEMORIES) if is_block(*m, choice)]
    shallow = [m for m in stored if not is_block(*m, choice)]
    luts = (
        share.soft_lanes * LUTS_PER_SOFT_LANE
        + (design.lanes - share.soft_lanes) * _LUTS_PER_DSP_LANE
        + sum(stage.layer.luts(stage.fold) for stage in design.stages)
        + len(stored) * _LUTS_PER_FIFO
        + sum(cells(*m) for m in shallow) * _LUTS_PER_CELL
        + sum(bits * (-(-words // 16) - 1) for words, bits in shallow) * _LUTS_PER_SELECTED_BIT
        + _LUTS_OF_LINK
    )
    rams = fixed + sum(blocks(*m) for m in deep)
    return Needs(round(luts), rams, share.blocks)
