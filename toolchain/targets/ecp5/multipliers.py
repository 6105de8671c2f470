"""Which MAC lanes get a DSP block, and which are made of LUTs.

An ECP5 has far fewer multipliers than LUTs to feed. Requantizers come first (two 18 x 18 products
each); then whole MAC arrays, largest first, as long as multipliers are left; two lanes of few bits
share one (toolchain/ir/packing.py). The rest becomes carry chains (hw/boards/ecp5/multiply_map.v).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.ir import Block, Products

BLOCK = Block(18, 18, far=True)
"""MULT18X18D. Nearly every one is taken, so that some lie a hundred columns from their sums, 9 to
10.7 ns of wire: products have a cycle for that way."""
MAPPED_BITS = (8, 8)
"""Widths of activation and weight that multiply_map.v knows."""


@dataclass(frozen=True)
class Multipliers:
    """Modules whose products go to LUTs; DSP blocks used; lanes made of LUTs."""

    soft_modules: tuple[str, ...]
    blocks: int
    soft_lanes: int


def assign(products: Sequence[Products], available: int) -> Multipliers:
    """Share `available` DSP blocks out."""
    blocks = sum(kernel.first(BLOCK) for kernel in products)
    lanes: Counter[str] = Counter()
    needed: Counter[str] = Counter()
    for kernel in products:
        lanes[kernel.module] += kernel.lanes
        needed[kernel.module] += kernel.blocks(BLOCK)
    soft: list[str] = []
    for module, _ in lanes.most_common():
        if blocks + needed[module] <= available:
            blocks += needed[module]
        else:
            soft.append(module)
    soft_lanes = sum(lanes[module] for module in soft)
    return Multipliers(tuple(soft), blocks, soft_lanes)
