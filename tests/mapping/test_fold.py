"""Folding and scheduling: budgets are met, cost models agree with a walk of the loop nest."""

import itertools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from hearth.hw.layers import examples, kinds
from hearth.hw.layers.conv import Conv, cost
from hearth.toolchain import pipeline
from hearth.toolchain.ir import SHALLOW, Edge, Fold, Layer, Preprocessing, QGraph
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.options import Folding, choose
from hearth.toolchain.mapping.schedule import most_waiting, pace, schedule
from hearth.toolchain.saved import design_file
from hearth.toolchain.stages import Mapped, Options, Quantized
from hearth.toolchain.support.errors import HearthError


def conv(name: str, source: Edge, out: int, kernel: int, centre: int = 0, bits: int = 8) -> Conv:
    rng = np.random.default_rng(1)
    pads = (kernel // 2,) * 4
    target = Edge(name, source.height, source.width, out + centre, bits, bits == 16)
    return Conv(
        name,
        source,
        target,
        (1, 1),
        pads if kernel > 1 else (0,) * 4,
        rng.integers(-9, 9, (centre, source.channels)).astype(np.int8),
        rng.integers(-9, 9, (out, kernel, kernel, source.channels)).astype(np.int8),
        np.zeros(out + centre, np.int32),
        np.ones(out + centre, np.uint16),
        8,
    )


@pytest.fixture(scope="module")
def network() -> QGraph:
    """conv, squeeze, expand and the head of a SqueezeNet on a 12x12 map."""
    layers: list[Layer] = [conv("conv1", Edge("x", 12, 12, 3), 16, 3)]
    layers.append(conv("fire2/squeeze", layers[-1].target, 8, 1))
    layers.append(conv("fire2/expand", layers[-1].target, 16, 3, centre=16))
    layers.append(conv("conv10", layers[-1].target, 10, 1, bits=16))
    pooled = Edge("pool10", 1, 1, 10, 32, True)
    layers.append(kinds()["globalpool"]("pool10", layers[-1].target, pooled))  # type: ignore[call-arg]
    layers.append(kinds()["topk"]("top5", pooled, Edge("y", 1, 1, 15, 32, True)))  # type: ignore[call-arg]
    return QGraph("little", tuple(layers), Preprocessing())


@pytest.mark.parametrize("lanes", [4, 10, 37, 200, 10_000])
def test_lane_budget_is_met_and_used(network: QGraph, lanes: int) -> None:
    design = fold(network, lanes=lanes)
    assert design.lanes <= lanes
    if lanes > 4:
        assert design.cycles < fold(network, lanes=4).cycles


def test_lane_budget_is_met_to_the_last_lane(network: QGraph) -> None:
    for lanes in (10, 37, 60, 90):
        design = fold(network, lanes=lanes)
        assert fold(network, lanes=design.lanes).cycles == design.cycles


@pytest.mark.parametrize("cycles", [1_325, 1_500, 2_500, 5_000])
def test_no_edge_carries_more_beats_than_there_are_cycles(network: QGraph, cycles: int) -> None:
    design = fold(network, cycles=cycles)
    for edge, beat in zip(network.edges, design.beats, strict=True):
        assert edge.pixels * -(-edge.channels // beat) <= cycles, edge.name


@pytest.mark.parametrize("cycles", [1_325, 2_000, 30_000])
def test_cycle_wish_is_met(network: QGraph, cycles: int) -> None:
    assert fold(network, cycles=cycles).cycles <= cycles


def test_more_lanes_are_never_slower(network: QGraph) -> None:
    cycles = [fold(network, lanes=lanes).cycles for lanes in range(4, 120, 7)]
    assert cycles == sorted(cycles, reverse=True)


def test_too_few_lanes(network: QGraph) -> None:
    """The default, or the option that was given, is named; and no other."""
    with pytest.raises(HearthError) as told:
        fold(network, lanes=3)
    assert str(told.value) == (
        "3 MAC lanes, the default: little needs at least 4 MAC lanes (one per kernel); give"
        " --lanes 4 or more"
    )
    with pytest.raises(HearthError, match=r"^--lanes 3: little needs at least 4 MAC lanes"):
        fold(network, lanes=3, asked="--lanes 3")


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ("--cycles 10", "give --cycles 1325 or more"),
        ("--fps 9 --clock 1", "ask for fewer frames per second or a higher clock"),
    ],
)
def test_too_fast(network: QGraph, asked: str, advice: str) -> None:
    with pytest.raises(HearthError) as told:
        fold(network, cycles=10, asked=asked)
    assert str(told.value) == (
        f"{asked}: little cannot be folded to 10 cycles per frame, the fastest is 1,325; {advice}"
    )
    assert fold(network, cycles=1325).cycles == 1325


FOLDINGS: dict[str, tuple[tuple[Any, ...], str]] = {
    "two": ((9, 8, None, None, False), "--lanes and --cycles: give only one of them"),
    "three": ((9, 8, 7.0, 6.0, False), "--lanes, --cycles and --fps: give only one of them"),
    "rate alone": ((None, None, 60.0, None, False), "--fps 60: give the clock in MHz as well"),
    "clock alone": ((None, 8, None, 100.0, False), "--clock 100: means something beside a frame"),
    "like": (
        (None, 8, None, None, True),
        "--like: the folding is that build's; leave --cycles out",
    ),
    "like, loss": (
        (None, None, None, None, True, 1.0),
        "--like: the folding is that build's; leave --fifo-loss out",
    ),
    "like, board": (
        (None, None, None, None, True, None, 60.0),
        "--like: the folding is that build's; leave --board out",
    ),
    "two, board": (
        (9, 8, None, 50.0, False, None, 60.0),
        "--lanes and --cycles: give only one of them",
    ),
    "no rate": ((None, None, 0.0, 1.0, False), "--fps 0 --clock 1: frames per second between"),
    "not a rate": ((None, None, float("nan"), 1.0, False), "--fps nan --clock 1: frames per"),
}


@pytest.mark.parametrize("case", FOLDINGS)
def test_only_given_options_are_named(case: str) -> None:
    options, message = FOLDINGS[case]
    with pytest.raises(HearthError) as told:
        choose(*options)
    assert str(told.value).startswith(message)
    values = zip(("--lanes", "--cycles", "--fps", "--clock"), options[:4], strict=True)
    allowed = {name for name, value in values if value is not None} | {"--like"}
    extra = {"rate alone": "--clock", "clock alone": "--fps", "like, loss": "--fifo-loss"}
    extra["like, board"] = "--board"
    allowed |= {extra[case]} if case in extra else set()
    assert set(re.findall(r"--[\w-]+", str(told.value))) <= allowed


def test_wishes_become_lanes_or_cycles() -> None:
    assert choose(None, None, None, None, False) == Folding(256, None, "")
    assert choose(7, None, None, None, False) == Folding(7, None, "--lanes 7")
    assert choose(None, 1_000_000, None, None, False) == Folding(
        None, 1_000_000, "--cycles 1000000"
    )
    assert choose(None, None, 60, 100, False) == Folding(None, 1_666_666, "--fps 60 --clock 100")


def test_a_board_has_a_clock_and_room_to_be_found_out() -> None:
    def chosen(lanes: int | None, fps: float | None, clock: float | None) -> Folding:
        return choose(lanes, None, fps, clock, False, None, 50.0)

    assert chosen(None, None, None) == Folding(None, None, "")
    assert chosen(None, None, 40.0) == Folding(None, None, "--clock 40")
    assert chosen(7, None, None) == Folding(7, None, "--lanes 7")
    assert chosen(None, 20.0, None) == Folding(None, 2_500_000, "--fps 20")
    assert chosen(None, 20.0, 40.0) == Folding(None, 2_000_000, "--fps 20 --clock 40")


def steps_of_the_loop_nest(layer: Conv, chosen: Fold) -> int:
    """The walk written out, as the header of walk.x has it."""
    steps = 0
    taps = [
        range(0, count * apart, apart)
        for count, apart in zip(layer.kernel_size, layer.dilations, strict=True)
    ]
    for y, x in itertools.product(range(layer.target.height), range(layer.target.width)):
        rows = [
            y * layer.strides[0] - layer.pads[0] + ky in range(layer.source.height)
            for ky in taps[0]
        ]
        columns = [
            x * layer.strides[1] - layer.pads[1] + kx in range(layer.source.width) for kx in taps[1]
        ]
        own = layer.source.channels // layer.groups
        words = -(-own // chosen.simd)
        steps += -(-len(layer.centre) // chosen.pe) * words
        steps += -(-len(layer.window) // chosen.pe) * words * sum(rows) * sum(columns)
    return steps


def test_cycles_are_the_steps_of_the_loop_nest() -> None:
    every = examples("conv", np.random.default_rng(9))
    drawn = ((layer, chosen) for layer, chosen, _ in every if not (chosen.skips or chosen.gathers))
    for layer, chosen in itertools.islice(drawn, 40):
        assert isinstance(layer, Conv)
        writes = layer.source.pixels * cost.words(layer, chosen)
        assert layer.cycles(chosen) == max(steps_of_the_loop_nest(layer, chosen), writes)


@pytest.mark.parametrize(
    ("in_beat", "beat", "cycles"),
    [(8, 16, 1_300), (2, 4, 1_300), (1, 4, 1_325), (1, 16, 1_325)],
)
def test_short_windows_wait_for_rows(network: QGraph, in_beat: int, beat: int, cycles: int) -> None:
    """As simulated: a row of 96 beats takes longer than the 80 steps of the map's first and last
    rows, whose tiles leave as 8 beats a pixel where they are made in 7 cycles."""
    expand = network.layers[2]
    folding = Fold(16, 8, beat)
    assert folding in set(expand.folds(in_beat))
    assert expand.cycles(folding) == 1_300
    assert expand.pace(folding, in_beat) == cycles


def test_room_for_tiles_reaches_over_the_end_of_a_frame(network: QGraph) -> None:
    """With room for 8, which one map edge alone needs, a simulated frame took 1,314 cycles."""
    expand = cast(Conv, network.layers[2])
    assert cost.tile_fifo(expand, Fold(16, 8, 4)) == 13


def test_beats_are_counted_without_a_list_of_tiles() -> None:
    for layer, chosen, _ in itertools.islice(examples("conv", np.random.default_rng(5)), 60):
        assert isinstance(layer, Conv)
        assert cost.pixel_beats(layer, chosen) == sum(cost.tile_beats(layer, chosen))


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_pace_is_never_quicker_than_the_work(kind: str) -> None:
    """What folding relies on when it passes over the foldings whose work alone takes too long."""
    for layer, chosen, in_beat in itertools.islice(examples(kind, np.random.default_rng(6)), 40):
        assert layer.pace(chosen, in_beat) >= layer.cycles(chosen)


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_timing_is_causal_and_complete(kind: str) -> None:
    for layer, chosen, _ in itertools.islice(examples(kind, np.random.default_rng(4)), 20):
        timing = layer.timing(chosen)
        assert timing.emits.shape == (layer.target.pixels,)
        assert timing.needs.shape == timing.frees.shape == (layer.source.pixels,)
        assert (np.diff(timing.emits) >= 0).all()
        assert (np.diff(timing.needs) >= 0).all()
        assert (timing.needs <= timing.frees).all()
        assert timing.emits[-1] <= layer.cycles(chosen) * 1.001


def test_most_waiting_counts_pixels_between_two_rhythms() -> None:
    emits = np.array([1.0, 2.0, 3.0, 4.0])  # four pixels in a burst
    frees = np.array([3.0, 6.0, 9.0, 12.0])  # taken evenly over the period
    assert most_waiting(emits, frees, 12) == 4
    assert most_waiting(frees, frees + 3, 12) == 2


def test_fifo_depth_is_in_beats(network: QGraph) -> None:
    """Pixels that wait, times the beats of a pixel."""
    design = schedule(fold(network, lanes=40))
    beats = [
        -(-edge.channels // beat)
        for edge, beat in zip(network.edges[1:], design.beats[1:], strict=True)
    ]
    deep = [
        (depth, count)
        for edge, count in zip(network.edges[1:], beats, strict=True)
        for depth in design.waiting(edge.name)
        if depth > SHALLOW
    ]
    assert any(count > 1 for _, count in deep)
    assert all(depth % count == 0 for depth, count in deep)


def test_the_compiler_takes_the_loss_that_is_asked_for(network: QGraph) -> None:
    """An option of `hearth compile` reaches the pass; without it FIFOs are deep enough."""
    folded = fold(network, lanes=40)
    (step,) = (step for step in pipeline.MAPPING.steps if step.name == "schedule")
    for loss in (None, 5.0):
        asked = SimpleNamespace(options=Options(Path("x.onnx"), fifo_loss=loss))
        made = step.run(Mapped(cast(Quantized, asked), folded)).design
        depths = [stage.depths for stage in made.stages]
        assert depths == [stage.depths for stage in schedule(folded, loss).stages]
    assert schedule(folded, 5.0).stages != schedule(folded).stages


def test_least_depths_take_less_and_a_loss_less_still(network: QGraph) -> None:
    shallow = fold(network, lanes=40)
    enough, least = schedule(shallow), schedule(shallow, loss=0.0)
    some = schedule(shallow, loss=5.0)
    depths = [sum(sum(stage.depths) for stage in made.stages) for made in (enough, least, some)]
    assert depths[0] > depths[1] > depths[2]
    assert shallow.cycles == enough.cycles == least.cycles
    assert shallow.cycles < some.cycles == some.period <= shallow.cycles * 1.05
    assert pace(least, 2 * shallow.cycles) == shallow.cycles
    assert pace(shallow, 2 * shallow.cycles) > shallow.cycles


def test_what_shallow_fifos_cost_is_saved(network: QGraph, tmp_path: Path) -> None:
    design = schedule(fold(network, lanes=40), loss=5.0)
    path = tmp_path / "design.json"
    path.write_text(design_file.dumps(design))
    assert design_file.load(path, network).cycles == design.cycles
    path.write_text(design_file.dumps(design).replace(f'"period": {design.period}', '"period": -1'))
    with pytest.raises(HearthError, match="period should be a number from 0"):
        design_file.load(path, network)


def test_design_file_reads_back(network: QGraph, tmp_path_factory: pytest.TempPathFactory) -> None:
    design = schedule(fold(network, lanes=40))
    path = tmp_path_factory.mktemp("design") / "design.json"
    path.write_text(design_file.dumps(design))
    assert design_file.dumps(design_file.load(path, network)) == design_file.dumps(design)
    path.write_text("{}")
    with pytest.raises(HearthError, match="not a readable design file"):
        design_file.load(path, network)


def test_roms_hold_every_weight_once(network: QGraph) -> None:
    design = fold(network, lanes=37)
    for stage in design.stages:
        if isinstance(stage.layer, Conv):
            weights = np.concatenate([stage.layer.centre.ravel(), stage.layer.window.ravel()])
            stored = stage.roms[0].fields.astype(np.int8).astype(int)
            assert np.count_nonzero(stored) == np.count_nonzero(weights)
            assert stored.sum() == weights.astype(int).sum()
            assert stage.roms[0].payload_bits == weights.size * 8
