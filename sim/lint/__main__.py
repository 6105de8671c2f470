"""Lints the RTL of a build folder with Verilator, every warning an error:

    python -m hearth.sim.lint build/default

Five times: as it is synthesized, as it is simulated (with the probes of sim/rtl), with a board's
link around it and two banks per ROM, and with all of an ECP5 and of a 7-series board; twice where a
network does not end in class scores, which boards do not take. Generated and
hand-written files are read alike; what is waived, and why, stands in sim/rtl/lint.vlt.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from hearth.sim import plain_paths, probes, verilator
from hearth.sim.build import RTL, bench_sources
from hearth.sim.harness import Net
from hearth.sim.virtual_board import virtual
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import script
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets.ecp5 import border as ecp5_border
from hearth.toolchain.targets.serial import border
from hearth.toolchain.targets.xc7 import border as xc7_border

BLOCKS = {
    name: tuple(Path(__file__).with_name(f"{block}.sv") for block in blocks)
    for name, blocks in (("ecp5", ("ehxplll", "oddrx1f")), ("xc7", ("plle2_adv", "bufg")))
}
"""What stands for the blocks of each family's chips."""
_WRAPPERS = {"ecp5": ecp5_border.WRAPPERS, "xc7": xc7_border.WRAPPERS}


def lint(build: Path) -> list[str]:
    """Verilator's messages, one text per reading that has any."""
    loaded = build_folder.load(build)
    rtl = plain_paths.readable(build.absolute() / "rtl")
    files = sorted((str(path) for path in rtl.iterdir()), key=packages_first)
    waivers = str(plain_paths.readable(RTL / "lint.vlt"))
    bench = [name for name in bench_sources() if not name.endswith("harness.vlt")]
    messages = []
    with tempfile.TemporaryDirectory() as folder:
        bound = Path(folder) / "hearth_probes.sv"
        bound.write_text(probes.emit([Net(loaded.design, "hearth_net", ())]))
        for top, extra in (
            ("hearth_net", []),
            ("hearth_net", ["-DHEARTH_SIM", *bench, str(bound)]),
            *(_boards(loaded, Path(folder)) if loaded.qgraph.classes else []),
        ):
            result = verilator.lint(top, ["-Wall", waivers, *extra, *files])
            if result.returncode:
                messages.append(result.stderr)
    return messages


def _boards(loaded: Build, folder: Path) -> list[tuple[str, list[str]]]:
    """Top and further files of each reading with a board's link around the network."""
    package = folder / f"{border.PACKAGE}.sv"
    package.write_text(virtual.numbers(loaded))
    board = [str(package), *(_of_hw(path) for path in virtual.SOURCES)]
    return [
        (border.CORE, ["-DHEARTH_OBSERVED", "-DHEARTH_LIVE", *board]),
        *(
            (f"hearth_{family}", ["-DHEARTH_OBSERVED", *board, *_wrapped(family)])
            for family in BLOCKS
        ),
    ]


def _wrapped(family: str) -> list[str]:
    """What stands around hearth_board on a family's boards."""
    blocks = [str(plain_paths.readable(block)) for block in BLOCKS[family]]
    return [*blocks, *(_of_hw(path) for path in _WRAPPERS[family])]


def _of_hw(path: str) -> str:
    return str(plain_paths.readable(HARDWARE / path))


def main() -> int:
    messages = lint(Path(sys.argv[1]))
    print("\n".join(messages) if messages else f"{sys.argv[1]}: RTL is clean")
    return len(messages)


if __name__ == "__main__":
    script.run(main)
