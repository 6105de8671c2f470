"""Plans, byte counts, and the choice of bits per layer."""

from __future__ import annotations

import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.few_bits import allocation, mixed, request
from hearth.toolchain.few_bits.calibrated import advance, few_bits, gather, real_parts
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.few_bits.sensitivity import Sensitivity, divergence, measure, result_error
from hearth.toolchain.ir import convolutions
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.quantize import precision
from hearth.toolchain.quantize.precision import Format, Plan, Size
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import Network, binary, convs
from tests.nets.onnx_nets import small

TRELLISES = [Format.trellis(bits, group=4) for bits in (1, 2, 3, 4)]
FORMATS = [Format(bits, True) for bits in (2, 4, 8)]


def table(names: str, seed: int = 0) -> tuple[Sensitivity, dict[str, Size]]:
    """Random falling losses and sizes of a few layers."""
    rng = np.random.default_rng(seed)
    losses = {
        name: dict(zip(FORMATS, sorted(rng.random(3), reverse=True), strict=True)) for name in names
    }
    sizes = {name: Size(int(rng.integers(500, 4000)), 8) for name in names}
    return Sensitivity(losses), sizes


def test_bytes_count_everything() -> None:
    size = Size(weights=100, channels=10)
    assert size.bits(Format(4)) == 400 + 480
    assert size.bits(Format(4, True)) == 400 + 16 * 8 + 480
    assert size.weight_bits(Format(4, True)) == 528


@pytest.mark.parametrize("seed", range(5))
def test_allocation_is_the_best_of_all(seed: int) -> None:
    sensitivity, sizes = table("abcd", seed)
    budget = int(1.6 * allocation.smallest(sizes, FORMATS))
    found = allocation.allocate(sensitivity, sizes, budget)
    assert allocation.total_bytes(sizes, found) <= budget
    slack = len(sizes) * allocation.GRAIN // 8
    plans = (
        Plan(layers=dict(zip(sizes, c, strict=True))) for c in itertools.product(*[FORMATS] * 4)
    )
    fitting = [p for p in plans if allocation.total_bytes(sizes, p) <= budget - slack]
    best = min(allocation.expected_loss(sensitivity, plan) for plan in fitting)
    assert allocation.expected_loss(sensitivity, found) <= best + 1e-12


def test_more_bytes_never_hurt() -> None:
    curve = mixed.curve(*table("abcdef"))
    losses = [point["expected_loss_nats"] for point in curve]
    assert losses == sorted(losses, reverse=True)


def test_budget_too_small_says_the_smallest() -> None:
    sensitivity, sizes = table("ab")
    least = allocation.smallest(sizes, FORMATS)
    allocation.allocate(sensitivity, sizes, least)
    with pytest.raises(HearthError, match=rf"smallest reachable is {least:,} bytes, with 2 bits"):
        allocation.allocate(sensitivity, sizes, least - 1)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "expects an object"),
        ("{", "not JSON"),
        ('{"conv1": 9}', "1 to 8 bits per weight are possible, not 9"),
        ('{"conv1": "4"}', "conv1: expects bits"),
        ('{"conv1": true}', "conv1: expects bits"),
        ('{"conv1": {"bits": 4, "book": 1}}', "conv1: expects bits"),
        ('{"conv1": {"bits": 2, "group": 8}}', "conv1: expects bits"),
        ('{"conv1": {"bits": 2, "window": 6.0}}', "conv1: expects bits"),
        ('{"conv1": {"bits": 2, "window": 6, "codebook": true}}', "conv1: expects bits"),
        ('{"conv1": {"bits": 2, "window": 2}}', "window of 3 to 8 bits, not 2"),
        ('{"conv1": {"bits": 2, "window": 9}}', "window of 3 to 8 bits, not 9"),
        ('{"conv1": {"bits": 8, "window": 6}}', "a trellis takes 1 to 7 bits, not 8"),
        ('{"conv1": {"bits": 2, "window": 6, "group": 0}}', "joins 1 to 64 channels in a group"),
        ('{"conv1": {"bits": 2, "window": 6, "group": 65}}', "joins 1 to 64 channels in a group"),
    ],
)
def test_bad_plans(text: str, error: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(HearthError, match=error):
        precision.plan(4, None, path)


def test_plan_from_options(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"conv1": 8, "conv10": {"bits": 5, "codebook": False}}))
    plan = precision.plan(4, None, path)
    assert plan.format("fire2/expand") == Format(4, True)
    assert plan.format("conv1") == Format(8, True)
    assert plan.format("conv10") == Format(5, False)


def test_plan_for_halves(tmp_path: Path) -> None:
    """A half of an expand stage has its layer's format unless it is named, and then its own
    table; a plan comes back from what it writes."""
    graph = Network.of(small().model(), tmp_path).graph
    expand = convolutions(graph)["fire2/expand"]
    path = tmp_path / "plan.json"
    path.write_text('{"fire2/expand": 5, "fire2/expand3x3": {"bits": 2, "window": 6}}')
    plan = precision.plan(4, None, path)
    assert plan.formats(expand) == (Format(5, True), Format(2, True, 6, 8))
    assert not plan.shared(expand)
    assert Plan(Format(4, True)).shared(expand)
    assert not Plan(Format.trellis(2)).shared(expand)
    assert not Plan(Format(4, True), {"fire2/expand3x3": Format(4, True)}).shared(expand)
    path.write_text(json.dumps(plan.as_json()))
    assert precision.plan(8, None, path).layers == plan.layers
    plan.check(graph)
    with pytest.raises(HearthError, match="no layer 'conv7'; the layers with weights are conv1, "):
        Plan(layers={"conv7": Format(2, True)}).check(graph)


def test_trellis_bytes_count_the_table_and_whole_groups() -> None:
    chosen = Format.trellis(2, 6, 8)
    assert Size(weights=160, channels=16).weight_bits(chosen) == 320 + 64 * 8
    assert Size(weights=100, channels=10).weight_bits(chosen) == 320 + 64 * 8
    assert str(chosen) == "2-bit trellis"


def test_one_bit_is_a_codebook() -> None:
    assert precision.plan(1, None, None).default == Format(1, True)
    with pytest.raises(HearthError, match="--uniform: plain integers take 2 to 8 bits, not 1"):
        precision.plan(1, False, None)


def test_requests_exclude_each_other() -> None:
    with pytest.raises(HearthError, match="exclude each other"):
        Request(Plan(Format(4)), mixed=True)
    assert Request().idle
    assert not Request(Plan(Format(4))).idle


def test_divergence() -> None:
    scores = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    assert divergence(scores, scores + 5) == pytest.approx(0)
    assert divergence(np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]])) == pytest.approx(
        0.1438, abs=1e-4
    )


def test_mixed_network_fits_and_beats_one_format(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    sizes = {name: Size.of(layer) for name, layer in convolutions(network.graph).items()}
    uniform = Plan(Format(3, True))
    budget = allocation.total_bytes(sizes, uniform) + 40
    found = mixed.within_budget(network.qgraph, network.graph, network.samples, sizes, budget)
    notes = found.notes()
    assert allocation.total_bytes(sizes, found.plan) <= budget
    assert [conv.weight_bits for conv in convs(found.qgraph)] != []
    plain = few_bits(network.qgraph, network.graph, network.samples, uniform)
    assert network.noise(found.qgraph) < 1.5 * network.noise(plain)
    assert notes["bytes"] == allocation.total_bytes(sizes, found.plan)


def test_trellis_codes_fit_a_budget_and_lose_less(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    true = {name: Size.of(layer) for name, layer in convolutions(network.graph).items()}
    sizes = {n: Size(100 * s.weights, s.channels) for n, s in true.items()}  # tables weigh nothing
    given = network.qgraph, network.graph, network.samples, sizes
    budget = allocation.total_bytes(sizes, Plan(Format(2, True))) + 100
    plain = mixed.within_budget(*given, budget)
    found = mixed.within_budget(*given, budget, trellis=True)
    assert allocation.total_bytes(found.sizes, found.plan) <= budget
    assert any(chosen.window for chosen in found.plan.layers.values())
    assert network.noise(found.qgraph) < network.noise(plain.qgraph)
    again = few_bits(network.qgraph, network.graph, network.samples, found.plan)
    assert network.noise(again) == network.noise(found.qgraph)


def test_halves_are_measured_apart(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    given = network.qgraph, network.graph, network.samples, (2, 4, 8), True, 8
    whole, parts = measure(*given), measure(*given, trellises=True)
    assert list(whole.losses) == list(convolutions(network.graph))
    halves = [parts.losses[f"fire2/expand{k}"] for k in ("1x1", "3x3")]
    for losses in halves:
        assert set(losses) == {Format(2, True), Format(4, True), Format(8), *TRELLISES}
        for bits in (1, 2, 3):
            assert losses[TRELLISES[bits]] < losses[TRELLISES[bits - 1]]
        assert losses[TRELLISES[1]] < losses[Format(2, True)]
    together = sum(losses[Format(2, True)] for losses in halves)
    assert 0.2 < together / whole.losses["fire2/expand"][Format(2, True)] < 5


def test_errors_of_the_halves_add_up(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    layer = next(x for x in network.qgraph.weighted if x.name == "fire2/expand")
    real = convolutions(network.graph)[layer.name]
    maps = network.samples.frames
    for before in network.qgraph.layers[: network.qgraph.layers.index(layer)]:
        maps = advance(before, maps)
    given = real_parts(real, network.qgraph, False), gather(layer, real, network.samples, maps)
    first, second = (result_error(layer, *given, only=half) for half in (0, 1))
    assert min(first, second) > 0
    assert first + second == pytest.approx(result_error(layer, *given))


def test_offer_finds_the_largest_plan_that_fits(tmp_path: Path) -> None:
    offer = mixed.Offer(*table("abcd"))
    limit = (offer.least + offer.most) // 2
    found = offer.fitting(lambda plan: offer.bytes(plan) <= limit)
    assert found is not None
    assert offer.bytes(found) <= limit
    assert allocation.expected_loss(offer.sensitivity, found) <= allocation.expected_loss(
        offer.sensitivity, offer.plan(limit - offer.least // 500)
    )
    assert offer.fitting(lambda _: False) is None


def test_zeros_and_trellises_exclude_each_other(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    plan = Plan(Format.trellis(2))
    with pytest.raises(HearthError, match="conv1: --keep-zeros holds weights at zero one by one"):
        few_bits(network.qgraph, network.graph, network.samples, plan, keep_zeros=True)
    with pytest.raises(HearthError, match="--trellis widens the choice of --mixed"):
        Request(trellis=True)


def test_loss_bound_finds_a_small_network(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    frames = network.samples.frames
    same = request.agreement(network.model, network.graph, network.qgraph, frames)
    sizes = mixed.sizes_in(fold(network.qgraph, 32, None))
    found = mixed.within_loss(network.qgraph, network.graph, network.samples, sizes, 10.0, same)
    assert same(found.qgraph) >= same(network.qgraph) - 10.0
    assert allocation.total_bytes(sizes, found.plan) < allocation.total_bytes(sizes, Plan())


def test_one_bit_for_more_than_signs_is_told(tmp_path: Path) -> None:
    signs = Network.of(binary(), tmp_path).graph
    whole = Network.of(small().model(), tmp_path).graph
    plan = Plan(Format(1, True), {"conv1": Format(8)})
    with pytest.warns(UserWarning, match="one bit is little for fire2/squeeze1x1, fire2/expand, c"):
        request.check_signs(whole, plan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        request.check_signs(signs, plan)
        request.check_signs(whole, Plan(Format(2, True)))


def test_few_or_constant_photographs_are_told() -> None:
    varied = np.random.default_rng(0).integers(0, 255, (3, 4, 4, 3)).astype(np.uint8)
    with pytest.warns(UserWarning, match="calibrated on 3 photographs"):
        request.check_frames(varied)
    with pytest.warns(UserWarning, match="of one colour"):
        request.check_frames(np.full((60, 4, 4, 3), 7, np.uint8))
