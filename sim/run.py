"""Simulates a compiled network: every beat of every edge against the golden model.

sim/nets.py does the same for networks that exist only in memory (contract tests, mutants).
"""

from __future__ import annotations

from pathlib import Path

from sim import harness, nets
from sim.build import build
from sim.execute import Options, Progress
from sim.harness import Net
from sim.results import SimResult
from toolchain import golden
from toolchain.ir import Array, Design

TRACE_CYCLES = 20_000
"""Longest waveform, from the start of the run."""


def simulate(
    build_folder: Path,
    design: Design,
    frames: Array,
    *,
    stall_percent: int = 0,
    seed: int = 1,
    trace: bool = False,
    progress: Progress | None = None,
) -> SimResult:
    """Stream `frames` (uint8 [n, height, width, 3]) back to back through a compiled network.

    build_folder holds the emitted files of `design`: rtl/ and rom/.

    The simulator is built below build_folder/sim on first use. With `trace`, the run is cut after
    TRACE_CYCLES cycles and leaves build_folder/sim/run/dump.fst. Raises HearthError when a tool is
    missing; wrong hardware is not an exception but a result whose `ok` is False.
    """
    sources = {p.name: p.read_text() for p in sorted((build_folder / "rtl").iterdir())}
    if progress:
        progress("golden model")
    net = Net(design, "net", golden.run(design.qgraph, frames))
    if progress:
        progress("building the simulator")
    built = build({"harness.sv": harness.emit([net]), **sources}, build_folder / "sim", trace=trace)
    options = Options(stall_percent, seed, max_cycles=TRACE_CYCLES if trace else 0)
    folder = build_folder / "sim" / "run"
    return nets.run(built, [net], folder, build_folder / "rom", options, progress)[0]
