"""Runs cocotb tests of one module in Verilator, where cocotb can run."""

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

SIMULATOR = "needs Python's shared library (apt install libpython3-dev), a path that make can take"


def installed(*packages: str) -> bool:
    """Whether each package is there, asked from the outermost inwards."""
    return all(importlib.util.find_spec(package) is not None for package in packages)


def can_simulate() -> bool:
    return find_libpython() is not None and is_plain(Path(sys.prefix))


needs_simulator = pytest.mark.skipif(not can_simulate(), reason=SIMULATOR)


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
