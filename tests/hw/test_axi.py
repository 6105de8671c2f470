"""The AXI border of AMD boards: its buses under stalls and malformed transfers, its lint."""

from __future__ import annotations

import importlib.util
import logging
import sys
from pathlib import Path

import pytest
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import get_runner
from find_libpython import find_libpython

from hearth.sim import verilator
from hearth.sim.plain_paths import is_plain
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support.paths import HARDWARE
from hearth.toolchain.targets import needs
from hearth.toolchain.targets.xilinx import border, registers, ultra
from tests.nets import tiny

HERE = Path(__file__).parent
BUILD = 0x0123_4567_89AB_CDEF
SIZES = {
    "Width": 6,
    "Height": 4,
    "InBits": 24,
    "OutBits": 32,
    "Classes": 3,
    "Best": 2,
    "ResultBeats": 5,
    "TopBeat": 4,
    "TopLane": 0,
    "LoadBytes": 0,
}


def _installed(*packages: str) -> bool:
    """Whether each package is there, asked from the outermost inwards."""
    return all(importlib.util.find_spec(package) is not None for package in packages)


needs_cocotb = pytest.mark.skipif(
    find_libpython() is None
    or not is_plain(Path(sys.prefix))
    or not _installed("cocotbext", "cocotbext.axi"),
    reason="needs Python's shared library (apt install libpython3-dev), a path that make can take,"
    " and cocotbext-axi (make setup-xilinx)",
)


def sources(folder: Path, colours: int = 3) -> list[Path]:
    """The border around tests/hw/axi_net.sv, package first."""
    sizes = SIZES | {"InBits": 8 * colours}
    package = folder / "hearth_axi_pkg.sv"
    package.write_text(registers.package(sizes, BUILD, 100_000))
    block = folder / f"{border.BLOCK}.v"
    block.write_text(border.block(sizes))
    around = folder / f"{border.NET}.sv"
    around.write_text(border.net(sizes))
    net, bits = folder / "hearth_net.sv", "Bits = 24"
    text = (HERE / "axi_net.sv").read_text()
    assert bits in text
    net.write_text(text.replace(bits, f"Bits = {8 * colours}"))
    rtl = [HARDWARE / f"axi/{name}.sv" for name in border.SOURCES]
    shared = [
        HARDWARE / path
        for path in ("stream/hearth_fifo.sv", "stream/hearth_skid.sv", "memory/hearth_ram.sv")
    ]
    packages = [HARDWARE / path for path in ("link/hearth_crc_pkg.sv", "memory/hearth_load_pkg.sv")]
    return [package, *packages, *rtl, block, *shared, around, net]


def network(folder: Path, plan: ultra.Plan = ultra.NOTHING) -> list[Path]:
    """The border around a real network, package first."""
    design = tiny.design()
    texts = {**emit(design), **border.files(design, BUILD, 100_000, plan)}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    names = [name for name in texts if name.startswith("rtl/")]
    return [folder / name for name in sorted(names, key=packages_first)]


def simulate(
    top: str,
    bench: str,
    files: list[Path],
    folder: Path,
    colours: int = 3,
    only: str | None = None,
    **parameters: int,
) -> None:
    """Build with Verilator, run every cocotb test of a module, or those that `only` matches."""
    runner = get_runner("verilator")
    logging.getLogger(type(runner).__qualname__).setLevel(logging.WARNING)
    with verilator.environment(verilator.find()):
        runner.build(
            sources=[str(path) for path in files],
            hdl_toplevel=top,
            build_dir=folder / "build",
            parameters=parameters,
            build_args=[
                *(verilator.LANGUAGE, "-Wno-fatal", "--no-timing"),
                *("--x-initial", "unique"),
            ],
            timescale=("1ns", "1ns"),
            always=True,
            log_file=folder / "build.log",
        )
        results = runner.test(
            test_module=bench,
            hdl_toplevel=top,
            hdl_toplevel_lang="verilog",
            build_dir=folder / "build",
            test_dir=folder,
            test_filter=only,
            plusargs=verilator.random_state(1),
            results_xml=str(folder / "results.xml"),
            log_file=folder / "run.log",
            extra_env={
                "COCOTB_LOG_LEVEL": "WARNING",
                "COCOTB_ANSI_OUTPUT": "0",
                "HEARTH_TEST_COLOURS": str(colours),
                "PYTHONWARNINGS": "ignore::DeprecationWarning",  # of cocotbext-axi
            },
        )
    count, failed = get_results(results)
    assert count > 0
    assert failed == 0, (folder / "run.log").read_text()[-4000:]


@needs_cocotb
def test_control_registers(tmp_path: Path) -> None:
    simulate("hearth_axi_control", "tests.hw.axi_control_bench", sources(tmp_path), tmp_path)


@needs_cocotb
def test_video_border(tmp_path: Path) -> None:
    simulate(border.TOP, "tests.hw.axi_bench", sources(tmp_path), tmp_path)


@needs_cocotb
@pytest.mark.parametrize("colours", [1, 3, 4])
def test_packet_border(colours: int, tmp_path: Path) -> None:
    files = sources(tmp_path, colours)
    simulate(border.BLOCK, "tests.hw.axi_packet_bench", files, tmp_path, colours)


@needs_cocotb
def test_real_network(tmp_path: Path) -> None:
    simulate(border.TOP, "tests.hw.axi_network_bench", network(tmp_path), tmp_path)


@needs_cocotb
def test_weights_in_ultra_ram(tmp_path: Path) -> None:
    """Every ROM of a network waits for its contents; their files are not even there."""
    made = tiny.design()
    plan = ultra.Plan(needs.of(made).roms)
    files = network(tmp_path, plan)
    for path in (tmp_path / "rom").iterdir():
        path.unlink()
    for name, design in {"hearth": made, "other": tiny.turned()}.items():
        (tmp_path / f"{name}.weights").write_text(ultra.text(plan.image(emit(design))))
    simulate(border.TOP, "tests.hw.axi_load_bench", files, tmp_path)


@pytest.mark.parametrize("colours", [1, 3, 4])
def test_lint(colours: int, tmp_path: Path) -> None:
    files = [str(path) for path in sources(tmp_path, colours)]
    result = verilator.lint(border.BLOCK, ["-Wall", "-Wno-GENUNNAMED", *files])
    assert result.stderr == ""


def test_documented_map() -> None:
    """docs/design/xilinx.md holds the generated table."""
    text = (HARDWARE.parent / "docs/design/xilinx.md").read_text()
    assert registers.table() in text, "paste what targets/xilinx/registers.py prints into docs"
