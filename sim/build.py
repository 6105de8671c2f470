"""Builds a simulator from SystemVerilog text, once: it is kept under a hash of all its inputs.

Weights and frames are read at run time, so a build is reused until the circuit itself changes.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cocotb_tools.runner import get_runner
from find_libpython import find_libpython

from sim import plain_paths, verilator

RTL = Path(__file__).resolve().parent / "rtl"
PLAIN = Path(__file__).resolve().parent / "clocking.cpp"
TOP = "harness"
_DONE = "done"


@dataclass(frozen=True)
class Build:
    """A finished simulator in `folder`. `seconds` is 0 when an earlier one was reused."""

    folder: Path
    seconds: float
    trace: bool
    cocotb: bool
    """False: clocked by clocking.cpp, because this Python cannot be embedded or lies in a folder
    that make cannot name."""


def bench_sources() -> dict[str, str]:
    """The harness's own files by name, packages first."""
    rtl = plain_paths.readable(RTL)
    files = [rtl / "harness.vlt", *sorted(rtl.glob("*_pkg.sv")), *sorted(rtl.glob("*.sv"))]
    return {str(path): path.read_text() for path in files}


def _key(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:16]


def log_tail(log: Path, lines: int = 25) -> str:
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def build(sources: Mapping[str, str], cache: Path, *, trace: bool = False) -> Build:
    """Simulator of `sources` (file name -> text, among them the harness) below the folder `cache`.

    Raises HearthError when a tool is missing, RuntimeError with the log's end when compiling fails.
    """
    tool = verilator.find()
    cocotb = tool.for_cocotb and find_libpython() is not None
    if trace:
        verilator.require_trace(cocotb)
    flags = [*verilator.FLAGS, *(verilator.TRACE_FLAGS if trace else ())]
    bench = bench_sources()
    texts = [*sources, *sources.values(), *bench.values(), "" if cocotb else PLAIN.read_text()]
    versions = [tool.version, importlib.metadata.version("cocotb"), *tool.make_variables]
    folder = plain_paths.writable(cache) / _key([*texts, *flags, *versions])
    if (folder / _DONE).exists():
        return Build(folder, 0.0, trace, cocotb)
    start = time.perf_counter()
    rtl = folder / "rtl"
    rtl.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (rtl / Path(name).name).write_text(text)
    files = list(dict.fromkeys([*bench, *(str(rtl / Path(name).name) for name in sources)]))
    log = folder / "build.log"
    with verilator.environment(tool):
        try:
            if cocotb:
                _with_cocotb(files, folder, flags, trace, log)
            else:
                _plain(tool, files, folder, flags, log)
        except (RuntimeError, subprocess.CalledProcessError):
            raise RuntimeError(
                f"the simulator does not build; end of {log}:\n{log_tail(log)}"
            ) from None
    seconds = time.perf_counter() - start
    (folder / _DONE).write_text(f"{seconds:.1f}\n")
    return Build(folder, seconds, trace, cocotb)


def _with_cocotb(files: list[str], folder: Path, flags: list[str], trace: bool, log: Path) -> None:
    runner = get_runner("verilator")
    logging.getLogger(type(runner).__qualname__).setLevel(logging.WARNING)
    runner.build(
        sources=files,
        hdl_toplevel=TOP,
        build_dir=folder,
        build_args=flags,
        timescale=("1ns", "1ns"),
        waves=trace,
        always=True,
        log_file=log,
    )


def _plain(
    tool: verilator.Tool, files: list[str], folder: Path, flags: list[str], log: Path
) -> None:
    what = ["--cc", "--exe", "--build", "--Mdir", str(folder), "--prefix", "Vtop", "-o", TOP]
    jobs = ["-j", str(os.cpu_count() or 1), "--timescale", "1ns/1ns", "--top-module", TOP]
    with log.open("w") as output:
        clock = str(plain_paths.readable(PLAIN))
        command = [str(tool.program), *what, *jobs, *flags, clock, *files]
        subprocess.run(command, check=True, stdout=output, stderr=subprocess.STDOUT)
