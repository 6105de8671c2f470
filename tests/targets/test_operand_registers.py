"""Operands' registers that move into an ECP5's multipliers, and those that must not.

That a changed kernel computes the same is tests/sim/test_netlist.py's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hearth.toolchain.targets.ecp5 import operand_registers
from hearth.toolchain.targets.netlist import Bit, Cell, Module

CLOCK, WEIGHTS, ACTIVATIONS, OTHER = 2, 3, 4, 5
"""A clock, and the enables of either operand; `OTHER` is something else."""
WIDE = 2
"""Bits of an operand that are not 0."""
FLOP = {"CLKMUX": "CLK", "CEMUX": "CE", "LSRMUX": "LSR", "REGSET": "RESET", "SRMODE": "SYNC"}


def cell(kind: str, parameters: dict[str, str], out: str, **wires: int | str) -> Cell:
    return {
        "type": kind,
        "parameters": dict(parameters),
        "connections": {port: [bit] for port, bit in wires.items()},
        "port_directions": {port: "output" if port in out.split() else "input" for port in wires},
    }


def flop(data: int, out: int, enable: int) -> Cell:
    return cell("TRELLIS_FF", FLOP, "Q", CLK=CLOCK, DI=data, CE=enable, LSR="0", Q=out)


def made() -> Module:
    """A product of weights, which come from a block RAM's register, and activations, which come
    from flip-flops: bits 10 and 11 times bits 20 and 21."""
    wires: dict[str, Any] = {f"{side}{i}": "0" for side in "AB" for i in range(18)}
    wires |= {f"A{i}": 10 + i for i in range(WIDE)} | {f"B{i}": 20 + i for i in range(WIDE)}
    wires |= {"CLK0": CLOCK, "CE0": OTHER, "RST0": "0", "P0": 90}
    memory: dict[str, Any] = {"CLKA": CLOCK, "DOA3": 30, "DOA4": 31}
    cells = {
        "product": cell("MULT18X18D", {"REG_OUTPUT_CLK": "CLK0"}, "P0", **wires),
        "memory": cell("DP16KD", {"REGMODE_A": "OUTREG"}, "DOA3 DOA4", **memory),
    }
    for i in range(WIDE):
        cells[f"weight{i}"] = flop(30 + i, 10 + i, WEIGHTS)
        cells[f"activation{i}"] = flop(40 + i, 20 + i, ACTIVATIONS)
        cells[f"value{i}"] = flop(50 + i, 40 + i, OTHER)
    return {"cells": cells, "ports": {"sum": {"direction": "output", "bits": [90]}}}


def test_operands_wait_in_their_multiplier() -> None:
    module = made()
    assert operand_registers.absorb(module) == 1
    assert module["cells"].keys() == {"product", "memory", "value0", "value1"}
    product = module["cells"]["product"]
    wires = {port: bit for port, (bit,) in product["connections"].items() if bit != "0"}
    assert wires == {
        **{"A0": 30, "A1": 31, "B0": 40, "B1": 41},
        **{"CLK0": CLOCK, "CE0": OTHER, "CE1": WEIGHTS, "CE2": ACTIVATIONS, "P0": 90},
    }
    assert product["parameters"] == {
        "REG_OUTPUT_CLK": "CLK0",
        **{"REG_INPUTA_CLK": "CLK0", "REG_INPUTA_CE": "CE1", "REG_INPUTA_RST": "RST0"},
        **{"REG_INPUTB_CLK": "CLK0", "REG_INPUTB_CE": "CE2", "REG_INPUTB_RST": "RST0"},
    }
    assert {product["port_directions"][port] for port in ("CE1", "CE2")} == {"input"}
    assert operand_registers.absorb(module) == 0  # nothing is left to do


def test_register_that_others_read_stays_for_them() -> None:
    module = made()
    module["ports"]["tap"] = {"direction": "output", "bits": [20]}
    before = module["cells"]["activation0"]
    assert operand_registers.absorb(module) == 1
    assert module["cells"]["activation0"] == before
    assert "activation1" not in module["cells"]
    assert module["cells"]["product"]["connections"]["B0"] == [40]


def adder(first: int, other: Bit, carry: Bit, out: int) -> Cell:
    """Two bits of a sum."""
    wires: dict[str, Any] = {"A0": first, "B0": other, "A1": first + 1, "B1": "0", "CIN": carry}
    return cell("CCU2C", {}, "S0 S1 COUT", **wires, S0=out, S1=out + 1, COUT=out + 2)


def summed() -> Module:
    """As `made`, but the activations' bits are the upper two of a sum of registers' four."""
    module = made()
    cells = module["cells"]
    cells["low"] = adder(40, 30, "0", 60)
    cells["high"] = adder(40, 31, 62, 70)
    for i in range(WIDE):
        cells[f"activation{i}"] = flop(70 + i, 20 + i, ACTIVATIONS)
    return module


def test_one_addition_may_be_on_the_way() -> None:
    module = summed()
    assert operand_registers.absorb(module) == 1
    wires = module["cells"]["product"]["connections"]
    assert (wires["B0"], wires["B1"]) == ([70], [71])


def chosen(gates: int) -> Module:
    """As `made`, with so many gates in a row before an activation's register."""
    module = made()
    for i in range(gates):
        before = 40 if i == 0 else 400 + i - 1
        kind = ("LUT4", "PFUMX", "L6MUX21")[i % 3]
        ports = {"LUT4": "AB", "PFUMX": ("BLUT", "C0"), "L6MUX21": ("D1", "SD")}[kind]
        wires: dict[str, Any] = dict(zip(ports, (before, 41), strict=True)) | {"Z": 400 + i}
        module["cells"][f"gate{i}"] = cell(kind, {}, "Z", **wires)
    module["cells"]["activation0"]["connections"]["DI"] = [400 + gates - 1]
    return module


@pytest.mark.parametrize(("gates", "moved"), [(1, 1), (2, 1), (3, 1), (4, 0), (5, 0)])
def test_a_few_gates_may_be_on_the_way(gates: int, moved: int) -> None:
    assert operand_registers.absorb(chosen(gates)) == moved


@pytest.mark.parametrize(("name", "port"), [("high", "A1"), ("low", "B0"), ("low", "CIN")])
def test_more_than_an_addition_may_not(name: str, port: str) -> None:
    module = summed()
    module["cells"]["gate"] = cell("LUT4", {}, "Z", A=40, Z=80)
    module["cells"][name]["connections"][port] = [80]
    assert operand_registers.absorb(module) == 0


LATER = 300
ALWAYS = FLOP | {"CEMUX": "1"}


def enabled(register: Cell, gate: Cell | None = None) -> Module:
    """As `made`, with one enable for both operands, and a register for the product's."""
    module = made()
    cells = module["cells"]
    for i in range(WIDE):
        cells[f"activation{i}"]["connections"]["CE"] = [WEIGHTS]
    cells["product"]["connections"]["CE0"] = [LATER]
    cells["valid"] = register
    if gate:
        cells["gate"] = gate
    return module


def valid(data: Bit, parameters: dict[str, str] = ALWAYS, enable: Bit = OTHER) -> Cell:
    return cell("TRELLIS_FF", parameters, "Q", CLK=CLOCK, DI=data, CE=enable, LSR=OTHER, Q=LATER)


def gate(first: Bit, second: Bit, *ones: int) -> Cell:
    """1 for these of the four values of two bits."""
    init = f"{sum(1 << place for place in ones):016b}"
    return cell("LUT4", {"INIT": init}, "Z", A=first, B=second, C="0", D="0", Z=310)


@pytest.mark.parametrize(
    "module",
    [
        enabled(valid(WEIGHTS)),
        enabled(valid(310), gate(WEIGHTS, OTHER, 1)),
        enabled(valid(310), gate(OTHER, WEIGHTS, 2, 3)),
        enabled(valid(WEIGHTS, FLOP, 310), gate(WEIGHTS, LATER, 1, 2, 3)),
        enabled(valid(WEIGHTS, FLOP, 310), gate(WEIGHTS, LATER, 1, 2)),
    ],
)
def test_operand_is_taken_always_where_the_product_follows_its_enable(module: Module) -> None:
    assert operand_registers.absorb(module) == 1
    wires = module["cells"]["product"]["connections"]
    assert (wires["CE0"], wires["CE1"], wires["CE2"]) == ([LATER], ["1"], ["1"])


@pytest.mark.parametrize(
    "module",
    [
        enabled(valid(ACTIVATIONS)),
        enabled(valid(310), gate(WEIGHTS, OTHER, 1, 2)),
        enabled(valid(310), gate(OTHER, WEIGHTS, 1, 2)),
        enabled(valid(310), gate(OTHER, ACTIVATIONS, 2)),
        enabled(valid(310), cell("PFUMX", {}, "Z", BLUT=WEIGHTS, ALUT="0", C0=OTHER, Z=310)),
        enabled(valid(WEIGHTS, FLOP)),
        enabled(valid(WEIGHTS, FLOP, 310), gate(WEIGHTS, LATER, 1, 3)),
        enabled(valid(WEIGHTS, ALWAYS | {"REGSET": "SET"})),
        enabled(valid(WEIGHTS, ALWAYS | {"CLKMUX": "INV"})),
        enabled(cell("LUT4", {"INIT": "0" * 16}, "Z", A=WEIGHTS, Z=LATER)),
    ],
)
def test_operand_is_held_where_it_does_not(module: Module) -> None:
    assert operand_registers.absorb(module) == 1
    wires = module["cells"]["product"]["connections"]
    assert (wires["CE1"], wires["CE2"]) == ([WEIGHTS], [WEIGHTS])


Change = Callable[[dict[str, Cell]], object]


def _wire(name: str, port: str, bit: int | str) -> Change:
    return lambda cells: cells[name]["connections"].__setitem__(port, [bit])


def _parameter(name: str, key: str, value: str) -> Change:
    return lambda cells: cells[name]["parameters"].__setitem__(key, value)


OTHERS: dict[str, Change] = {
    "a reset": _wire("weight1", "LSR", OTHER),
    "starts as 1": _parameter("weight1", "REGSET", "SET"),
    "another enable": _wire("weight1", "CE", ACTIVATIONS),
    "another clock": lambda cells: [
        cells[f"weight{i}"]["connections"].update(CLK=[OTHER]) for i in range(WIDE)
    ],
    "a 1": _wire("product", "A5", "1"),
    "a port": _wire("product", "A5", 99),
    "a gate's": lambda cells: cells.update(weight1=cell("LUT4", {}, "Z", A=30, Z=11)),
    "a gate of a port before it": lambda cells: cells.update(
        value0=cell("LUT4", {}, "Z", A=99, Z=40)
    ),
    "memory without register": _parameter("memory", "REGMODE_A", "NOREG"),
    "product without register": lambda cells: cells["product"]["parameters"].clear(),
    "product with a reset": _wire("product", "RST0", OTHER),
    "register in use": _parameter("product", "REG_INPUTB_CLK", "CLK0"),
    "nothing but 0": lambda cells: [
        cells["product"]["connections"].update({f"A{i}": ["0"]}) for i in range(WIDE)
    ],
}


@pytest.mark.parametrize("other", OTHERS)
def test_others_stay(other: str) -> None:
    module = made()
    OTHERS[other](module["cells"])
    before = repr(module)
    assert operand_registers.absorb(module) == 0
    assert repr(module) == before
