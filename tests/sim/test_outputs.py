"""Two outputs in the simulator, one of them a map that kernels read on: equal on every beat at the
model's pace, stalled or not; and caught where a stream is wrong on its way out only."""

from __future__ import annotations

import re

import pytest

from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.sim.results import SimResult
from hearth.toolchain.ir import golden
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.network import exits, network
from tests.nets import ends, onnx_nets
from tests.places import CACHE

STALLS = (0, 20)
EDGES = 32


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[list[SimResult]]:
    """By entry of STALLS: the network, and the one with a bit wrong behind the fork."""
    folder = tmp_path_factory.mktemp("outputs")
    size = onnx_nets.SIZE
    proto = ends.read_on(onnx_nets.Net(), shape=("N", 3, size, size))
    qgraph = onnx_nets.quantized(proto, folder)
    assert list(exits(qgraph).values()) == ["m_scores", "m_boxes"]
    design = schedule(fold(qgraph, lanes=60))
    edges = golden.run(qgraph, onnx_nets.photographs(4))
    files = emit(design, "right")
    text, count = re.subn(
        r"\.s_data\((fork_\d+_1_data)\)", r".s_data(~\1)", network(design, "wrong")
    )
    assert count == 1
    files["rtl/wrong.sv"] = text
    nets = [
        Net(design, name, edges, EDGES * i, EDGES * i) for i, name in enumerate(("right", "wrong"))
    ]
    runs = [Options(stall_percent=percent, watchdog=3000) for percent in STALLS]
    return simulate_nets(nets, files, folder, runs, cache=CACHE)


def test_every_beat_is_right(results: list[list[SimResult]]) -> None:
    for right, _ in results:
        assert right.ok, right.verdict
        assert right.frames == 4
        assert all(edge.beats == edge.expected for edge in right.edges)


def test_the_pace_is_the_models(results: list[list[SimResult]]) -> None:
    right = results[0][0]
    assert right.cycles_per_frame == right.model_cycles_per_frame


def test_what_is_wrong_on_the_way_out_is_found(results: list[list[SimResult]]) -> None:
    """The edge's own probe, and all others, see nothing of it."""
    for _, wrong in results:
        assert not wrong.ok
        mismatch = wrong.first_mismatch
        assert mismatch is not None
        assert (mismatch.frame, mismatch.row, mismatch.column, mismatch.channel) == (0, 0, 0, 0)
        assert (
            [edge.name for edge in wrong.edges if edge.errors] == [mismatch.layer] == ["features"]
        )
