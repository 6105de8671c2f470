"""Where every memory of a network lies on an ECP5: block RAM, LUT RAM, logic, or two of them.

A memory of W words has its first words in block RAM and the others in LUTs (hw/memory): all, none,
or as many as fill whole chunks of one of the blocks' shapes, so that a rest of a few words does not
take a row of blocks of its own. Of every such choice the blocks are known exactly
(rtl/memories.py) and the LUTs by a model (constants counted in netlists). Which choices together
take the fewest LUTs with at most so many blocks is a knapsack, solved exactly, over the number of
blocks.

What is up to 16 words deep is LUT RAM anyway: a block would be as good as empty, and slow. ROMs
stay in block RAM as long as the data memories alone can make room: what is logic cannot be given
other contents afterwards. So with `live` they always do.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.rtl.memories import REGISTERS, SHAPES, blocks, cells, is_block
from hearth.toolchain.rtl.network import Places
from hearth.toolchain.saved import weights_image
from hearth.toolchain.targets.needs import Needs, Stored

LUTS_PER_CELL = 6
_LUTS_PER_DECODE = 2
"""Of every 16 words of LUT RAM: what enables its writing."""
_LUTS_OF_SPLIT = 10
"""Comparators of a memory of two kinds; its multiplexer takes one LUT a bit."""
_WIDE_MULTIPLEXER = 1.4
"""LUTs of logic for every 16 words of one bit beyond 128 words, up to which the slices' own
multiplexers suffice."""
_IN_A_NETWORK = 1.4
"""What a ROM of logic takes more beside its users than alone: it is mapped for speed."""
_FULLEST = 0.9
"""Share of the block RAMs up to which LUTs are spent to save some: LUT RAM crowds the routing."""
_CHEAP = 288
"""LUTs per block saved that this is worth; beyond, only what does not fit otherwise."""
_FAIR = 576
"""LUTs per block saved that it is worth to keep every ROM in block RAM, so that its contents can be
changed in a finished configuration; where that takes more, small ROMs become logic."""
_SHALLOW = 9
"""Cells per block up to which a data memory is LUT RAM whatever there is: 16 words of 36 bits."""


@dataclass(frozen=True)
class Choice:
    """One way to lay a memory out: words in block RAM, blocks, LUTs."""

    block_words: int
    blocks: int
    luts: float


@dataclass(frozen=True)
class Placed:
    """A memory where it lies."""

    memory: Stored
    choice: Choice

    @property
    def kind(self) -> str:
        """For people."""
        within, words = self.choice.block_words, self.memory.words
        others = "logic" if self.memory.rom else "LUT RAM" if words > REGISTERS else "registers"
        if within == 0:
            return others
        return "block RAM" if within >= words else f"block RAM + {others}"

    def told(self) -> dict[str, Any]:
        """For --json and the report."""
        memory, choice = self.memory, self.choice
        size = {"memory": memory.name, "words": memory.words, "bits": memory.bits}
        return {**size, "kind": self.kind, "blocks": choice.blocks, "luts": round(choice.luts)}


@dataclass(frozen=True)
class MemoryPlan:
    """All memories of a network, in the order of its needs."""

    rows: tuple[Placed, ...]

    @property
    def blocks(self) -> int:
        return sum(row.choice.blocks for row in self.rows)

    @property
    def luts(self) -> float:
        return sum(row.choice.luts for row in self.rows)

    @property
    def places(self) -> Places:
        """For the network's module."""
        found: dict[str, dict[str, int]] = {}
        for row in self.rows:
            words = min(row.choice.block_words, row.memory.words)
            found.setdefault(row.memory.instance, {})[row.memory.parameter] = words
        return found

    @property
    def logic(self) -> dict[str, int]:
        """ROMs that are logic in part: their words in block RAM, by name."""
        parts = [row for row in self.rows if row.memory.rom]
        return {
            row.memory.rom: row.choice.block_words
            for row in parts
            if row.choice.block_words < row.memory.words
        }


def plan(needs: Needs, most: int, room: float, live: bool) -> MemoryPlan:
    """The plan for at most `most` blocks and `room` LUTs. Where both are not to be had, the fewest
    blocks in so many LUTs; where those do not suffice for any, the fewest LUTs."""
    memories = (*needs.roms, *needs.memories)
    loose = [choices(memory, live) for memory in needs.roms]
    firm = [every[:1] for every in loose]
    rams = [choices(memory) for memory in needs.memories]
    cheap = [_within(every, _CHEAP) for every in rams]
    fair = [_within(every, _FAIR) for every in rams]
    for options, limit in (
        (firm + cheap, int(most * _FULLEST)),
        (firm + fair, most),
        (loose + rams, most),
    ):
        chosen, luts = _Knapsack(options).cheapest(limit)
        if luts <= room:
            return _plan(memories, options, chosen)
    return _plan(memories, options, _Knapsack(options).smallest(room))


def _plan(
    memories: Sequence[Stored], options: Sequence[Sequence[Choice]], chosen: Sequence[int]
) -> MemoryPlan:
    picked = [every[index] for every, index in zip(options, chosen, strict=True)]
    return MemoryPlan(tuple(map(Placed, memories, picked)))


def choices(memory: Stored, live: bool = False) -> tuple[Choice, ...]:
    """Every choice that no other one beats, all in block RAM first; with `live` a ROM has two banks
    of a power of two words."""
    words, bits = memory.words, memory.bits
    if memory.rom and live:
        return (Choice(words, blocks(2 * weights_image.bank_words(words), bits), 0),)
    if not memory.rom and not is_block(words, bits, _SHALLOW):
        return (Choice(0, 0, ram_luts(words, bits)),)
    return _choices(words, bits, bool(memory.rom))


@functools.cache
def _choices(words: int, bits: int, rom: bool) -> tuple[Choice, ...]:
    luts = logic_luts if rom else ram_luts
    found = [Choice(words, blocks(words, bits, not rom), 0)]
    splits = sorted({words // deep * deep for deep, _ in SHAPES} - {0, words}, reverse=True)
    found += [
        Choice(n, blocks(n, bits, not rom), luts(words - n, bits) + bits + _LUTS_OF_SPLIT)
        for n in splits
    ]
    found.append(Choice(0, 0, luts(words, bits)))
    kept: list[Choice] = []
    for choice in sorted(found, key=lambda c: (c.luts, c.blocks)):
        if not kept or choice.blocks < kept[-1].blocks:
            kept.append(choice)
    return tuple(kept)


def _within(every: tuple[Choice, ...], luts_per_block: float) -> tuple[Choice, ...]:
    """Those that cost at most so many LUTs per block saved."""
    first = every[0]
    return tuple(
        choice
        for choice in every
        if choice.luts - first.luts <= luts_per_block * (first.blocks - choice.blocks)
    )


def ram_luts(words: int, bits: int) -> float:
    """LUTs of LUT RAM: cells, and the multiplexers and enables of its rows of 16 words. One
    word is flip-flops (hw/memory/hearth_ram.sv)."""
    if words <= REGISTERS:
        return 0
    rows = -(-words // 16)
    more = (rows - 1) * bits + _LUTS_PER_DECODE * rows if rows > 1 else 0
    return LUTS_PER_CELL * cells(words, bits) + more


def logic_luts(words: int, bits: int) -> float:
    """LUTs of a ROM that is logic, whatever it holds."""
    rows = -(-words // 16)
    alone = bits * (1 << (rows - 1).bit_length() if rows <= 8 else _WIDE_MULTIPLEXER * rows)
    return _IN_A_NETWORK * alone


class _Knapsack:
    """One choice of each memory, so that together they take few LUTs for their blocks."""

    def __init__(self, options: Sequence[Sequence[Choice]]) -> None:
        self._options = options
        size = 1 + sum(every[0].blocks for every in options)
        luts = np.full(size, np.inf)  # fewest LUTs by exact number of blocks
        luts[0] = 0
        self._picked: list[Array] = []
        for every in options:
            tried = np.full((len(every), size), np.inf)
            for row, choice in zip(tried, every, strict=True):
                row[choice.blocks :] = luts[: size - choice.blocks] + choice.luts
            self._picked.append(tried.argmin(axis=0))
            luts = tried.min(axis=0)
        self._luts = luts

    def cheapest(self, most: int) -> tuple[list[int], float]:
        """Fewest LUTs with at most so many blocks: the index of each choice, and the LUTs; infinite
        where there is no such choice."""
        within = self._luts[: max(0, most + 1)]
        if not within.size:
            return [], np.inf
        best = int(within.argmin())
        return self._traced(best), float(within[best])

    def smallest(self, room: float) -> list[int]:
        """Fewest blocks in so many LUTs; fewest LUTs where there is no such choice."""
        fitting = np.flatnonzero(self._luts <= room)
        return self._traced(int(fitting[0]) if fitting.size else int(self._luts.argmin()))

    def _traced(self, blocks: int) -> list[int]:
        found: list[int] = []
        if np.isinf(self._luts[blocks]):
            return found
        for every, picked in zip(reversed(self._options), reversed(self._picked), strict=True):
            found.append(int(picked[blocks]))
            blocks -= every[found[-1]].blocks
        return found[::-1]
