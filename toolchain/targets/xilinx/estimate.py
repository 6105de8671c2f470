"""What a design will need on an AMD part, without any tool: multipliers and block RAM, exactly.

Every product takes one DSP48, and Yosys puts block RAM where the RTL wants it (rtl/memories.py;
a RAMB36 is two blocks). There is no model of LUTs and flip-flops for these parts: synthesis.py
counts them, in minutes. UltraRAM cannot be initialized and is not used.
"""

from __future__ import annotations

from hearth.toolchain.rtl.memories import blocks, is_block
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Resources

UNITS = {"lut": "LUT", "ff": "flip-flops", "dsp": "DSP", "bram": "RAMB36", "uram": "URAM"}
"""Fields of Resources, in the order of reports."""


def resources(needs: Needs) -> Resources:
    """Resources of a design with its AXI border, which has neither multipliers nor block RAM."""
    deep = [memory for memory in needs.memories if is_block(memory.words, memory.bits)]
    halves = sum(blocks(rom.words, rom.bits) for rom in needs.roms)
    halves += sum(blocks(memory.words, memory.bits, written=True) for memory in deep)
    products = needs.lanes + sum(kernel.others for kernel in needs.products)
    return Resources(lut=None, ff=None, dsp=products, bram=halves / 2)
