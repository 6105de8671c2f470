"""Faults in the passes over an ECP5's netlist, and in the choice among placements."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_ECP5 = "toolchain/targets/ecp5"
_FAULTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    f"{_ECP5}/memory_registers.py": (
        ("a word's registers with several enables", "if len(controls) != 1:", "if not controls:"),
        ("a word's register without its enable", '(f"OCE{port}", enable)', '(f"OCE{port}", "1")'),
        ("a word's register twice", '== "NOREG"\n', '!= ""\n'),
        ("a block RAM that is reset", 'wires.get(f"RST{port}", ["0"]) == ["0"]', "True"),
        ("a word by another clock", "reader == [clock] and", "True and"),
        ("a wide word's other clock", "bits in _NO_CLOCK or", "True or"),
        ("half of a wide word", 'return ("AB",) if wide else', 'return ("B",) if wide else'),
    ),
    "toolchain/targets/netlist.py": (
        ("a new wire is another's", "return 1 + max(", "return max("),
    ),
    f"{_ECP5}/gates.py": (
        ("a gate the other way round", '["INIT"][-1 - place]', '["INIT"][place]'),
    ),
    f"{_ECP5}/memory_choices.py": (
        ("a choice is asked for a cycle early", "wires[port] = [later[key]]", "pass"),
        (
            "a choice whose word others read",
            "if not all(reader in readers_of",
            "if not any(reader in readers_of",
        ),
        ("a choice by several enables", "if not controls and", "if"),
        ("a choice by another clock", "memories.clocked(", "bool("),
        ("a choice of half a word", "choice.words <= self", "choice.words & self"),
        ("gates that others read", "and len(self.uses[bit]) == 1", "and self.uses[bit]"),
        ("gates in front of others", 'port == "DI" for', "port for"),
        ("a choice that begins as 1", "return None  # it", "pass  # it"),
        ("a multiplexer chooses the other", "return high if chooses", "return low if chooses"),
    ),
    f"{_ECP5}/operand_registers.py": (
        ("operands with several enables", "len(controls) == 1 and", "len(controls) and"),
        ("an operand by another clock", 'clocks == {*cell["connections"]["CLK0"]}', "clocks"),
        ("either operand by the other's enable", '"B": "CE2"', '"B": "CE1"'),
        ("an operand's 1 begins as 0", '("0", "x")', '("0", "1", "x")'),
        ("an operand's register is lost to others", "if not uses[", "if True or uses["),
        ("an operand waits behind any logic", "left >= 0\n", "True\n"),
        ("a sum is as quick as a gate", '_SUM if cell["type"] == _CARRY else 1', "1"),
        ("a carry that is no register's", "most if of_chain else left)", "99)"),
        (
            "an operand from a slow memory",
            'get(f"REGMODE_{side}") == "OUTREG"',
            'get("WID") == None',
        ),
        ("an operand is never held", "other or not offered", "True"),
        ("an enable that keeps its 1", "taken or offered == kept", "True"),
        ("an enable that is held itself", "flip_flops.rising(", "bool("),
        ("one operand waits, the other does not", "if not all(found.values())", "if not found"),
    ),
    f"{_ECP5}/lane_copies.py": (
        ("all lanes' registers are one", "[_product(reader)]", '[""]'),
        ("every adder is a lane", ">= FEWEST", ">= 0"),
        ("gates are lanes", 'cells[reader]["type"] == _CARRY', "True"),
        ("a lane without its register", "for lane in lanes[1:]", "for lane in lanes[2:]"),
        ("a lane reads a copy by one port", "ports[port] = [own", "ports['A0'] = [own"),
    ),
    f"{_ECP5}/resets.py": (
        ("all kernels' resets are one", '(name.split(".")[:-1][:_DEPTH])', '(name.split(".")[:1])'),
        ("a port reads a copy", 'sorted(readers.keys() - {""})', "sorted(readers.keys())"),
        ("every register is copied", "<= READERS", "< 0"),
    ),
    f"{_ECP5}/flip_flops.py": (
        ("a block's register starts as 1", '"REGSET", "RESET") == "RESET"', '"REGSET", "") != ""'),
        ("a block's register with a reset", 'get("LSR", ["0"]) == ["0"]', 'get("LSR", ["0"])'),
        ("a block's register of the other edge", '"CLKMUX", "CLK") == "CLK"', '"CLKMUX", "CLK")'),
        ("a block's register by its enable's inverse", 'in ("CE", "1")', 'in ("CE", "1", "INV")'),
    ),
    f"{_ECP5}/placement.py": (
        ("the last placement is kept", "if tried[-1] is fastest(tried):", "if True:"),
        ("a failed placement counts", "[] if self.run.status else ", ""),
        ("other clocks count", "if by == min(off)", "if by >= min(off)"),
        ("a missed clock is forgotten", "not self.missed and ", ""),
        ("seeds after the clock is met", "            break\n", "            continue\n"),
    ),
}
MUTANTS: tuple[Mutant, ...] = tuple(
    Mutant(name, source, old, new, "ecp5")
    for source, faults in _FAULTS.items()
    for name, old, new in faults
)
