"""Moves the registers behind a product into the multiplier's block.

Yosys makes an ECP5 multiplier (MULT18X18D) without its own registers, and a product then crosses
the chip twice in one clock cycle: to the multiplier and from there to its register. Where every
used bit of a product goes to one flip-flop and nowhere else, and all of these share clock and
enable and have no reset, the block's output register does the same (Lattice FPGA-TN-02205,
section 6).

Works on the netlist that Yosys writes as JSON, between synthesis and placement.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

_PRODUCT_BITS = 36
_MULTIPLIER, _FLIP_FLOP = "MULT18X18D", "TRELLIS_FF"
_OUTPUT_REGISTER = {
    "REG_OUTPUT_CLK": "CLK0",
    "REG_OUTPUT_CE": "CE0",
    "REG_OUTPUT_RST": "RST0",
    "GSR": "DISABLED",
    "RESETMODE": "SYNC",
}
Bit = int | str
"""A net's number, or a constant '0', '1', 'x'."""


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, in the JSON file that Yosys wrote."""
    netlist = json.loads(path.read_text())
    taken = absorb(netlist, top)
    path.write_text(json.dumps(netlist))
    return taken


def absorb(netlist: dict[str, Any], top: str) -> int:
    """Change the module `top` in place; returns how many multipliers took their registers in."""
    module = netlist["modules"][top]
    readers = _readers(module)
    taken = 0
    for cell in [c for c in module["cells"].values() if c["type"] == _MULTIPLIER]:
        product = [cell["connections"][f"P{i}"][0] for i in range(_PRODUCT_BITS)]
        found = {bit: readers[bit] for bit in product if readers[bit]}
        registers = _registers(module, found)
        if registers is None:
            continue
        controls = {_controls(module["cells"][name]) for name in registers.values()}
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


def _readers(module: dict[str, Any]) -> defaultdict[Bit, list[tuple[str, str]]]:
    """Cell and port of every use of every bit; the module's own outputs count as uses."""
    readers: defaultdict[Bit, list[tuple[str, str]]] = defaultdict(list)
    for name, cell in module["cells"].items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) != "output":
                for bit in bits:
                    readers[bit].append((name, port))
    for name, port in module["ports"].items():
        if port["direction"] != "input":
            for bit in port["bits"]:
                readers[bit].append(("", name))
    return readers


def _registers(
    module: dict[str, Any], found: dict[Bit, list[tuple[str, str]]]
) -> dict[Bit, str] | None:
    """The flip-flop behind each bit; None unless every bit has exactly one plain one."""
    result: dict[Bit, str] = {}
    for bit, uses in found.items():
        if len(uses) != 1:
            return None
        name, port = uses[0]
        cell = module["cells"].get(name)
        if cell is None or cell["type"] != _FLIP_FLOP or port != "DI" or not _plain(cell):
            return None
        result[bit] = name
    return result or None


def _plain(cell: dict[str, Any]) -> bool:
    """No reset, rising edge, enable as it is."""
    parameters, wires = cell["parameters"], cell["connections"]
    return (
        wires.get("LSR", ["0"]) == ["0"]
        and parameters.get("LSRMUX", "LSR") == "LSR"
        and parameters.get("CLKMUX", "CLK") == "CLK"
        and parameters.get("CEMUX", "CE").strip() in ("CE", "1")
    )


def _controls(cell: dict[str, Any]) -> tuple[Bit, Bit]:
    """Clock and enable ('1' when there is none)."""
    always = cell["parameters"].get("CEMUX", "CE").strip() == "1"
    wires = cell["connections"]
    return wires["CLK"][0], "1" if always else wires["CE"][0]
