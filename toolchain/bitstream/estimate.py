"""What a design will need on an ECP5, before the slow synthesis.

A memory of W words x B bits takes the fewest 18-Kbit blocks over the shapes 16384 x 1, 8192 x 2,
4096 x 4, 2048 x 9, 1024 x 18 and 512 x 36, unless it is small enough for logic. Only what cannot
fit whatever the tools do is refused here; what place-and-route found is in docs/board.md.
"""

from __future__ import annotations

from toolchain.bitstream import multipliers
from toolchain.bitstream.boards import Board
from toolchain.errors import HearthError
from toolchain.ir import Design
from toolchain.passes.emit import kernels

_SHAPES = ((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36))
_BLOCK_BITS = 18 * 1024
LUTS_PER_SOFT_LANE = 76


def blocks(words: int, bits: int) -> int:
    """Block RAMs of one memory."""
    return min(-(-words // deep) * -(-bits // wide) for deep, wide in _SHAPES)


def rom_blocks(design: Design) -> int:
    """Block RAMs of all weight memories: the smallest number that the design can need."""
    return sum(
        blocks(kernel.roms[0].words, kernel.roms[0].width)
        for kernel in kernels(design)
        if kernel.roms and kernel.roms[0].words * kernel.roms[0].width >= _BLOCK_BITS // 4
    )


def check(design: Design, board: Board) -> None:
    """Raise HearthError when the design cannot fit, whatever the tools do."""
    needed, available = rom_blocks(design), board.part.block_rams
    if needed > available:
        raise HearthError(
            f"--board {board.name}: the weights of {design.qgraph.name} need {needed} block RAMs at"
            f" {design.lanes} lanes, {board.device} has {available}; use fewer weight bits"
            " (hearth compile --weight-bits 4), fewer lanes, or a smaller network"
        )
    share = multipliers.assign(kernels(design), board.part.multipliers)
    luts = share.soft_lanes * LUTS_PER_SOFT_LANE
    if luts > board.part.luts:
        raise HearthError(
            f"--board {board.name}: {design.lanes} MAC lanes do not fit {board.device}:"
            f" {share.soft_lanes} of them would need {luts:,} of {board.part.luts:,} LUTs; compile"
            f" with --lanes {(board.part.luts // 2) // LUTS_PER_SOFT_LANE + share.blocks}"
        )
