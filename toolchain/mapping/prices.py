"""What a kernel's folding costs, in the currency of whoever asks.

Lanes alone, unless told otherwise. A part that is short of block RAM prices what memories take of
it: a ROM of few deep words fills its blocks worse than one of many, a line ring of wide words takes
more blocks than one of narrow ones. Counted exactly (rtl/memories.py), without making an image.

A memory that LUTs would hold more cheaply is priced at that: the prices decide, as in a market, and
a target that plans memories decides the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth.toolchain.ir import Fold, Layer
from hearth.toolchain.rtl.memories import blocks, cells

Price = Callable[[Layer, Fold, int], float]
"""What a layer costs, folded so, behind a stream of so many channels a beat."""

REQUANTIZER = 4
"""Lanes that a requantizer's 32x16 product costs, about."""
LUTS_PER_LANE = 125
"""LUT4 of a lane without a multiplier block, and without a codebook (docs/results/ecp5.md): product
of four carry chains and three adders, its place in the adder tree, and four LUTs with which nextpnr
starts each chain."""
_LUTS_PER_ROM_CELL = 1.25
"""LUT4 for 16 words of a ROM's bit, the choice among them too."""
_LUTS_PER_CELL = 6
_LUTS_PER_SELECTED_BIT = 0.9
"""LUT4 for a LUT RAM of 16 x 4 bits, and for the choice among several."""


def lanes_alone(layer: Layer, fold: Fold, in_beat: int) -> float:
    """Multipliers, the requantizers' too."""
    return fold.lanes + REQUANTIZER * (fold.beat - 1)


@dataclass(frozen=True)
class Prices:
    """What things cost, in MAC lanes.

    block   a block RAM of 18 Kbit
    lut     a LUT4
    """

    block: float
    lut: float = 1 / LUTS_PER_LANE

    def __call__(self, layer: Layer, fold: Fold, in_beat: int) -> float:
        """Lanes, requantizers, control, and every memory in whatever holds it most cheaply."""
        shapes = layer.rom_shapes(fold)
        stored = sum(self.rom(*shape) for shape in shapes)
        stored += sum(self.ram(*shape) for shape in layer.memories(fold, in_beat))
        return lanes_alone(layer, fold, in_beat) + self.lut * layer.luts(fold) + stored

    def rom(self, words: int, bits: int) -> float:
        """Of one ROM."""
        luts = bits * -(-words // 16) * _LUTS_PER_ROM_CELL
        return min(self.block * blocks(words, bits), self.lut * luts)

    def ram(self, words: int, bits: int) -> float:
        """Of one line ring or FIFO."""
        choosing = bits * (-(-words // 16) - 1) * _LUTS_PER_SELECTED_BIT
        luts = cells(words, bits) * _LUTS_PER_CELL + choosing
        return min(self.block * blocks(words, bits, written=True), self.lut * luts)
