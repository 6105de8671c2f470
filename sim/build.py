"""Builds a simulator from SystemVerilog text, once: it is kept under a hash of all its inputs.

Weights and frames are read at run time, so a build is reused until the circuit itself changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import logging
import math
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cocotb_tools.runner import get_runner
from find_libpython import find_libpython

from hearth.sim import plain_paths, verilator
from hearth.toolchain.rtl.header import code
from hearth.toolchain.rtl.verilog import packages_first
from hearth.toolchain.support import private
from hearth.toolchain.support.errors import HearthError

RTL = Path(__file__).resolve().parent / "rtl"
PLAIN = Path(__file__).resolve().parent / "clocking.cpp"
TOP = "hearth_harness"
_DONE = "made/simulator"
_ROOM = 1 << 20
"""Bytes below which a disk is called full."""
_IDLE = re.compile(r"\s*$|- (Verilator|V e r i l a t i o n)\b")
"""Empty lines, and Verilator's statistics."""
_COMPLAINT = re.compile(r"No space left|File too large|Disk quota|Assertion failed|[Ee]rror\b")


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


def failure(what: str, log: Path) -> str:
    """The sentence for a tool that failed: its first complaint, or its last word."""
    text = log.read_text(errors="replace") if log.exists() else ""
    lines = [line.strip() for line in text.splitlines() if not _IDLE.match(line)]
    if shutil.disk_usage(log.parent).free < _ROOM:
        return f"{what}: the disk that holds {log.parent} is full"
    complaints = (line for line in lines if _COMPLAINT.search(line))
    reason = next(complaints, lines[-1] if lines else "it says nothing")
    return f"{what}: {reason[:300]}; see {log}"


def build(sources: Mapping[str, str], cache: Path, *, trace: bool = False) -> Build:
    """Simulator of `sources` (file name -> text, among them the harness) below the folder `cache`.

    Built in a private folder that becomes the simulator when it is done; who wants the same one
    meanwhile waits for it. HearthError when a tool is missing or fails.
    """
    tool = verilator.find()
    cocotb = tool.for_cocotb and find_libpython() is not None
    if trace:
        verilator.require_trace(cocotb)
    flags = [*verilator.FLAGS, *(verilator.TRACE_FLAGS if trace else ())]
    bench = bench_sources()
    texts = [*sources, *map(code, (*sources.values(), *bench.values()))]
    texts.append("" if cocotb else PLAIN.read_text())
    versions = [tool.version, importlib.metadata.version("cocotb"), *tool.make_variables]
    place = plain_paths.writable(cache) / _key([*texts, *flags, *versions])
    done = place / _DONE
    done.parent.mkdir(parents=True, exist_ok=True)
    with private.held(place, math.inf):
        if done.exists():
            return Build(done, 0.0, trace, cocotb)
        start = time.perf_counter()
        with private.folder_beside(done) as folder:
            files = [*bench, *_written(sources, folder / "rtl")]
            _compile(tool, files, folder, flags, trace if cocotb else None)
            folder.rename(done)
        return Build(done, time.perf_counter() - start, trace, cocotb)


def _written(sources: Mapping[str, str], rtl: Path) -> list[str]:
    """The sources as files of the folder `rtl`."""
    rtl.mkdir()
    paths = {rtl / Path(name).name: text for name, text in sources.items()}
    for path, text in paths.items():
        path.write_text(text)
    return sorted(map(str, paths), key=packages_first)


def _compile(
    tool: verilator.Tool, files: list[str], folder: Path, flags: list[str], trace: bool | None
) -> None:
    """With cocotb, with or without waveforms; `trace` is None where there is no cocotb."""
    log = folder / "build.log"
    with verilator.environment(tool):
        try:
            if trace is None:
                _plain(tool, files, folder, flags, log)
            else:
                _with_cocotb(files, folder, flags, trace, log)
        except (RuntimeError, subprocess.CalledProcessError):
            kept = folder.parent / log.name
            with contextlib.suppress(OSError):
                log.replace(kept)
            raise HearthError(failure("the simulator does not build", kept)) from None


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
