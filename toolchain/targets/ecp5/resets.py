"""Gives each kernel a copy of a register that is read all over the chip: the reset.

A network's reset has 6,700 readers in every corner of the chip, and a flip-flop is in one place:
11 ns of wire are left behind it. Nobody has to wait for it longer, as nothing changes in what a
copy holds: it has the same input and clock, so that its readers cannot tell which one they read.
Readers of one kernel share a copy (they have the same first names in the flattened hierarchy), and
what all copies read is a register of its own (hw/boards/serial/hearth_reset.sv).

Works on the netlist that Yosys writes as JSON, between synthesis and placement.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops
from hearth.toolchain.targets.netlist import Module

READERS = 1_000
"""Of a register, above which it is copied."""
_DEPTH = 4
"""Names of the hierarchy that say whose a cell is: board, its parts, the network, a kernel."""


def spread_in(path: Path, top: str) -> int:
    """As `spread`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, spread)


def spread(module: Module) -> int:
    """Change the module in place; returns how many copies it has got."""
    uses, cells = netlist.uses(module), module["cells"]
    free = netlist.first_free(module)
    made = 0
    for name, cell in list(cells.items()):
        if not flip_flops.plain(cell):
            continue
        bit = cell["connections"]["Q"][0]
        if len(uses[bit]) <= READERS:
            continue
        readers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for reader, port in uses[bit]:
            readers[_place(reader)].append((reader, port))
        for place in sorted(readers.keys() - {""}):
            twin = copy.deepcopy(cell)
            twin["connections"]["Q"] = [free + made]
            cells[f"{name}_copy{made}"] = twin
            for reader, port in readers[place]:
                ports = cells[reader]["connections"]
                ports[port] = [free + made if wire == bit else wire for wire in ports[port]]
            made += 1
    return made


def _place(name: str) -> str:
    """Whose a cell is; '' of the module's own ports and of cells outside of everything."""
    return ".".join(name.split(".")[:-1][:_DEPTH])
