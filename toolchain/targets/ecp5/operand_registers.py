"""Moves the registers in front of a multiplication into the multiplier's block.

An operand waits in flip-flops and crosses to its multiplier, whose product needs 3.5 ns to the
output register (nextpnr's delays of an ECP5-6): with 9 ns of wire, which happen, 80 MHz are not
met. Every multiplier has registers for its operands too (Lattice FPGA-TN-02205, section 6), which
Yosys does not use. They do what the flip-flops do where each bit of both operands is 0 or comes
from a flip-flop without reset, and those of an operand share clock and enable. The long wire is in
front of them then, so they move only where that cycle has little else in it: behind another
register, a flip-flop or a block RAM's own, with no more than a few gates in between (which of
several block RAMs, memory_choices.py) or one addition (of the two weights of a shared
multiplication, mac.x). A flip-flop that is read elsewhere too stays there for that.
nextpnr knows the times of a block only where both operands and the product have registers.

An enable has that long way, too, and need not: an operand that is taken whether it is wanted or not
does no harm where the product is enabled only in the cycle after the operand was.

Works on the netlist that Yosys writes as JSON, behind the other passes: what a block RAM's own
register can hold (memory_registers.py) is better off there.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops, gates
from hearth.toolchain.targets.netlist import Bit, Cell, Module, Sources

_MULTIPLIER, _MEMORY, _CARRY = "MULT18X18D", "DP16KD", "CCU2C"
_GATES = {
    **gates.INPUTS,
    _CARRY: tuple(f"{port}{half}" for port in "ABCD" for half in "01"),
}
"""And what they read; a carry cell, two bits of a sum, its carry besides."""
_FEW = _SUM = 3
"""Gates in a row, 0.24 ns each; a carry chain takes 1 to 1.5."""
_OPERANDS = {"A": "CE1", "B": "CE2"}
"""And the enable of each; CE0 is the product's (pipeline_registers.py)."""
_BITS = 18
_ZERO = ("0", "x")


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, absorb)


def absorb(module: Module) -> int:
    """Change the module in place; returns how many multipliers took their operands' registers."""
    cells = module["cells"]
    sources = netlist.sources(module)
    taken, emptied = 0, set[str]()
    for cell in [c for c in cells.values() if _ready(c)]:
        found = {operand: _registers(cells, sources, cell, operand) for operand in _OPERANDS}
        if not all(found.values()):
            continue
        for operand, port in _OPERANDS.items():
            _switch_on(cells, sources, cell, operand, port, found[operand])
            emptied |= {*found[operand].values()}
        taken += 1
    uses = netlist.uses(module)
    for name in emptied:
        if not uses[cells[name]["connections"]["Q"][0]]:
            del cells[name]
    return taken


def _ready(cell: Cell) -> bool:
    """A multiplier whose product has its register, and whose operands have none."""
    parameters = cell["parameters"]
    return (
        cell["type"] == _MULTIPLIER
        and parameters.get("REG_OUTPUT_CLK") == "CLK0"
        and cell["connections"].get("RST0") == ["0"]
        and all(parameters.get(f"REG_INPUT{side}_CLK", "NONE") == "NONE" for side in _OPERANDS)
    )


def _registers(
    cells: dict[str, Cell], sources: Sources, cell: Cell, operand: str
) -> dict[Bit, str]:
    """The flip-flop of each bit of an operand that is not 0; none if they cannot move."""
    result: dict[Bit, str] = {}
    for i in range(_BITS):
        (bit,) = cell["connections"][f"{operand}{i}"]
        if bit in _ZERO:
            continue
        if bit not in sources:
            return {}
        name, _ = sources[bit]
        if not flip_flops.plain(cells[name]):
            return {}
        if not _early(cells, sources, cells[name]["connections"]["DI"][0], _FEW):
            return {}
        result[bit] = name
    controls = {flip_flops.controls(cells[name]) for name in result.values()}
    clocks = {clock for clock, _ in controls}
    return result if len(controls) == 1 and clocks == {*cell["connections"]["CLK0"]} else {}


def _clocked(cell: Cell, port: str) -> bool:
    """Whether a cell's output is that of a register."""
    if cell["type"] != _MEMORY:
        return flip_flops.plain(cell)
    side = port.removeprefix("DO")[0]
    return bool(cell["parameters"].get(f"REGMODE_{side}") == "OUTREG")


def _early(cells: dict[str, Cell], sources: Sources, bit: Bit, most: int) -> bool:
    """Whether no more than so many gates are between registers and a bit; an addition is as good as
    _SUM of them."""
    if isinstance(bit, str):
        return True
    if bit not in sources:
        return False
    name, port = sources[bit]
    cell = cells[name]
    if _clocked(cell, port):
        return True
    if cell["type"] not in _GATES:
        return False
    left = most - (_SUM if cell["type"] == _CARRY else 1)
    wires = cell["connections"]
    read = {wire for port in _GATES[cell["type"]] for wire in wires.get(port, [])}
    (carry,) = wires.get("CIN", ["0"])
    below, _ = sources.get(carry, ("", ""))
    of_chain = bool(below) and cells[below]["type"] == _CARRY
    return (
        left >= 0
        and all(_early(cells, sources, wire, left) for wire in read)
        and _early(cells, sources, carry, most if of_chain else left)
    )


def _switch_on(
    cells: dict[str, Cell],
    sources: Sources,
    cell: Cell,
    operand: str,
    port: str,
    registers: dict[Bit, str],
) -> None:
    """Have the block hold an operand, as the flip-flops did; `port` is for its enable."""
    ((_, enable),) = {flip_flops.controls(cells[name]) for name in registers.values()}
    cell["parameters"] |= {
        f"REG_INPUT{operand}_CLK": "CLK0",
        f"REG_INPUT{operand}_CE": port,
        f"REG_INPUT{operand}_RST": "RST0",
    }
    free = _follows(cells, sources, cell["connections"]["CE0"][0], enable)
    cell["connections"][port] = ["1" if free else enable]
    cell["port_directions"][port] = "input"
    for i in range(_BITS):
        (bit,) = cell["connections"][f"{operand}{i}"]
        if bit in registers:
            cell["connections"][f"{operand}{i}"] = cells[registers[bit]]["connections"]["DI"]


def _follows(cells: dict[str, Cell], sources: Sources, later: Bit, earlier: Bit) -> bool:
    """Whether one bit is 1 only in the cycle after the other was: a register that takes in every
    cycle what is 1 only with the other. One with an enable does, where it would keep what it is
    offered."""
    if later not in sources or not flip_flops.rising(cells[sources[later][0]]):
        return False
    register = cells[sources[later][0]]
    (data,) = register["connections"]["DI"]
    _, enable = flip_flops.controls(register)
    return _holds(
        cells, sources, (enable, data, later), lambda taken, offered, kept: taken or offered == kept
    ) and _holds(cells, sources, (data, earlier), lambda offered, other: other or not offered)


def _holds(
    cells: dict[str, Cell], sources: Sources, bits: tuple[Bit, ...], claim: Callable[..., bool]
) -> bool:
    """Whether a claim about some bits is true whatever comes, as far as a gate in front of each of
    them says."""
    driven = {bit: cells[sources[bit][0]] for bit in bits if bit in sources}
    tables = {bit: cell for bit, cell in driven.items() if cell["type"] == "LUT4"}

    def read(bit: Bit) -> list[Bit]:
        return [tables[bit]["connections"][port][0] for port in _GATES["LUT4"]]

    def value(bit: Bit, known: dict[Bit, int]) -> int:
        if bit not in tables:
            return known.get(bit, 0)
        return int(gates.looked_up(tables[bit], [value(wire, known) for wire in read(bit)]))

    wires = {*bits, *itertools.chain(*map(read, tables))} - tables.keys()
    free = [wire for wire in wires if not isinstance(wire, str)]
    every = itertools.product((0, 1), repeat=len(free))
    cases = ({"1": 1, **dict(zip(free, values, strict=True))} for values in every)
    return all(claim(*(value(bit, known) for bit in bits)) for known in cases)
