"""Two products of one activation in one multiplier block: where that is exact.

    (w1 * 2^low + w0) * a  =  w1 * a * 2^low + w0 * a

A block's wide side takes both weights, its narrow one the activation. The lower product is the
lowest `low` bits with their sign, the upper one the rest, plus one where the lower is negative
(hw/layers/conv/mac.x). Packed products may be added before they are taken apart, as long as a sum
of lower ones stays within -2^(low-1) .. 2^(low-1) - 1; the upper ones may be whatever they are.

    two weights take  low + bits + 1  bits: one more than it seems, for both the smallest
    `summed` * largest weight * largest activation < 2^(low-1)

    DSP48E2, 27 x 18 bits    weights and activations of 8 bits: low 18, 4 products summed
    DSP48E1, 25 x 18         the same: low 16, 1
    ECP5, 18 x 18            weights of 4 bits, activations of 8: low 13, 2; of more bits: none

So whether lanes are packed depends on widths alone, never on the weights: others go into the same
hardware. With a weight's smallest value left out, one bit more would remain for `low`; that is not
done, as weights of fewer bits and those of quantized files have it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A part's multiplier: of two's complement numbers of `wide` and of `narrow` bits. `far`: a
    product takes a clock cycle for its way from there to its sum."""

    wide: int
    narrow: int
    far: bool = False


@dataclass(frozen=True)
class Factors:
    """What is multiplied: any weight of so many bits in two's complement, and activations of so
    many bits with a sign, of which none is further from zero than `largest`."""

    weight_bits: int
    activation_bits: int
    largest: int


@dataclass(frozen=True)
class Packing:
    """low     bits of the lower product
    summed  packed products that may be added before they are taken apart
    """

    low: int
    summed: int


def packing(block: Block | None, factors: Factors | None) -> Packing | None:
    """How two such products share a block; None where they do not."""
    if block is None or factors is None or factors.activation_bits > block.narrow:
        return None
    low = block.wide - factors.weight_bits - 1
    if low < 2:
        return None
    most = factors.largest << (factors.weight_bits - 1)
    summed = ((1 << (low - 1)) - 1) // max(1, most)
    return Packing(low, summed) if summed else None
