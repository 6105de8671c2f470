"""What lanes made of LUTs share is copied to each of them, and they cannot tell."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import lane_copies
from hearth.toolchain.targets.netlist import Bit, Cell, Module

CLOCK, ENABLE, DATA, SHARED, OTHER = 2, 3, 4, 10, 11
FLOP = {"CLKMUX": "CLK", "CEMUX": "CE", "LSRMUX": "LSR", "REGSET": "RESET", "SRMODE": "SYNC"}
REGISTER = "net.conv1.step_data_TRELLIS_FF_Q_7"
LANES = ("net.conv1.mac.sign_ext_1", "net.conv1.mac.sign_ext_2", "net.conv1.mac.sign_ext_3")


def cell(kind: str, parameters: dict[str, str], out: str, **wires: Bit) -> Cell:
    return {
        "type": kind,
        "parameters": dict(parameters),
        "connections": {port: [bit] for port, bit in wires.items()},
        "port_directions": {port: "output" if port == out else "input" for port in wires},
    }


def made(cells_of_a_lane: int = lane_copies.FEWEST) -> Module:
    """A register that three lanes read, two bits a carry cell, and a gate too."""
    cells = {
        REGISTER: cell("TRELLIS_FF", FLOP, "Q", CLK=CLOCK, DI=DATA, CE=ENABLE, LSR="0", Q=SHARED)
    }
    for number, lane in enumerate(LANES):
        for i in range(cells_of_a_lane):
            out = 100 + 10 * number + i
            name = f"{lane}_TRELLIS_FF_Q_{i}_DI_CCU2C_S0"
            cells[name] = cell("CCU2C", {}, "S0", A0=SHARED, C0=OTHER, C1=SHARED, S0=out)
    cells["net.conv1.gate_LUT4_Z"] = cell("LUT4", {}, "Z", A=SHARED, Z=200)
    return {"cells": cells, "ports": {}}


def test_each_lane_reads_its_own() -> None:
    module, before = made(), made()
    assert lane_copies.spread(module) == len(LANES) - 1
    new = {name: found for name, found in module["cells"].items() if name not in before["cells"]}
    root = before["cells"][REGISTER]
    for found in new.values():
        assert {**found, "connections": {**found["connections"], "Q": [SHARED]}} == root
    uses = netlist.uses(module)
    held = [found["connections"]["Q"][0] for found in (module["cells"][REGISTER], *new.values())]
    assert len({*held}) == len(LANES)
    assert not {*held[1:]} & {*netlist.uses(before), *netlist.sources(before)}
    lanes = [{name.partition("_TRELLIS")[0] for name, _ in uses[bit]} for bit in held]
    assert lanes == [{LANES[0], "net.conv1.gate_LUT4_Z"}, {LANES[1]}, {LANES[2]}]
    # Whoever read the register reads it or a copy, by the same ports; nothing else has changed.
    for name, found in before["cells"].items():
        back = {
            port: [SHARED if bit in held else bit for bit in bits]
            for port, bits in module["cells"][name]["connections"].items()
        }
        assert {**module["cells"][name], "connections": back} == found
    assert lane_copies.spread(module) == 0  # nothing is left to do


Change = Callable[[dict[str, Cell]], object]
OTHERS: dict[str, Change] = {
    "with a reset": lambda cells: cells[REGISTER]["connections"].update(LSR=[OTHER]),
    "that starts as 1": lambda cells: cells[REGISTER]["parameters"].update(REGSET="SET"),
    "that is a gate": lambda cells: cells[REGISTER].update(type="LUT4"),
    "read by gates": lambda cells: [
        found.update(type="LUT4") for name, found in cells.items() if name != REGISTER
    ],
    "read by one lane": lambda cells: [
        cells.pop(name) for name in [*cells] if name.startswith(LANES[1:])
    ],
}


@pytest.mark.parametrize("other", OTHERS)
def test_others_are_not_copied(other: str) -> None:
    module = made()
    OTHERS[other](module["cells"])
    before = json.dumps(module)
    assert lane_copies.spread(module) == 0
    assert json.dumps(module) == before


def test_a_few_carry_cells_are_no_lane() -> None:
    assert lane_copies.spread(made(lane_copies.FEWEST - 1)) == 0
