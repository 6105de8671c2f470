"""Random networks whose paths part and meet: equal to golden on every beat, at the schedule's pace,
stalled or not; and stuck, with the edge named, when a FIFO on a skip holds too little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.sim import verilator
from hearth.sim.build import RTL
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult
from hearth.toolchain.ir import Design, Layer, QGraph, golden
from hearth.toolchain.mapping.channels import Channel, channels
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import packages_first
from tests.nets import graphs
from tests.places import CACHE

SEEDS = (3, 5, 18)
CUT = (7, 14)
"""Networks whose deepest FIFO in front of a meeting point is cut short."""
STALLS = (0, 20)
EDGES = 64
"""Ids of each network in the harness."""


def designed(seed: int) -> Design:
    """A network under a name of its own, modules too."""
    made = schedule(fold(graphs.network(seed), lanes=40 + 10 * (seed % 3)))
    stages = [
        replace(stage, module=f"graph{seed}_{index}_kernel")
        for index, stage in enumerate(made.stages)
    ]
    return Design(made.qgraph, tuple(stages))


def deepest(design: Design) -> Channel:
    """The FIFO with most beats in front of a layer with several sources."""
    meeting = [c for c in channels(design.qgraph) if len(design.stages[c.reader].depths) > 1]
    return max(meeting, key=lambda channel: channel.depth(design.stages))


def cut(design: Design) -> Design:
    """The design with a quarter of that FIFO."""
    place, stages = deepest(design), list(design.stages)
    depths = list(stages[place.reader].depths)
    depths[place.port] = max(2, depths[place.port] // 4)
    stages[place.reader] = replace(stages[place.reader], depths=tuple(depths))
    return Design(design.qgraph, tuple(stages))


def products(drawn: list[QGraph]) -> list[Layer]:
    return [layer for qgraph in drawn for layer in qgraph.layers if layer.kind == "gating"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[dict[int, SimResult]]:
    """By entry of STALLS, and by seed."""
    nets, files = [], dict[str, str]()
    for place, seed in enumerate([*SEEDS, *CUT]):
        design = designed(seed)
        design = cut(design) if seed in CUT else design
        shape = design.qgraph.input.shape
        frames = np.random.default_rng(seed).integers(0, 256, (5, *shape)).astype(np.uint8)
        values = golden.run(design.qgraph, frames)
        nets.append(Net(design, f"graph{seed}", values, EDGES * place, EDGES * place))
        files |= emit(design, f"graph{seed}")
    folder: Path = tmp_path_factory.mktemp("graphs")
    options = [Options(percent, 3) for percent in STALLS]
    runs = simulate_nets(nets, files, folder, options, cache=CACHE)
    return [dict(zip([*SEEDS, *CUT], run, strict=True)) for run in runs]


def test_paths_part_and_meet() -> None:
    """Of what is simulated here."""
    drawn = [graphs.network(seed) for seed in SEEDS]
    kinds = {layer.kind for qgraph in drawn for layer in qgraph.layers}
    assert {"addition", "concat", "conv", "gating", "maxpool", "rescale", "table"} <= kinds
    gates = {layer.sources[1].pixels == 1 for layer in products(drawn)}
    assert gates == {False, True}  # two maps, and a map and its gate
    assert all(any(len(r) > 1 for r in qgraph.readers.values()) for qgraph in drawn)
    designs = [designed(seed) for seed in SEEDS]
    geared = [
        stage.in_beat != design.beats[1 + place.producer]
        for design in designs
        for place in channels(design.qgraph)
        for stage in [design.stages[place.reader]]
    ]
    assert any(geared)


def test_lint(tmp_path: Path) -> None:
    """Without what counts waiting kernels, whose wires are there all the same."""
    design = designed(SEEDS[0])
    files = {path: text for path, text in emit(design, "graph").items() if path.startswith("rtl/")}
    for path, text in files.items():
        (tmp_path / Path(path).name).write_text(text)
    paths = [str(tmp_path / Path(path).name) for path in files if not path.endswith(".hex")]
    order = sorted(paths, key=packages_first)
    result = verilator.lint("graph", ["-Wall", str(RTL / "lint.vlt"), *order])
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("run", range(len(STALLS)), ids=[f"stall{p}" for p in STALLS])
@pytest.mark.parametrize("seed", SEEDS)
def test_every_beat_is_equal(results: list[dict[int, SimResult]], seed: int, run: int) -> None:
    result = results[run][seed]
    assert result.ok, result.verdict


@pytest.mark.parametrize("seed", SEEDS)
def test_cycles_are_the_schedules(results: list[dict[int, SimResult]], seed: int) -> None:
    result = results[0][seed]
    assert result.cycles_per_frame == result.model_cycles_per_frame


@pytest.mark.parametrize("seed", CUT)
def test_a_fifo_cut_short_costs_the_pace(results: list[dict[int, SimResult]], seed: int) -> None:
    """Or everything: so the depths of the others are needed."""
    result = results[0][seed]
    assert result.stuck or (result.cycles_per_frame or 0) > result.model_cycles_per_frame


def test_a_deadlock_is_told_by_its_edge(results: list[dict[int, SimResult]]) -> None:
    stuck = {seed: results[0][seed].stuck for seed in CUT if results[0][seed].stuck}
    assert len(stuck) >= 2
    for seed, told in stuck.items():
        names = [edge.name for edge in graphs.network(seed).edges]
        assert told.startswith("stuck with 0 of 5 frames delivered: beat ")
        assert any(f" of {name} " in told for name in names)
