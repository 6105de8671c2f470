"""Products of a sum and a multiplier: of how many multiplier blocks each is made.

    18 x 18 bits, which every family has    a sum of more than 18 bits is two parts
    DSP48E1, 25 x 18                        sums up to 25 bits are one part
    DSP48E2, 27 x 18                        sums up to 27 bits

Where a sum is two parts, each part's product is a block of its own, which registers can surround
(hw/layers/conv/requantize.x); a multiplier of 24 bits takes a block's wide side, or two blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.ir.packing import Block

EVERY = Block(18, 18)
"""What fits any family's block."""


@dataclass(frozen=True)
class Scaling:
    """Products of a kernel that scale its sums.

    count        of them in a cycle
    sum_bits     of a sum with its bias, in two's complement
    factor_bits  of the multiplier, without a sign
    """

    count: int
    sum_bits: int
    factor_bits: int

    def whole(self, block: Block | None) -> bool:
        """Whether a sum is multiplied as it is, and not in two parts."""
        return self.sum_bits <= EVERY.narrow or self._fits(block or EVERY, self.sum_bits)

    def blocks(self, block: Block | None) -> int:
        """Multiplier blocks of all the products."""
        parts, bits = (1, self.sum_bits) if self.whole(block) else (2, EVERY.narrow)
        return self.count * parts * (1 if self._fits(block or EVERY, bits) else 2)

    def _fits(self, block: Block, bits: int) -> bool:
        narrow, wide = sorted((bits, self.factor_bits + 1))
        return narrow <= block.narrow and wide <= block.wide
