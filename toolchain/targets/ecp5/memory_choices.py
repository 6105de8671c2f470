"""Moves the registers behind a choice among block RAMs into them.

A memory of more words than a block holds is several blocks, and gates that choose the one that was
asked for: 5.8 ns to leave a block, the way to the gates, and only then a register, which
memory_registers.py does not find. A register behind gates may as well stand in front of each of
their inputs, where nobody else sees what is in between and all begin as 0:

    q = what f says of the words, and of which is asked for, a cycle ago
      = f of the words a cycle ago, and of which was asked for a cycle ago

The blocks have such registers, and for the few bits that choose there are new ones. The gates are
in the next cycle then, so they move only where that has nothing but registers behind them.

Works on the netlist that Yosys writes as JSON, behind memory_registers.py.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.targets import netlist
from hearth.toolchain.targets.ecp5 import flip_flops, gates
from hearth.toolchain.targets.ecp5 import memory_registers as memories
from hearth.toolchain.targets.netlist import Bit, Cell, Module

Word = tuple[str, str]
"""A block RAM, and the ports by which a word leaves it."""


@dataclass
class _Choice:
    """A register, the gates in front of it, and what these read: words, and other bits."""

    register: str
    gates: list[str]
    words: set[Word]
    others: set[Bit]


def absorb_in(path: Path, top: str) -> int:
    """As `absorb`, for the module `top` of the JSON file that Yosys wrote."""
    return netlist.change(path, top, absorb)


def absorb(module: Module) -> int:
    """Change the module in place; returns how many flip-flops moved in front of their gates."""
    found = _Finder(module)
    kept = found.together()
    cells = module["cells"]
    for name, ports in sorted({word for choice in kept for word in choice.words}):
        for port in ports:
            memories.switch_on(cells[name], port, *found.controls[name, ports])
    new = itertools.count(netlist.first_free(module))
    later: dict[tuple[Bit, ...], Bit] = {}
    for choice in kept:
        register = cells.pop(choice.register)
        for gate in (cells[name] for name in choice.gates):
            wires = gate["connections"]
            if wires["Z"] == register["connections"]["DI"]:
                wires["Z"] = register["connections"]["Q"]
            for port in gates.INPUTS[gate["type"]]:
                if wires[port][0] in choice.others:
                    key = (wires[port][0], *flip_flops.controls(register))
                    if key not in later:
                        later[key] = next(new)
                        twin = copy.deepcopy(register)
                        twin["connections"] |= {"DI": wires[port], "Q": [later[key]]}
                        cells[f"{choice.register}_later{later[key]}"] = twin
                    wires[port] = [later[key]]
    return len(kept)


class _Finder:
    """Finds what can move."""

    def __init__(self, module: Module) -> None:
        self.cells: dict[str, Cell] = module["cells"]
        self.uses, self.sources = netlist.uses(module), netlist.sources(module)
        self.words: dict[Word, list[Bit]] = {
            (name, ports): [*memories.outputs(cell, ports).values()]
            for name, cell in self.cells.items()
            if cell["type"] == memories.MEMORY
            for ports in memories.words(cell)
            if memories.free(cell, ports)
        }
        self.word_of = {bit: word for word, bits in self.words.items() for bit in bits}
        self.controls: dict[Word, tuple[Bit, Bit]] = {}

    def together(self) -> list[_Choice]:
        """All choices whose words can move: every bit of a word is read by some of them, at the
        same clock and enable, and by nothing else."""
        kept = [c for name in self.cells if (c := self._in_front(name)) is not None]
        while True:
            readers_of = {gate: choice for choice in kept for gate in choice.gates}
            self.controls = {}
            for word in {word for choice in kept for word in choice.words}:
                readers = [use for bit in self.words[word] for use in self.uses[bit]]
                if not all(reader in readers_of for reader, _ in readers):
                    continue
                registers = {readers_of[reader].register for reader, _ in readers}
                controls = {flip_flops.controls(self.cells[name]) for name in registers}
                clock, enable = controls.pop()
                if not controls and memories.clocked(
                    self.cells[word[0]]["connections"], word[1], clock
                ):
                    self.controls[word] = clock, enable
            left = [choice for choice in kept if choice.words <= self.controls.keys()]
            if len(left) == len(kept):
                return kept
            kept = left

    def _in_front(self, name: str) -> _Choice | None:
        """What is in front of a register; None where it must not move."""
        cell = self.cells[name]
        if not flip_flops.plain(cell) or not all(
            port == "DI" for _, port in self.uses[cell["connections"]["Q"][0]]
        ):
            return None
        choice = _Choice(name, [], set(), set())
        if self._gather(cell["connections"]["DI"][0], choice):
            return None  # it would begin as 1
        # A word that cannot move stays where it is with those that it is chosen among.
        others = {
            self.cells[self.sources[bit][0]]["type"] for bit in choice.others & {*self.sources}
        }
        return choice if choice.gates and choice.words and memories.MEMORY not in others else None

    def _gather(self, bit: Bit, choice: _Choice) -> bool:
        """Add what a bit comes from; returns what it is while all registers are 0."""
        gate, _ = self.sources.get(bit, ("", ""))
        if bit in self.word_of:
            choice.words.add(self.word_of[bit])
        elif isinstance(bit, str):
            return bit == "1"
        elif gate and self.cells[gate]["type"] in gates.INPUTS and len(self.uses[bit]) == 1:
            choice.gates.append(gate)
            cell = self.cells[gate]
            inputs = [
                self._gather(cell["connections"][port][0], choice)
                for port in gates.INPUTS[cell["type"]]
            ]
            if cell["type"] != "LUT4":
                low, high, chooses = inputs
                return high if chooses else low
            return gates.looked_up(cell, inputs)
        else:
            choice.others.add(bit)
        return False
