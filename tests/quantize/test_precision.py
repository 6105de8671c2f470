"""Plans, byte counts, and the choice of bits per layer."""

from __future__ import annotations

import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.few_bits import allocation, mixed, request
from hearth.toolchain.few_bits.calibrated import few_bits
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.few_bits.sensitivity import Sensitivity, divergence
from hearth.toolchain.ir import convolutions
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.quantize import precision
from hearth.toolchain.quantize.precision import Format, Plan, Size
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import Network, binary, convs
from tests.nets.onnx_nets import small

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
    with pytest.raises(HearthError, match="no layer 'conv1'; the layers with weights are conv2"):
        plan.check(["conv2", "conv10"])


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
