"""Where every memory of a network lies on an AMD part, as Yosys puts it (estimate.py counts so).

ROMs are block RAM, but for those that the plan puts into UltraRAM; a data memory is block RAM where
the RTL wants it (rtl/memories.py), and LUT RAM or a register otherwise.
"""

from __future__ import annotations

from typing import Any

from hearth.toolchain.rtl.memories import REGISTERS, is_block
from hearth.toolchain.targets.needs import Needs, Stored
from hearth.toolchain.targets.xilinx import ultra

_WORDS, _BITS, _LUTS = 32, 6, 4
"""Of a RAM32M, and the LUTs that it is."""


def rows(needs: Needs, plan: ultra.Plan = ultra.NOTHING) -> list[dict[str, Any]]:
    """As Target.memories; blocks are RAMB18, halves of a RAMB36, or UltraRAMs."""
    roms = [_rom(rom, rom in plan.roms) for rom in needs.roms]
    return roms + [_data(memory) for memory in needs.memories]


def _rom(rom: Stored, in_ultra: bool) -> dict[str, Any]:
    if in_ultra:
        return _row(rom, "UltraRAM", ultra.ultra_rams(rom))
    return _row(rom, "RAMB18", ultra.halves(rom))


def _data(memory: Stored) -> dict[str, Any]:
    if is_block(memory.words, memory.bits):
        return _row(memory, "RAMB18", ultra.halves(memory, written=True))
    if memory.words <= REGISTERS:
        return _row(memory, "registers", 0)
    luts = -(-memory.words // _WORDS) * -(-memory.bits // _BITS) * _LUTS
    return _row(memory, "LUT RAM", 0, luts)


def _row(memory: Stored, kind: str, blocks: int, luts: int = 0) -> dict[str, Any]:
    size = {"memory": memory.name, "words": memory.words, "bits": memory.bits}
    return {**size, "kind": kind, "blocks": blocks, "luts": luts}
