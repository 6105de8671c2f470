"""What a design will need on an AMD part, without any tool: multipliers and block RAM, exactly.

Every product takes one DSP48, or two share one (toolchain/ir/packing.py), and Yosys puts block RAM
where the RTL wants it (rtl/memories.py; a RAMB36 is two blocks), and UltraRAM (ultra.py). There is
no model of LUTs and flip-flops for these parts: synthesis.py counts them, in minutes.
"""

from __future__ import annotations

from hearth.toolchain.ir import Block
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Resources
from hearth.toolchain.targets.xilinx import ultra

UNITS = {"lut": "LUT", "ff": "flip-flops", "dsp": "DSP", "bram": "RAMB36", "uram": "URAM"}
"""Fields of Resources, in the order of reports."""


def resources(needs: Needs, block: Block, plan: ultra.Plan = ultra.NOTHING) -> Resources:
    """Resources of a design with its AXI border, which has neither multipliers nor block RAM."""
    within = [rom for rom in needs.roms if rom not in plan.roms]
    halves = ultra.of_memories(needs) + sum(map(ultra.halves, within))
    products = sum(kernel.blocks(block) + kernel.first(block) for kernel in needs.products)
    return Resources(lut=None, ff=None, dsp=products, bram=halves / 2, uram=plan.uram)
