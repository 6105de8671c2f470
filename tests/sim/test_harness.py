"""The simulation harness itself: what it must catch, on a toy network that is broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult, assemble
from hearth.toolchain.ir import Edge
from tests.nets.toy import toy_net

CALM = Options(watchdog=300, max_errors=1_000_000)
STALLED = Options(stall_percent=30, seed=5, watchdog=300, max_errors=1_000_000)
UNRESET = [f"unreset{i}" for i in range(8)]
Results = Mapping[str, SimResult]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    """Results by network name, without and with stalls.

    Two networks are right, one has a wrong golden value, the others are named after their fault.
    """
    nets: dict[str, Net] = {}
    files: dict[str, str] = {}

    def add(name: str, edge: Edge, beat: int, fault: str = "") -> None:
        nets[name], texts = toy_net(name, edge, beat, fault, len(nets))
        files.update(texts)

    add("bytes", Edge("x", 4, 5, 7), 2)
    add("words", Edge("x", 3, 2, 5, 12, signed=True), 3)
    add("wrong", Edge("x", 4, 5, 3, 12, signed=True), 2)
    nets["wrong"].golden[1][1, 2, 3, 2] ^= 4
    for fault in ("stick", "repeat", "withdraw"):
        add(fault, Edge("x", 4, 4, 4), 1, fault)
    for name in UNRESET:
        add(name, Edge("x", 4, 4, 4), 1, "unreset")
    folder = tmp_path_factory.mktemp("harness")
    results = simulate_nets(list(nets.values()), files, folder, [CALM, STALLED])
    calm, stalled = (dict(zip(nets, each, strict=True)) for each in results)
    return calm, stalled


@pytest.mark.parametrize("name", ["bytes", "words"])
def test_right_network_is_right(runs: tuple[Results, Results], name: str) -> None:
    for result in runs:
        assert result[name].ok, result[name].verdict
        assert all(edge.beats == edge.expected for edge in result[name].edges)


def test_cycles_are_exact(runs: tuple[Results, Results]) -> None:
    result = runs[0]["bytes"]
    assert result.cycles_per_frame == result.model_cycles_per_frame == 4 * 5 * 4
    assert result.overlapped == 2
    assert result.kernels[0].busy == 1.0


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 5])
def test_pace_is_that_of_a_full_pipeline(frames: int) -> None:
    """Frames leave at 100, 184 and then every 80 cycles: the first two are no measure."""
    net, _ = toy_net("bytes", Edge("x", 4, 5, 7), 2, "", 0)
    ends = [100, 184, 264, 344, 424][:frames]
    edge = "60 0 0 0 0 0 0 0 0 0 0 0"
    lines = [f"edge 0 {edge}", f"edge 1 {edge}", "kernel 0 1 300 240 0 0", "source 0 4 88 168 248"]
    lines += [f"sink 1 0 0 0 0 {' '.join(map(str, ends))}", "run 424 done"]
    result = assemble(net, [line.split() for line in lines], 0.0, [""] * len(net.edges))
    assert result.cycles_per_frame == (80 if frames >= 3 else None)
    assert result.latency_cycles == (96 if frames else 0)
    assert (result.mac_utilisation is None) == (frames < 3 or not net.design.lanes)


def test_stalls_happen(runs: tuple[Results, Results]) -> None:
    calm, stalled = runs
    for edge in calm["bytes"].edges:
        assert edge.withheld == edge.blocked == 0
    for edge in stalled["bytes"].edges:
        assert edge.withheld > 0
        assert edge.blocked > 0
        assert edge.starved > 0
    slow, fast = stalled["bytes"].cycles_per_frame, calm["bytes"].cycles_per_frame
    assert slow is not None
    assert fast is not None
    assert slow > fast


def test_wrong_beat_is_named(runs: tuple[Results, Results]) -> None:
    for result in runs:
        mismatch = result["wrong"].first_mismatch
        assert result["wrong"].mismatches == 1
        assert mismatch is not None
        assert (mismatch.frame, mismatch.layer) == (1, "plus one")
        assert (mismatch.row, mismatch.column, mismatch.channel) == (2, 3, 2)
        assert mismatch.got ^ 4 == mismatch.want


def test_stuck_network_is_named(runs: tuple[Results, Results]) -> None:
    for result in runs:
        assert not result["stick"].ok
        assert result["stick"].verdict.startswith("stuck with 0 of 3 frames delivered: beat ")
        assert " of x is not taken" in result["stick"].verdict


def test_surplus_beat_is_caught(runs: tuple[Results, Results]) -> None:
    for result in runs:
        assert not result["repeat"].ok
        assert result["repeat"].edges[1].surplus == 1


def test_withdrawn_valid_is_caught(runs: tuple[Results, Results]) -> None:
    assert runs[1]["withdraw"].broken > 0
    assert not runs[1]["withdraw"].ok


def test_state_without_reset_is_random(runs: tuple[Results, Results]) -> None:
    """A register that reset forgets starts with zero in one network and with one in the next, and
    elsewhere with another seed; the right networks beside them do not notice."""
    empty = [[result[name].ok for name in UNRESET] for result in runs]
    assert all(0 < sum(each) < len(UNRESET) for each in empty)
    assert empty[0] != empty[1]
