"""Where a memory of the RTL goes, and how many blocks of 18 Kbit it takes there: exactly.

A board's plan says how much of a memory is block RAM (targets/ecp5/memory_plan.py), or the RTL
itself does (hw/memory/hearth_ram.sv, hearth_rom.sv). Yosys then cuts a memory of W words x B bits
into chunks of one of SHAPES, whose columns it lays side by side. An ECP5 and AMD's parts have
blocks of the same shapes (DP16KD; RAMB18, of which two are a RAMB36).
"""

from __future__ import annotations

SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""Words and bits of one block."""


_ENABLED = 9
"""Bits of a block that are written together; in a narrower shape, all of them."""
_BLOCK_COST = 128
"""What Yosys takes a block to cost, in the unit of _SELECTED_COST (its techlibs/ecp5/brams.txt)."""
_SELECTED_COST = 0.5
"""And each bit that is chosen from one more chunk, or chunk that is enabled by itself
(passes/memory/memory_libmap.cc): a few more blocks are taken where they save many multiplexers."""


def blocks(words: int, bits: int, written: bool = False) -> int:
    """Blocks of one memory, in the shape that Yosys chooses. Chunks of one that is written are
    written one at a time: a column of theirs has bits to itself by whole write enables."""
    found, best = 0, 0
    for deep, wide in reversed(SHAPES):
        chunks = -(-words // deep)
        unit = min(_ENABLED, wide) if written and chunks > 1 else 1
        count = -(-(chunks * -(-bits // unit) * unit) // wide)
        enables = chunks if written and chunks > 1 else 0
        cost = _BLOCK_COST * count + _SELECTED_COST * ((chunks - 1) * bits + enables)
        if not found or cost < best:
            found, best = count, int(cost)  # Yosys keeps the least cost as a whole number
    return found


REGISTERS = 1
"""Words up to which hw/memory/hearth_ram.sv is flip-flops."""
CELLS_PER_BLOCK = 48
"""LUT RAMs for every block saved, up to which hw/memory/hearth_ram.sv makes LUT RAM by itself."""


def is_block(words: int, bits: int, cells_per_block: int = CELLS_PER_BLOCK) -> bool:
    """Whether a memory would take more LUT RAMs than so many for every block saved: then
    hw/memory/hearth_ram.sv puts it into block RAM, unless it is told otherwise."""
    return cells(words, bits) > cells_per_block * max(-(-bits // 36), -(-words * bits // 16384))


def cells(words: int, bits: int) -> int:
    """LUT RAMs of 16 x 4 bits of one memory."""
    return -(-words // 16) * -(-bits // 4)
