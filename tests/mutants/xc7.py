"""Faults in the pass over a 7-series netlist, and in the clock that a routed design is given."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

_XC7 = "toolchain/targets/xc7"
_FAULTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    f"{_XC7}/pipeline_registers.py": (
        (
            "a product's register twice",
            '    cell["parameters"]["MREG"] = "0"\n    return True',
            "    return True",
        ),
        (
            "a product's register without its enable",
            'wires.pop("CEM", ["1"])[0]',
            '"1"',
        ),
        ("a product's register without its reset", 'wires.pop("RSTM", ["0"])[0]', '"0"'),
        ("a sum's register moves too", " or not neutral or ", " or "),
        ("flip-flops with several enables", "len(controls) != 1 or ", ""),
        ("flip-flops on another clock than the block's", " or len(clocks) != 1:", ":"),
        ("a flip-flop that starts as 1", '& {"1"}', "& set()"),
        ("a flip-flop with a reset", 'get("R", ["0"]) == ["0"]', 'get("R", ["0"])'),
        ("a cascade comes a cycle late", 'and port != "P"\n', "and False\n"),
    ),
    f"{_XC7}/timing.py": (
        ("the margin is claimed", "* (1 - self.margin)", "* 1"),
        ("nextpnr's clock alone", "min(self.nextpnr_mhz, self.bound_mhz)", "self.nextpnr_mhz"),
        ("the bound alone", "min(self.nextpnr_mhz, self.bound_mhz)", "self.bound_mhz"),
        ("the faster edge of a wire", "max(rise, fall)", "min(rise, fall)"),
        (
            "estimates as they are",
            "delay * stretch[estimated[i]] if i in estimated else delay",
            "delay",
        ),
        ("estimates by few wires", "if len(known) >= SAMPLES:", "if known:"),
        (
            "paths inside a cell forgotten",
            "max(worst[kinds[name]], cell.period)",
            "worst[kinds[name]]",
        ),
    ),
    f"{_XC7}/clock.py": (
        ("a clock above the wish", "math.ceil(before.vco_hz / (", "int(before.vco_hz / ("),
        ("an odd divider without its edge", "if divider % 2 else times", "if False else times"),
        ("the old divider stays", 'return "" if line[2] in _OUTPUT else line[0]', "return line[0]"),
    ),
    f"{_XC7}/flow.py": (
        ("a file in spite of the clock", '    if not figures["met"]:', "    if False:"),
        ("the serial port at its old rate", " * after.hz / before.hz", ""),
    ),
}
MUTANTS: tuple[Mutant, ...] = tuple(
    Mutant(name, source, old, new, "xc7")
    for source, faults in _FAULTS.items()
    for name, old, new in faults
)
