"""A whole network with a layer of every kind: equal on every edge, on time, frames overlapping."""

from __future__ import annotations

import pytest

from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult
from hearth.toolchain.ir import golden
from hearth.toolchain.rtl.emit import emit
from tests.nets.every_kind import every_kind
from tests.places import CACHE

RUNS = (Options(), Options(10, 1), Options(25, 2), Options(45, 3))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[SimResult]:
    """One result per entry of RUNS; the first is without stalls."""
    design, frames = every_kind()
    net = Net(design, "hearth_net", golden.run(design.qgraph, frames))
    folder = tmp_path_factory.mktemp("network")
    return [each[0] for each in simulate_nets([net], emit(design), folder, RUNS, cache=CACHE)]


def test_every_beat_is_equal(results: list[SimResult]) -> None:
    for result in results:
        assert result.ok, result.verdict


def test_cycles_are_those_of_the_model(results: list[SimResult]) -> None:
    assert results[0].cycles_per_frame == results[0].model_cycles_per_frame


def test_frames_overlap(results: list[SimResult]) -> None:
    """Every frame but the first enters before the one in front of it has left."""
    assert results[0].overlapped == results[0].frames - 1


def test_stalls_slow_it_down(results: list[SimResult]) -> None:
    assert sum(edge.withheld for edge in results[0].edges) == 0
    for result in results[1:]:
        assert all(edge.withheld for edge in result.edges if edge.beats > 100)
    assert results[-1].total_cycles > results[0].total_cycles
