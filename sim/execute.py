"""Runs a built simulator in a folder of its own and reads what the harness reports."""

from __future__ import annotations

import concurrent.futures
import logging
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cocotb_tools.runner import get_runner

from hearth.sim import verilator
from hearth.sim.build import TOP, Build, failure
from hearth.sim.harness import Net
from hearth.sim.vectors import encode
from hearth.toolchain.support.errors import HearthError

Progress = Callable[[str], None]
"""Receives one short line now and then, such as 'frame 1 of 3, 250,000 cycles'."""


@dataclass(frozen=True)
class Options:
    """How to run: everything here takes effect without a rebuild.

    stall_percent  mean share of cycles in which each handshake is withheld, 0..45
    seed           of the stalls, and of the state that the circuit starts in
    watchdog       cycles without a beat anywhere after which the run is called stuck
    drain          cycles without a beat after the last frame that end the run
    max_errors     wrong beats after which the run ends early
    max_cycles     ends the run there (waveforms); 0 = no limit
    record         cycles after reset whose handshakes are recorded, on every edge
    """

    stall_percent: int = 0
    seed: int = 1
    watchdog: int = 20_000
    drain: int = 500
    max_errors: int = 1_000
    max_cycles: int = 0
    record: int = 0

    def plusargs(self, frames: int) -> list[str]:
        run = [f"+{name}={value}" for name, value in {**vars(self), "frames": frames}.items()]
        return run + verilator.random_state(self.seed)


def prepare(nets: Sequence[Net], folder: Path, roms: Mapping[str, str]) -> None:
    """Fill the run folder: golden files of every edge, and the ROMs (text by path) under rom/."""
    (folder / "golden").mkdir()
    (folder / "rom").mkdir()
    (folder / "waves").mkdir()
    for path, text in roms.items():
        (folder / path).write_text(text)
    for net in nets:
        for (number, edge, beat), values in zip(net.edges, net.golden, strict=True):
            (folder / "golden" / f"edge{number}.bin").write_bytes(encode(values, edge, beat))


def execute(
    build: Build, folder: Path, frames: int, options: Options, progress: Progress | None = None
) -> list[list[str]]:
    """Run to the end; the words of every line of results.txt.

    HearthError with the simulator's complaint when it fails itself.
    """
    log = folder / "simulation.log"

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(_start, build, folder, options.plusargs(frames), log)
        while not future.done():
            concurrent.futures.wait([future], timeout=0.25)
            if progress:
                _tell(folder, frames, progress)
    results = folder / "results.txt"
    lines = [line.split() for line in results.read_text().splitlines()] if results.exists() else []
    if future.exception() or not any(words[:1] == ["run"] and len(words) > 2 for words in lines):
        raise HearthError(failure("the simulation failed", log))
    return lines


def recorded(folder: Path, net: Net) -> tuple[str, ...]:
    """What was recorded of every edge (sim/rtl/hearth_stream_recorder.sv); empty for nothing."""
    files = (folder / "waves" / f"edge{number}.txt" for number, _, _ in net.edges)
    return tuple(file.read_text() if file.exists() else "" for file in files)


def _start(build: Build, folder: Path, plusargs: list[str], log: Path) -> None:
    with verilator.environment(verilator.find()):
        if build.cocotb:
            _with_cocotb(build, folder, plusargs, log)
            return
        with log.open("w") as output:
            command = [str(build.folder / TOP), *plusargs]
            subprocess.run(command, cwd=folder, check=True, stdout=output, stderr=output)


def _with_cocotb(build: Build, folder: Path, plusargs: list[str], log: Path) -> None:
    runner = get_runner("verilator")
    logging.getLogger(type(runner).__qualname__).setLevel(logging.WARNING)
    runner.test(
        test_module="hearth.sim.clocking",
        hdl_toplevel=TOP,
        hdl_toplevel_lang="verilog",
        build_dir=build.folder,
        test_dir=folder,
        results_xml=str(folder.resolve() / "results.xml"),
        plusargs=plusargs,
        waves=build.trace,
        log_file=log,
        extra_env={"COCOTB_LOG_LEVEL": "WARNING", "COCOTB_ANSI_OUTPUT": "0"},
    )


def _tell(folder: Path, frames: int, progress: Progress) -> None:
    path = folder / "progress.txt"
    words = path.read_text().split() if path.exists() else []
    if len(words) == 2:
        progress(f"{words[1]} of {frames} frames, {int(words[0]):,} cycles")
