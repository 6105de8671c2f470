"""How many multiplier blocks a product of a sum and a multiplier takes."""

from __future__ import annotations

import pytest

from hearth.toolchain.ir import Block, Scaling

EVERY, DSP48E1, DSP48E2 = Block(18, 18), Block(25, 18), Block(27, 18)


@pytest.mark.parametrize(
    ("sum_bits", "factor_bits", "blocks"),
    [
        (18, 16, (1, 1, 1)),
        (19, 16, (2, 1, 1)),
        (25, 17, (2, 1, 1)),
        (25, 18, (4, 2, 2)),
        (26, 16, (2, 2, 1)),
        (28, 16, (2, 2, 2)),
        (33, 16, (2, 2, 2)),
        (17, 24, (2, 1, 1)),
        (21, 24, (4, 2, 2)),
        (21, 26, (4, 4, 2)),
    ],
)
def test_blocks(sum_bits: int, factor_bits: int, blocks: tuple[int, ...]) -> None:
    scaling = Scaling(3, sum_bits, factor_bits)
    assert tuple(scaling.blocks(block) for block in (EVERY, DSP48E1, DSP48E2)) == tuple(
        3 * n for n in blocks
    )
    assert scaling.blocks(None) == scaling.blocks(EVERY)


@pytest.mark.parametrize("block", [EVERY, DSP48E1, DSP48E2])
def test_parts_are_exact(block: Block) -> None:
    """Each side of every product is within the block's, where one block is counted for it."""
    for sum_bits in range(1, 34):
        scaling = Scaling(1, sum_bits, 16)
        if scaling.blocks(block) == 1:
            assert scaling.whole(block)
            assert sorted((sum_bits, 17)) <= sorted((block.narrow, block.wide))
            assert max(sum_bits, 17) <= block.wide
        else:
            assert not scaling.whole(block)
