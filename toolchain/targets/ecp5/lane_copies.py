"""Gives each lane that is made of LUTs registers of its own for what it shares with others.

The lanes of one input channel read the same activation, and each lies where the sums of its output
channel are: 8 to 9.5 ns of wire from the activation's register to the farthest, and a product of
three additions behind it. A copy of the register for each lane, with the same input, clock and
enable, takes that way a cycle earlier, where there is nothing else; nobody can tell which one he
reads. Lanes with a multiplier have such registers in its block (operand_registers.py).

A lane's carry cells bear the name of its product, as far as Yosys' names go. Works on the netlist
that Yosys writes as JSON, behind the passes that move registers into blocks.
"""

from __future__ import annotations

import copy
import itertools
from collections import defaultdict
from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops
from hearth.toolchain.targets.netlist import Module

_CARRY = "CCU2C"
FEWEST = 4
"""Carry cells of a lane that read a bit of its activation: two for each row of partial products."""


def spread_in(path: Path, top: str) -> int:
    """As `spread`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, spread)


def spread(module: Module) -> int:
    """Change the module in place; returns how many copies there are."""
    uses, cells = netlist.uses(module), module["cells"]
    new = itertools.count(netlist.first_free(module))
    made = 0
    for name, cell in list(cells.items()):
        if not flip_flops.plain(cell):
            continue
        bit = cell["connections"]["Q"][0]
        readers: dict[str, set[str]] = defaultdict(set)
        for reader, _ in uses[bit]:
            if reader and cells[reader]["type"] == _CARRY:
                readers[_product(reader)].add(reader)
        lanes = sorted(lane for lane, found in readers.items() if len(found) >= FEWEST)
        for lane in lanes[1:]:
            own, twin = next(new), copy.deepcopy(cell)
            twin["connections"]["Q"] = [own]
            cells[f"{name}_lane{own}"] = twin
            for reader in readers[lane]:
                ports = cells[reader]["connections"]
                for port, wires in ports.items():
                    ports[port] = [own if wire == bit else wire for wire in wires]
            made += 1
    return made


def _product(name: str) -> str:
    """What the net is called that a cell was made for."""
    return name.partition("_TRELLIS_FF_")[0]
