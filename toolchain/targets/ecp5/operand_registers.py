"""Moves the registers in front of a multiplication into the multiplier's block.

An operand waits in flip-flops and crosses to its multiplier, whose product needs 3.5 ns to the
output register (nextpnr's delays of an ECP5-6): with 9 ns of wire, which happen, 80 MHz are not
met. Every multiplier has registers for its operands too (Lattice FPGA-TN-02205, section 6), which
Yosys does not use. They do what the flip-flops do where each bit of both operands is 0 or comes
from a flip-flop without reset, and those of an operand share clock and enable. The long wire is in
front of them then, so they move only where that cycle has little else in it: where it begins at a
register, a flip-flop or a block RAM's own, or behind one addition of registers (the two weights of
a shared multiplication, mac.x). A flip-flop that is read elsewhere too stays there for that.
nextpnr knows the times of a block only where both operands and the product have registers.

An enable has that long way, too, and need not: an operand that is taken whether it is wanted or not
does no harm where the product is enabled only in the cycle after the operand was.

Works on the netlist that Yosys writes as JSON, behind the other passes: what a block RAM's own
register can hold (memory_registers.py) is better off there.
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops
from hearth.toolchain.targets.netlist import Bit, Cell, Module

Sources = dict[Bit, tuple[str, str]]
"""Cell and port that drive a bit."""
_MULTIPLIER, _MEMORY, _CARRY = "MULT18X18D", "DP16KD", "CCU2C"
_ADDED = [f"{port}{half}" for port in "ABCD" for half in "01"]
"""What a carry cell reads, for either of its two bits."""
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
    soon = {bit for bit, (name, port) in sources.items() if _clocked(cells[name], port)}
    soon |= _sums(cells, sources, soon)
    taken, emptied = 0, set[str]()
    for cell in [c for c in cells.values() if _ready(c)]:
        found = {operand: _registers(cells, sources, soon, cell, operand) for operand in _OPERANDS}
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
    cells: dict[str, Cell], sources: Sources, soon: set[Bit], cell: Cell, operand: str
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
        if not flip_flops.plain(cells[name]) or cells[name]["connections"]["DI"][0] not in soon:
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


def _sums(cells: dict[str, Cell], sources: Sources, clocked: set[Bit]) -> set[Bit]:
    """Bits of sums whose carry chains read nothing but registers."""
    known: dict[str, bool] = {}

    def plain(name: str) -> bool:
        if name not in known:
            wires = cells[name]["connections"]
            read = {bit for port in _ADDED if port in wires for bit in wires[port]}
            (carry,) = wires.get("CIN", ["0"])
            below, _ = sources.get(carry, ("", ""))
            known[name] = all(isinstance(bit, str) or bit in clocked for bit in read) and (
                isinstance(carry, str)
                or (bool(below) and cells[below]["type"] == _CARRY and plain(below))
            )
        return known[name]

    return {
        bit
        for bit, (name, port) in sources.items()
        if cells[name]["type"] == _CARRY and port in ("S0", "S1") and plain(name)
    }


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
    """Whether one bit is 1 only in the cycle after the other was."""
    if later not in sources:
        return False
    register = cells[sources[later][0]]
    if not flip_flops.always(register):
        return False
    (data,) = register["connections"]["DI"]
    if data == earlier or data not in sources:
        return bool(data == earlier)
    gate = cells[sources[data][0]]
    if gate["type"] != "LUT4":
        return False
    read = [gate["connections"][port][0] for port in "ABCD"]
    ones = [i for i, value in enumerate(reversed(gate["parameters"]["INIT"])) if value == "1"]
    return earlier in read and all(place >> read.index(earlier) & 1 for place in ones)
