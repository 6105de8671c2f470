"""Registers behind a choice among an ECP5's block RAMs: which move in, and which must not.

Netlists are run cycle by cycle before and after: a block RAM's words are whatever comes.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Callable

import pytest

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import memory_choices
from hearth.toolchain.targets.netlist import Bit, Cell, Module

CLOCK, ENABLE, OTHER_ENABLE, WHICH, HIGH = 2, 3, 4, 5, 6
BLOCKS, BITS = 4, 2
FLOP = {"CLKMUX": "CLK", "CEMUX": "CE", "LSRMUX": "LSR", "REGSET": "RESET", "SRMODE": "SYNC"}
CHOOSE = f"{0b1100101011001010:016b}"
"""C ? B : A, whatever D is."""


def cell(kind: str, parameters: dict[str, str], out: str, **wires: Bit) -> Cell:
    return {
        "type": kind,
        "parameters": dict(parameters),
        "connections": {port: [bit] for port, bit in wires.items()},
        "port_directions": {port: "output" if port in out.split() else "input" for port in wires},
    }


def flop(data: Bit, out: Bit, enable: Bit = ENABLE) -> Cell:
    return cell("TRELLIS_FF", FLOP, "Q", CLK=CLOCK, DI=data, CE=enable, LSR="0", Q=out)


def word(block: int, bit: int) -> int:
    return 100 + 10 * block + bit


def made() -> Module:
    """A memory of four blocks and two bits: LUTs choose among two, a multiplexer among the LUTs;
    a register behind that, and another one behind it, whose value leaves."""
    cells = {}
    for block in range(BLOCKS):
        wires = {f"DOA{bit}": word(block, bit) for bit in range(BITS)}
        parameters = {"REGMODE_A": "NOREG", "DATA_WIDTH_B": f"{9:032b}"}
        cells[f"block{block}"] = cell("DP16KD", parameters, " ".join(wires), CLKA=CLOCK, **wires)
    for bit in range(BITS):
        for half in range(2):
            pair = {"A": word(2 * half, bit), "B": word(2 * half + 1, bit)}
            out = 200 + 10 * bit + half
            choose = cell("LUT4", {"INIT": CHOOSE}, "Z", **pair, C=WHICH, D="0", Z=out)
            cells[f"lut{bit}{half}"] = choose
        halves = {"BLUT": 200 + 10 * bit, "ALUT": 201 + 10 * bit}
        cells[f"mux{bit}"] = cell("PFUMX", {}, "Z", **halves, C0=HIGH, Z=300 + bit)
        cells[f"near{bit}"] = flop(300 + bit, 400 + bit)
        cells[f"far{bit}"] = flop(400 + bit, 500 + bit, OTHER_ENABLE)
    ports = {"out": {"direction": "output", "bits": [500 + bit for bit in range(BITS)]}}
    inputs = (ENABLE, OTHER_ENABLE, WHICH, HIGH)
    ports |= {f"in{bit}": {"direction": "input", "bits": [bit]} for bit in inputs}
    return {"cells": cells, "ports": ports}


class Run:
    """A netlist of this kind, cycle by cycle. Block RAMs give random words, the same every time."""

    def __init__(self, module: Module) -> None:
        self.cells = module["cells"]
        self.sources = netlist.sources(module)
        self.held: dict[tuple[str, str], int] = {}
        self.random = random.Random(1)
        self.inputs: dict[Bit, int] = {}

    def value(self, bit: Bit) -> int:
        if isinstance(bit, str):
            return int(bit)
        if bit in self.inputs:
            return self.inputs[bit]
        name, port = self.sources[bit]
        found, wires = self.cells[name], self.cells[name]["connections"]
        if found["type"] == "TRELLIS_FF":
            return self.held.get((name, "Q"), 0)
        if found["type"] == "DP16KD":
            if found["parameters"]["REGMODE_A"] == "OUTREG":
                return self.held.get((name, port), 0)
            return self.words[name, port]
        if found["type"] == "LUT4":
            place = sum(self.value(wires[p][0]) << i for i, p in enumerate("ABCD"))
            return int(found["parameters"]["INIT"][-1 - place])
        return self.value(wires["ALUT" if self.value(wires["C0"][0]) else "BLUT"][0])

    def cycle(self) -> list[int]:
        """The outputs, and then a clock edge."""
        self.inputs = {b: self.random.getrandbits(1) for b in (ENABLE, OTHER_ENABLE, WHICH, HIGH)}
        places = itertools.product(range(BLOCKS), range(BITS))
        self.words = {(f"block{b}", f"DOA{i}"): self.random.getrandbits(1) for b, i in places}
        result = [self.value(500 + bit) for bit in range(BITS)]
        new = {}
        for name, found in self.cells.items():
            wires = found["connections"]
            if found["type"] == "TRELLIS_FF" and self.value(wires["CE"][0]):
                new[name, "Q"] = self.value(wires["DI"][0])
            if found["parameters"].get("REGMODE_A") == "OUTREG" and self.value(wires["OCEA"][0]):
                new |= {place: bit for place, bit in self.words.items() if place[0] == name}
        self.held |= new
        return result


def same(one: Module, other: Module) -> bool:
    runs = Run(one), Run(other)
    return all(runs[0].cycle() == runs[1].cycle() for _ in range(200))


def test_registers_move_through_the_choice() -> None:
    before, module = made(), made()
    assert memory_choices.absorb(module) == BITS
    cells = module["cells"]
    assert all(cells[f"block{b}"]["parameters"]["REGMODE_A"] == "OUTREG" for b in range(BLOCKS))
    assert all(cells[f"block{b}"]["connections"]["OCEA"] == [ENABLE] for b in range(BLOCKS))
    assert not {"near0", "near1"} & cells.keys()
    # One register for each bit that chooses, and no more.
    new = [name for name in cells if name not in before["cells"]]
    assert sorted(cells[name]["connections"]["DI"][0] for name in new) == [WHICH, HIGH]
    assert same(before, module)
    assert memory_choices.absorb(module) == 0  # nothing is left to do


def test_an_output_that_is_not_read_is_no_bit_of_the_word() -> None:
    before, module = made(), made()
    for found in (before, module):
        found["cells"]["block2"]["connections"]["DOA7"] = [199]
        found["cells"]["block2"]["port_directions"]["DOA7"] = "output"
    assert memory_choices.absorb(module) == BITS
    assert same(before, module)


Change = Callable[[dict[str, Cell]], object]


def _wire(name: str, port: str, bit: Bit) -> Change:
    return lambda cells: cells[name]["connections"].__setitem__(port, [bit])


def _parameter(name: str, key: str, value: str) -> Change:
    return lambda cells: cells[name]["parameters"].__setitem__(key, value)


def _reader(bit: Bit) -> Change:
    return lambda cells: cells.update(reader=flop(bit, 600))


OTHERS: dict[str, Change] = {
    "a word that is read elsewhere": _reader(word(3, 1)),
    "a gate that is read elsewhere": _reader(211),
    "a choice that is read elsewhere": _reader(301),
    "gates behind it": lambda cells: cells.update(
        gate=cell("LUT4", {"INIT": CHOOSE}, "Z", A=401, B="0", C="0", D="0", Z=600)
    ),
    "a reset": _wire("near1", "LSR", HIGH),
    "another enable": _wire("near1", "CE", OTHER_ENABLE),
    "another clock": lambda cells: [
        cells[f"near{i}"]["connections"].update(CLK=[9]) for i in (0, 1)
    ],
    "a block of another clock": _wire("block2", "CLKA", 9),
    "registers in use": _parameter("block0", "REGMODE_A", "OUTREG"),
    "a block that is reset": _wire("block1", "RSTA", HIGH),
    "begins as 1": lambda cells: [
        cells[f"lut{bit}0"]["parameters"].update(INIT=CHOOSE[:-1] + "1") for bit in range(BITS)
    ],
    "begins as 1 by a constant": lambda cells: [
        _wire(f"mux{bit}", "C0", "1")(cells) or _wire(f"lut{bit}1", "A", "1")(cells)
        for bit in range(BITS)
    ],
}


@pytest.mark.parametrize("other", OTHERS)
def test_others_stay(other: str) -> None:
    module = made()
    OTHERS[other](module["cells"])
    before = json.dumps(module)
    assert memory_choices.absorb(module) == 0
    assert json.dumps(module) == before


def test_a_word_stays_alone() -> None:
    """One memory of two: what makes the other stay does not hold it."""
    module = made()
    twins = {
        f"twin_{name}": json.loads(
            json.dumps(found),
            parse_int=lambda text: int(text) + 1000 if int(text) >= 100 else int(text),
        )
        for name, found in module["cells"].items()
    }
    module["cells"] |= copy.deepcopy(twins)
    _reader(word(3, 1))(module["cells"])
    assert memory_choices.absorb(module) == BITS
    assert {"near0", "near1"} <= module["cells"].keys()
    assert not {"twin_near0", "twin_near1"} & module["cells"].keys()
