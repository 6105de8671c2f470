"""Layers that skip zeros: who does, what frames take, and a network of such a layer simulated.
Their kernels alone are among the examples of tests/hw/test_contract.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv, skipping
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.topk import TopK
from hearth.sim.execute import Options
from hearth.sim.harness import Net
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Array, Edge, Fold, Preprocessing, QGraph, golden
from hearth.toolchain.mapping.figures import skipping as figures
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.like import fold_like
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import design_file, qgraph_file
from hearth.toolchain.support.errors import HearthError
from tests.places import CACHE

SIDE, CHANNELS, CLASSES = 8, 32, 20
LANES = 48


def conv(source: Edge, target: Edge, kernel: int, bias: int) -> Conv:
    rng = np.random.default_rng(5)
    return Conv(
        name=target.name,
        source=source,
        target=target,
        strides=(1, 1),
        pads=(kernel // 2,) * 4,
        centre=np.zeros((0, source.channels), np.int8),
        window=rng.integers(-90, 90, (target.channels, kernel, kernel, source.channels)).astype(
            np.int8
        ),
        bias=np.full(target.channels, bias, np.int32),
        multiplier=np.full(target.channels, 300, np.uint16),
        shift=16,
    )


def network(bias: int) -> QGraph:
    """A convolution most of whose results are 0, if `bias` is low enough, and a pointwise one."""
    image, maps = Edge("image", SIDE, SIDE, 3), Edge("conv1", SIDE, SIDE, CHANNELS)
    scores = Edge("conv2", SIDE, SIDE, CLASSES)
    summed = Edge("pool", 1, 1, CLASSES, 32, signed=True)
    layers = (
        conv(image, maps, 3, bias),
        conv(maps, scores, 1, 0),
        GlobalPool("pool", scores, summed),
        TopK("top", summed, Edge("top", 1, 1, CLASSES + 3, 32, signed=True)),
    )
    return QGraph("skips", layers, Preprocessing())


def frames(count: int) -> Array:
    return np.random.default_rng(2).integers(0, 256, (count, SIDE, SIDE, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def sparse() -> QGraph:
    return golden.seen(network(-25_000), frames(6))


def test_zeros_are_counted_and_an_empty_pixel_is_a_step() -> None:
    seen = golden.seen(network(-25_000), frames(6))
    first, second = seen.layers[:2]
    assert isinstance(first, Conv)
    assert isinstance(second, Conv)
    assert not len(first.live), "only a pointwise layer can skip"
    maps = golden.run(seen, frames(6))[1]
    counts = np.maximum((maps != 0).sum(axis=-1), 1).sum(axis=(1, 2))
    assert second.live.tolist() == counts.tolist()
    empty = golden.seen(network(-2_000_000), frames(2)).layers[1]
    assert isinstance(empty, Conv)
    assert empty.live.tolist() == [SIDE * SIDE] * 2


def test_a_layer_skips_where_that_saves_lanes(sparse: QGraph) -> None:
    design, other = fold(sparse, lanes=LANES), fold(network(-25_000), lanes=LANES)
    assert [stage.fold.skips for stage in design.stages] == [False, True, False, False]
    assert not any(stage.fold.skips for stage in other.stages)
    assert design.cycles < other.cycles


def test_a_layer_whose_input_is_mostly_not_zero_multiplies_them_all() -> None:
    seen = golden.seen(network(25_000), frames(6))
    assert not any(stage.fold.skips for stage in fold(seen, lanes=LANES).stages)


def test_a_frame_takes_a_step_for_each_value_and_tile(sparse: QGraph) -> None:
    """Where tiles leave as fast as they are made, and beats come faster than they are worked on."""
    layer = sparse.layers[1]
    assert isinstance(layer, Conv)
    maps = golden.run(sparse, frames(6))[1]
    taken = layer.spent(Fold(1, 1, 1, skips=True), 16, maps)
    assert taken[1:] == (layer.live[1:] * CLASSES).tolist()
    assert layer.cycles(Fold(1, 1, 1, skips=True)) == layer.live.max() * CLASSES
    dense = np.full((2, *layer.source.shape), 7, np.uint8)
    (row,) = figures(fold(sparse, lanes=LANES))
    assert layer.spent(Fold(1, 1, 1, skips=True), 16, dense)[1] == SIDE**2 * CHANNELS * CLASSES
    tiles = row["dense"] // (SIDE**2 * CHANNELS)
    assert row["most"] == layer.live.max() * tiles
    assert row["mean"] == round(layer.live.mean() * tiles)


def test_a_saved_design_skips(sparse: QGraph, tmp_path: Path) -> None:
    design = schedule(fold(sparse, lanes=LANES))
    text = design_file.dumps(design).encode()
    qgraph = qgraph_file.loads(qgraph_file.dumps(sparse), tmp_path / "q")
    again = design_file.loads(text, tmp_path / "d", qgraph)
    assert [s.fold for s in again.stages] == [s.fold for s in design.stages]
    assert again.cycles == design.cycles
    with pytest.raises(HearthError, match=r"conv2: .*is not a folding of it"):
        design_file.loads(text, tmp_path / "d", network(-25_000))


def test_other_weights_skip_like_the_old_ones(sparse: QGraph, tmp_path: Path) -> None:
    """Even where so many values are not zero that nobody would choose it."""
    other = golden.seen(network(25_000), frames(6))
    design = fold_like(other, schedule(fold(sparse, lanes=LANES)))
    assert design.stages[1].fold.skips
    again = design_file.loads(design_file.dumps(design).encode(), tmp_path / "d", other)
    assert again.stages[1].fold == design.stages[1].fold


@pytest.mark.parametrize(
    "live", [[0], [SIDE * SIDE - 1], [SIDE * SIDE * CHANNELS + 1], [[SIDE * SIDE]]]
)
def test_counts_of_another_layer_are_refused(sparse: QGraph, live: list[int]) -> None:
    with pytest.raises(HearthError, match="conv2: counts of input values are of another layer"):
        replace(sparse.layers[1], live=np.array(live, np.uint32))  # type: ignore[type-var]


@pytest.mark.parametrize("bright", [False, True])
def test_a_network_keeps_its_pace_as_long_as_pictures_are_like_those_counted(
    sparse: QGraph, tmp_path: Path, bright: bool
) -> None:
    """Pictures of more values than any of those hold the others up, and are right as well."""
    design = schedule(fold(sparse, lanes=LANES))
    pictures = np.where(frames(5) > 127, 255, 0).astype(np.uint8) if bright else frames(5)
    values = golden.run(sparse, pictures)
    layer = sparse.layers[1]
    assert isinstance(layer, Conv)
    assert (skipping.counted(layer, values[1]).min() > layer.live.max()) == bright
    options = [Options(percent, 1) for percent in (0, 30)]
    net = Net(design, "skips", values, 0, 0)
    files = emit(design, "skips")
    (calm,), (stalled,) = simulate_nets([net], files, tmp_path, options, cache=CACHE)
    assert calm.ok, calm.verdict
    assert stalled.ok, stalled.verdict
    assert calm.cycles_per_frame is not None
    if bright:
        assert calm.cycles_per_frame > design.cycles
        assert calm.model_cycles_per_frame > design.cycles
    else:
        assert calm.cycles_per_frame == design.cycles == calm.model_cycles_per_frame
