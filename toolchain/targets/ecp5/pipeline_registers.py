"""Moves the registers behind a product into the multiplier's block.

Yosys makes an ECP5 multiplier (MULT18X18D) without its own registers, and a product then crosses
the chip twice in one clock cycle: to the multiplier and from there to its register. Where every
used bit of a product goes to one flip-flop and nowhere else, and all of these share clock and
enable and have no reset, the block's output register does the same (Lattice FPGA-TN-02205,
section 6).

Works on the netlist that Yosys writes as JSON, between synthesis and placement.
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops
from hearth.toolchain.targets.netlist import Module

_PRODUCT_BITS = 36
_MULTIPLIER = "MULT18X18D"
_OUTPUT_REGISTER = {
    "REG_OUTPUT_CLK": "CLK0",
    "REG_OUTPUT_CE": "CE0",
    "REG_OUTPUT_RST": "RST0",
    "GSR": "DISABLED",
    "RESETMODE": "SYNC",
}


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, absorb)


def absorb(module: Module) -> int:
    """Change the module in place; returns how many multipliers took their registers in."""
    uses = netlist.uses(module)
    taken = 0
    for cell in [c for c in module["cells"].values() if c["type"] == _MULTIPLIER]:
        product = [cell["connections"][f"P{i}"][0] for i in range(_PRODUCT_BITS)]
        registers = netlist.registers_behind(module, uses, product, "DI", flip_flops.plain)
        if registers is None:
            continue
        controls = {flip_flops.controls(module["cells"][name]) for name in registers.values()}
        if len(controls) != 1:
            continue
        clock, enable = controls.pop()
        cell["parameters"] |= _OUTPUT_REGISTER
        for port, bit in (("CLK0", clock), ("CE0", enable), ("RST0", "0")):
            cell["connections"][port] = [bit]
            cell["port_directions"][port] = "input"
        for i, bit in enumerate(product):
            if bit in registers:
                register = module["cells"].pop(registers[bit])
                cell["connections"][f"P{i}"] = register["connections"]["Q"]
        taken += 1
    return taken
