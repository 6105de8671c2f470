"""Simulates a compiled network: every beat of every edge against the golden model.

sim/nets.py does the same for networks that exist only in memory (contract tests, mutants).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from hearth.sim import build as simulator
from hearth.sim import nets
from hearth.sim.execute import Options, Progress
from hearth.sim.harness import Net
from hearth.sim.results import SimResult
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import paths
from hearth.toolchain.support.errors import HearthError

TRACE_CYCLES = 20_000
"""Longest waveform, from the start of the run."""


def simulate(
    build: Build,
    frames: Array,
    *,
    edges: Sequence[Array] | None = None,
    stall_percent: int = 0,
    seed: int = 1,
    trace: bool = False,
    record: int = 0,
    progress: Progress | None = None,
) -> SimResult:
    """Stream `frames` (uint8 [n, height, width, 3]) back to back through a compiled network.

    `edges` are golden's of these frames (golden.run), from whoever has them already.
    The simulator is built below the build folder's sim/ on first use; where that cannot be written,
    in the user's cache. With `trace`, the run is cut after TRACE_CYCLES cycles and leaves
    run/dump.fst there. The handshakes of the first `record` cycles are part of the result.
    HearthError when a tool is missing or fails, or there is no room; wrong
    hardware is not an exception but a result whose `ok` is False.
    """
    tell = progress or (lambda line: None)
    if edges is None:
        tell("golden model")
        edges = golden.run(build.qgraph, frames)
    net = Net(build.design, "hearth_net", edges)
    sources = {Path(path).name: text for path, text in build.rtl().items()}
    sources = {**nets.bench([net]), **sources}
    roms = {path: text for path, text in build.content.items() if path.startswith("rom/")}
    options = Options(stall_percent, seed, max_cycles=TRACE_CYCLES if trace else 0, record=record)
    for last in (False, True):
        before, place = build_folder.identity(build.path), workplace(build.path)
        try:
            tell("building the simulator")
            built = simulator.build(sources, place, trace=trace)
            return nets.run(built, [net], place / "run", roms, options, progress)[0]
        except (HearthError, OSError) as error:
            if last or before == build_folder.identity(build.path):
                raise _told(error, place) from None
        # Another process has compiled into the folder meanwhile, and sim/ has moved.
    raise AssertionError("the second attempt returns or raises")


def workplace(build: Path) -> Path:
    """The folder of a build's simulators and of its last run, which is made here."""
    place = build / "sim"
    try:
        place.mkdir(exist_ok=True)
        if os.access(place, os.W_OK):
            return place
    except OSError:
        pass
    name = hashlib.sha256(os.fsencode(build.resolve())).hexdigest()[:16]
    place = paths.cache() / "sim" / name
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HearthError(
            f"{build / 'sim'}: cannot be written, and neither can {place}: {error.strerror};"
            " simulation needs one of them"
        ) from None
    return place


def _told(error: HearthError | OSError, place: Path) -> HearthError:
    if isinstance(error, HearthError):
        return error
    where = error.filename or place
    return HearthError(
        f"{where}: cannot be written: {error.strerror or error}; simulation needs room there"
    )
