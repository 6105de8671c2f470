"""A register that is read all over an ECP5 is copied to its readers, and they cannot tell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import resets
from hearth.toolchain.targets.netlist import Module

CLOCK, DATA, RESET, OTHER = 2, 3, 10, 11
SETTINGS = {"CLKMUX": "CLK", "CEMUX": "1", "LSRMUX": "LSR", "REGSET": "RESET", "SRMODE": "SYNC"}
OUTER = "board.board.link.state_TRELLIS_FF_Q"
KERNELS = tuple(f"board.board.net.{kernel}" for kernel in ("conv1", "pool1"))


def flop(data: int | str, out: int, reset: int | str = "0") -> dict[str, Any]:
    wires = {"CLK": [CLOCK], "DI": [data], "LSR": [reset], "Q": [out]}
    directions = {port: "output" if port == "Q" else "input" for port in wires}
    return {
        "type": "TRELLIS_FF",
        "parameters": dict(SETTINGS),
        "connections": wires,
        "port_directions": directions,
    }


def made(readers: int) -> Module:
    """A reset, and so many flip-flops of two kernels that it resets, one of the link, one gate that
    reads it twice, and a port."""
    cells = {"board.reset.rst_TRELLIS_FF_Q": flop(DATA, RESET)}
    for i in range(readers):
        cells[f"{KERNELS[i % 2]}.deep.er.q_TRELLIS_FF_Q_{i}"] = flop("1", 100 + i, RESET)
    cells[OUTER] = flop("1", 50, RESET)
    gate = {"A": [RESET], "B": [OTHER], "C": [RESET], "Z": [51]}
    cells[f"{KERNELS[0]}.gate_LUT4_Z"] = {
        "type": "LUT4",
        "parameters": {},
        "connections": gate,
        "port_directions": {port: "output" if port == "Z" else "input" for port in gate},
    }
    return {"cells": cells, "ports": {"led": {"direction": "output", "bits": [RESET]}}}


def test_each_kernel_reads_its_own() -> None:
    module = made(resets.READERS)
    before = json.loads(json.dumps(module))
    assert resets.spread(module) == 3
    root = before["cells"]["board.reset.rst_TRELLIS_FF_Q"]
    copies = {name: cell for name, cell in module["cells"].items() if name not in before["cells"]}
    held = {cell["connections"]["Q"][0]: name for name, cell in copies.items()}
    assert len(held) == len(copies) == 3
    for cell in copies.values():
        assert {**cell, "connections": {**cell["connections"], "Q": [RESET]}} == root
    used = netlist.uses(module)
    assert used[RESET] == [("", "led")]
    for bit in held:
        places = {reader.split(".")[3] for reader, _ in used[bit]}
        assert len(places) == 1
    # Whoever read the reset reads a copy, through the same ports; nothing else has changed.
    for name, cell in before["cells"].items():
        found = module["cells"][name]
        back = {
            port: [RESET if bit in held else bit for bit in bits]
            for port, bits in found["connections"].items()
        }
        assert {**found, "connections": back} == cell
    assert resets.spread(module) == 0  # nothing is left to do


def test_new_wires_are_new() -> None:
    module = made(resets.READERS)
    wires = [cell["connections"].values() for cell in module["cells"].values()]
    known = {bit for ports in wires for bits in ports for bit in bits}
    resets.spread(module)
    copies = [cell for name, cell in module["cells"].items() if "_copy" in name]
    assert not known & {cell["connections"]["Q"][0] for cell in copies}


@pytest.mark.parametrize("change", ["few", "reset", "gate"])
def test_others_stay(change: str) -> None:
    """What is read by few, what has a reset itself, what is no register."""
    module = made(resets.READERS - 4 if change == "few" else resets.READERS)
    cell = module["cells"]["board.reset.rst_TRELLIS_FF_Q"]
    if change == "reset":
        cell["connections"]["LSR"] = [OTHER]
    if change == "gate":
        cell["type"] = "LUT4"
    before = json.dumps(module)
    assert resets.spread(module) == 0
    assert json.dumps(module) == before
