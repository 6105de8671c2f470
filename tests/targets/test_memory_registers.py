"""Registers that move into an ECP5's block RAM, and those that must not.

That a changed kernel computes the same is tests/sim/test_netlist.py's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hearth.toolchain.targets.ecp5 import memory_registers
from hearth.toolchain.targets.netlist import Cell, Module

CLOCK, ENABLE, RESET, OTHER = 2, 3, 4, 5
WORD = [10, 11, 12]
"""What is read of a word."""
HELD = [30, 31, 32]


def _cell(kind: str, out: tuple[str, ...], parameters: dict[str, str], wires: Any) -> Cell:
    return {
        "type": kind,
        "parameters": parameters,
        "connections": {port: [bit] for port, bit in wires.items()},
        "port_directions": {port: "output" if port in out else "input" for port in wires},
    }


def _module(wide: bool = False) -> Module:
    """A memory read by port B, whose word goes to three flip-flops; of a wide one port A gives the
    first bit."""
    width = format(36 if wide else 9, "032b")
    parameters = {"DATA_WIDTH_A": width, "DATA_WIDTH_B": width}
    parameters |= {"REGMODE_A": "NOREG", "REGMODE_B": "NOREG"}
    ports = ("DOA0" if wide else "DOB2", "DOB0", "DOB1")
    wires: dict[str, Any] = dict(zip(ports, WORD, strict=True))
    wires |= {"DOB17": 40, "CLKA": CLOCK, "CLKB": CLOCK, "RSTA": "0", "RSTB": "0"}
    wires |= {"OCEA": "0", "OCEB": "1", "CEB": ENABLE}
    cells = {"memory": _cell("DP16KD", (*ports, "DOB17"), parameters, wires)}
    for bit, held in zip(WORD, HELD, strict=True):
        found = {"CLK": CLOCK, "CE": ENABLE, "LSR": "0", "DI": bit, "Q": held}
        settings = {"CEMUX": "CE", "CLKMUX": "CLK", "LSRMUX": "LSR", "REGSET": "RESET"}
        cells[f"flop{bit}"] = _cell("TRELLIS_FF", ("Q",), settings, found)
    return {"cells": cells, "ports": {"word": {"direction": "output", "bits": [*HELD]}}}


def test_registers_move_in_with_their_enable() -> None:
    module = _module()
    assert memory_registers.absorb(module) == len(WORD)
    (memory,) = module["cells"].values()
    wires = memory["connections"]
    assert [wires[port] for port in ("DOB2", "DOB0", "DOB1")] == [[bit] for bit in HELD]
    assert (wires["OCEB"], wires["CEB"], wires["OCEA"]) == ([ENABLE], [ENABLE], ["0"])
    modes = [memory["parameters"][f"REGMODE_{port}"] for port in "AB"]
    assert modes == ["NOREG", "OUTREG"]
    assert memory_registers.absorb(module) == 0  # nothing is left to do


def test_registers_without_enable_always_load() -> None:
    module = _module()
    for bit in WORD:
        module["cells"][f"flop{bit}"]["parameters"]["CEMUX"] = "1"
    assert memory_registers.absorb(module) == len(WORD)
    assert module["cells"]["memory"]["connections"]["OCEB"] == ["1"]


def test_a_wide_word_uses_the_registers_of_both_ports() -> None:
    module = _module(wide=True)
    del module["cells"]["memory"]["connections"]["CLKA"]  # nothing is written
    assert memory_registers.absorb(module) == len(WORD)
    memory = module["cells"]["memory"]
    for port in "AB":
        assert memory["parameters"][f"REGMODE_{port}"] == "OUTREG"
        assert memory["connections"][f"CLK{port}"] == [CLOCK]
        assert memory["connections"][f"OCE{port}"] == [ENABLE]
    assert memory["connections"]["DOA0"] == [HELD[0]]


def _set(cell: str, place: str, key: str, value: Any) -> Callable[[Module], None]:
    return lambda module: module["cells"][cell][place].__setitem__(key, value)


def _read(bit: int) -> Callable[[Module], None]:
    reader = _cell("LUT4", ("Z",), {}, {"A": bit, "Z": 99})
    return lambda module: module["cells"].__setitem__("other", reader)


OTHERS = {
    "reset": _set("flop11", "connections", "LSR", [RESET]),
    "one enable of its own": _set("flop11", "connections", "CE", [OTHER]),
    "one without enable": _set("flop11", "parameters", "CEMUX", "1"),
    "enable inverted": _set("flop11", "parameters", "CEMUX", "INV"),
    "another clock": _set("flop11", "connections", "CLK", [OTHER]),
    "falling edge": _set("flop11", "parameters", "CLKMUX", "INV"),
    "starts as 1": _set("flop11", "parameters", "REGSET", "SET"),
    "unregistered word read too": _read(11),
    "unregistered word leaves": lambda m: m["ports"].update(
        tap={"direction": "output", "bits": [11]}
    ),
    "a bit without register": lambda m: m["cells"].update(
        flop11=_cell("LUT4", ("Z",), {}, {"A": 11, "Z": HELD[1]})
    ),
    "the block's clock": _set("memory", "connections", "CLKB", [OTHER]),
    "the block's reset": _set("memory", "connections", "RSTB", [RESET]),
    "the block's edge": _set("memory", "parameters", "CLKBMUX", "INV"),
    "taken": _set("memory", "parameters", "REGMODE_B", "OUTREG"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_registers_stay(other: Callable[[Module], None], wide: bool) -> None:
    module = _module(wide)
    other(module)
    before = json.dumps(module)
    assert memory_registers.absorb(module) == 0
    assert json.dumps(module) == before


def test_a_wide_word_written_by_another_clock_stays() -> None:
    module = _module(wide=True)
    module["cells"]["memory"]["connections"]["CLKA"] = [OTHER]
    assert memory_registers.absorb(module) == 0


def test_half_of_a_wide_word_does_not_move() -> None:
    module = _module(wide=True)
    _read(WORD[0])(module)  # port A's bit
    assert memory_registers.absorb(module) == 0
