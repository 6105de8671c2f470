"""Moves the registers behind a block RAM into it.

A word leaves a block RAM (DP16KD) 5.8 ns after the clock's edge, and 1.0 ns after it from the
output register that every block has on both ports (Lattice FPGA-TN-02204; nextpnr's delays of an
ECP5-6), which Yosys does not use. Where every used bit of a port goes to one flip-flop and nowhere
else, and all of these share clock and enable and have no reset, the block's register does the same:
its clock is the port's, its enable OCE, and it starts as 0.

A word of 36 bits leaves through both ports and is read by port B alone; then both registers are
used or none.

Works on the netlist that Yosys writes as JSON, between synthesis and placement.
"""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops
from hearth.toolchain.targets.netlist import Bit, Cell, Module, Uses

MEMORY = "DP16KD"
_PORT_BITS = 18
_WIDE = 36
_NO_CLOCK = (["0"], ["1"], ["x"])


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, absorb)


def absorb(module: Module) -> int:
    """Change the module in place; returns how many flip-flops moved into block RAMs."""
    uses = netlist.uses(module)
    memories = [cell for cell in module["cells"].values() if cell["type"] == MEMORY]
    return sum(_absorb(module, uses, cell, ports) for cell in memories for ports in words(cell))


def words(cell: Cell) -> tuple[str, ...]:
    """Ports whose outputs belong to one word: A and B, or both together."""
    wide = int(cell["parameters"]["DATA_WIDTH_B"], 2) == _WIDE
    return ("AB",) if wide else ("A", "B")


def _absorb(module: Module, uses: Uses, cell: Cell, ports: str) -> int:
    wires, bits = cell["connections"], outputs(cell, ports)
    moved = netlist.registers_behind(module, uses, bits.values(), "DI", flip_flops.plain)
    if moved is None or not free(cell, ports):
        return 0
    controls = {flip_flops.controls(module["cells"][name]) for name in moved.values()}
    if len(controls) != 1:
        return 0
    clock, enable = controls.pop()
    if not clocked(wires, ports, clock):
        return 0
    for port in ports:
        switch_on(cell, port, clock, enable)
    for name, bit in bits.items():
        if bit in moved:
            wires[name] = module["cells"].pop(moved[bit])["connections"]["Q"]
    return len(moved)


def outputs(cell: Cell, ports: str) -> dict[str, Bit]:
    """The bits of a word, by the names of the block's outputs."""
    wires = cell["connections"]
    names = {f"DO{port}{i}" for port in ports for i in range(_PORT_BITS)} & {*wires}
    return {name: wires[name][0] for name in sorted(names) if wires[name]}


def free(cell: Cell, ports: str) -> bool:
    """Whether the ports' registers are unused, and so is what resets them; the edge is the
    rising one."""
    parameters, wires = cell["parameters"], cell["connections"]
    return all(
        parameters.get(f"REGMODE_{port}", "NOREG") == "NOREG"
        and parameters.get(f"CLK{port}MUX", f"CLK{port}") == f"CLK{port}"
        and wires.get(f"RST{port}", ["0"]) == ["0"]
        for port in ports
    )


def clocked(wires: dict[str, list[Bit]], ports: str, clock: Bit) -> bool:
    """Whether the word is read with this clock; the other port of a wide one may have none."""
    *others, reader = (wires.get(f"CLK{port}", ["x"]) for port in ports)
    return reader == [clock] and all(bits in _NO_CLOCK or bits == [clock] for bits in others)


def switch_on(cell: Cell, port: str, clock: Bit, enable: Bit) -> None:
    cell["parameters"][f"REGMODE_{port}"] = "OUTREG"
    for name, bit in ((f"CLK{port}", clock), (f"OCE{port}", enable)):
        cell["connections"][name] = [bit]
        cell["port_directions"][name] = "input"
