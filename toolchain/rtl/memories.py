"""Where a memory of the RTL goes, and how many blocks of 18 Kbit it takes there: exactly.

The RTL itself decides between block RAM and LUT RAM (hw/memory/hearth_ram.sv, hearth_rom.sv). Yosys
then cuts a memory of W words x B bits into chunks of one of SHAPES, whose columns it lays side by
side. An ECP5 and AMD's parts have blocks of the same shapes (DP16KD; RAMB18, of which two are a
RAMB36).
"""

from __future__ import annotations

SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""Words and bits of one block."""


def blocks(words: int, bits: int) -> int:
    """Blocks of one memory."""
    return min(-(-(-(-words // deep) * bits) // wide) for deep, wide in SHAPES)


def is_block(words: int, bits: int, cells_per_block: int) -> bool:
    """Whether hw/memory/hearth_ram.sv puts a memory into block RAM, given
    HEARTH_CELLS_PER_BLOCK."""
    return cells(words, bits) > cells_per_block * max(-(-bits // 36), -(-words * bits // 16384))


def cells(words: int, bits: int) -> int:
    """LUT RAMs of 16 x 4 bits of one memory."""
    return -(-words // 16) * -(-bits // 4)
