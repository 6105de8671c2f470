"""What passes over a netlist share. It is the JSON that Yosys writes, between synthesis and
placement: modules of cells, whose ports are lists of bits.

Which cells there are, and what they may take in, is a family's business
(ecp5/pipeline_registers.py, xc7/pipeline_registers.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Bit = int | str
"""A net's number, or a constant '0', '1', 'x'."""
Cell = dict[str, Any]
Module = dict[str, Any]
Sources = dict[Bit, tuple[str, str]]
"""Cell and port that drive each bit."""
Uses = defaultdict[Bit, list[tuple[str, str]]]
"""Cell and port of every use of every bit; a cell '' is the module's own port."""


def change(path: Path, top: str, change_module: Callable[[Module], int]) -> int:
    """Change the module `top` of the JSON file in place; returns what the change returns."""
    netlist = json.loads(path.read_text())
    result = change_module(netlist["modules"][top])
    path.write_text(json.dumps(netlist))
    return result


def uses(module: Module) -> Uses:
    """Who reads each bit; the module's own outputs count as readers."""
    found: Uses = defaultdict(list)
    for name, cell in module["cells"].items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) != "output":
                for bit in bits:
                    found[bit].append((name, port))
    for name, port in module["ports"].items():
        if port["direction"] != "input":
            for bit in port["bits"]:
                found[bit].append(("", name))
    return found


def sources(module: Module) -> Sources:
    """Cell and port that drive each bit; of the module's own inputs there are none."""
    return {
        bit: (name, port)
        for name, cell in module["cells"].items()
        for port, bits in cell["connections"].items()
        if cell["port_directions"].get(port) == "output"
        for bit in bits
    }


def first_free(module: Module) -> int:
    """The number from which on no cell and no port has a wire."""
    return 1 + max(bit for bit in (*sources(module), *uses(module)) if isinstance(bit, int))


def registers_behind(
    module: Module, found: Uses, bits: Iterable[Bit], data: str, plain: Callable[[Cell], bool]
) -> dict[Bit, str] | None:
    """The flip-flop behind each bit that is read, entered by its port `data`; None unless every
    such bit is read by exactly one flip-flop that is `plain`, and by nothing else."""
    result: dict[Bit, str] = {}
    for bit in bits:
        if not found[bit]:
            continue
        if len(found[bit]) != 1:
            return None
        name, port = found[bit][0]
        cell = module["cells"].get(name)
        if cell is None or port != data or not plain(cell):
            return None
        result[bit] = name
    return result or None
