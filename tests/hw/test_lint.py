"""Hand-written SystemVerilog stands by itself: every module passes Verilator's linter with its
default parameters and what it instantiates, every warning an error.

How the modules fit into a network, with that network's parameters, is linted by hearth.sim.lint and
by the tests of link and AXI buses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.toolchain.support.paths import HARDWARE

FOLDERS = [
    HARDWARE / "stream",
    HARDWARE / "memory",
    HARDWARE / "link",
    HARDWARE / "axi",
    HARDWARE / "video",
    *sorted(path for path in (HARDWARE / "layers").iterdir() if path.is_dir()),
]
GENERATED = "hearth_axi_pkg"
"""A package that the compiler writes: without it, what names it cannot be read."""
_PACKAGES = """`verilator_config
// A package is for many modules; each uses some of it.
lint_off -rule UNUSEDPARAM -file "*_pkg.sv"
"""
PACKAGES = [str(package) for folder in FOLDERS for package in sorted(folder.glob("*_pkg.sv"))]
MODULES = [
    path
    for folder in FOLDERS
    for path in sorted(folder.glob("*.sv"))
    if not path.stem.endswith("_pkg") and GENERATED not in path.read_text()
]
BUSES = {"hearth_axi"}
"""Instantiates a module that names the generated package."""


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.stem not in BUSES], ids=lambda path: path.stem
)
def test_module_by_itself(path: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "packages.vlt"
    waivers.write_text(_PACKAGES)
    search = [flag for folder in FOLDERS for flag in ("-y", str(folder))]
    files = [str(RTL / "lint.vlt"), str(waivers), *PACKAGES, str(path)]
    result = verilator.lint(path.stem, ["-Wall", *search, *files])
    assert (result.returncode, result.stderr) == (0, "")


def test_every_kind_with_sources_is_linted() -> None:
    linted = {path.parent.name for path in MODULES}
    assert {
        "stream",
        "memory",
        "link",
        "axi",
        "video",
        "conv",
        "maxpool",
        "rescale",
        "table",
    } <= linted
