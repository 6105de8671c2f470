"""Quantizers anywhere in a network: honoured exactly, proved idle, or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from hearth.toolchain.adopt.convolution import factors
from hearth.toolchain.adopt.links import Link
from hearth.toolchain.adopt.network import adopt
from hearth.toolchain.adopt.segments import Grid, segment
from hearth.toolchain.cli import tables as report
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.frontend.quantized.kept import Quantizer
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import front_end, small
from tests.nets.quantized_nets import (
    ENOUGH,
    FRAMES,
    UNIT,
    Q,
    Qdq,
    against_file,
    changed,
    conv,
    imported,
    kinds,
    places,
    tensor,
)

HALVES = (("one", 1), ("three", 3))


@pytest.mark.parametrize(
    ("changes", "tables"),
    [
        ({}, 0),
        ({"pool1": (0.004, 0)}, 1),
        ({"conv1": None, "pool1": (0.004, 0)}, 0),
        ({"conv1": (0.02, 90)}, 0),
        ({"conv1": (0.02, 90), "pool1": None}, 0),
        ({"pool1": (0.021, 0)}, 1),
        ({"pool1": None, "concat": None}, 0),
        ({"one": (0.003, 0)}, 1),
        ({"one": (0.03, 0), "three": (0.011, 100)}, 1),
        ({"one": None, "three": (0.005, 0)}, 1),
        ({"one": None, "three": None}, 0),
        ({"one": (0.02, 100), "three": (0.02, 100), "concat": None}, 0),
        ({"one": (0.02, 100), "concat": None}, 1),
        ({"concat": (0.002, 0)}, 1),
        ({"conv2": (0.02, 77)}, 0),
        ({"conv2": (0.004, 128)}, 0),
    ],
    ids=str,
)
def test_every_quantizer_is_honoured(changes: Q, tables: int, tmp_path: Path) -> None:
    """Wherever it stands: exactly, as a bound, as a table, or by proof that it changes nothing."""
    proto = places(changes)
    found = imported(proto, tmp_path, UNIT)
    assert kinds(found).count("table") == tables
    assert against_file(found, proto, tmp_path, UNIT) > 50


def test_halves_of_their_own_behind_a_pool(tmp_path: Path) -> None:
    proto = places({"one": (0.03, 0), "three": (0.011, 100)}, late=True)
    found = imported(proto, tmp_path, UNIT)
    assert kinds(found)[-5:] == ["maxpool", "table", "conv", "globalpool", "topk"]
    assert against_file(found, proto, tmp_path, UNIT) > 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"one": (0.03, 0), "concat": None},
            "scales 0.03 and 0.02, and no quantizer behind the Concat makes them one",
        ),
        ({"one": None, "concat": None}, "one convolution of this expand stage is quantized and"),
    ],
    ids=str,
)
def test_halves_that_nothing_joins_are_refused(changes: Q, message: str, tmp_path: Path) -> None:
    with pytest.raises(HearthError, match=message):
        imported(places(changes), tmp_path, UNIT)


def test_report_measures_against_the_file(tmp_path: Path) -> None:
    """A quantizer that clips half of the range costs nothing against the file that has it."""
    proto = places({"pool1": (0.004, 0)})
    model, graph = front_end(proto, tmp_path)
    statistics = calibration.collect(model, graph, [FRAMES], UNIT, "test")
    found = adopt(quantize(graph, statistics, UNIT), graph, model.kept)
    decibels = fidelity.signal_to_noise(found, model, graph, [FRAMES])
    assert list(decibels) == [layer.name for layer in graph.layers]
    assert min(decibels.values()) > 35
    assert decibels["gap"] > 50
    result = fidelity.accuracy(found, model, graph, [FRAMES], (0,) * len(FRAMES))
    assert result.reference == "quantized file"
    assert result.agreement > 95


def test_scores_that_the_file_rounds_are_measured_rounded(tmp_path: Path) -> None:
    """In coarse steps, which the sums themselves miss by far."""
    model, graph = front_end(places({"gap": (0.05, 128)}), tmp_path)
    statistics = calibration.collect(model, graph, [FRAMES], UNIT, "test")
    found = adopt(quantize(graph, statistics, UNIT), graph, model.kept)
    assert fidelity.signal_to_noise(found, model, graph, [FRAMES])["gap"] > 60
    sums = next(edge for edge in found.edges if edge.name == "gap/sums")
    assert sums.scale < 0.01


def test_report_says_what_was_kept() -> None:
    assert report.quantized_file({}) == []
    assert report.quantized_file({"quantized_file": ["conv1: rounded"]}) == [
        "already quantized: weights, scales and every rounding are the file's, except:",
        "  conv1: rounded",
    ]


def test_a_layer_that_the_file_rounds_later_is_left_out(tmp_path: Path) -> None:
    model, graph = front_end(places({"conv1": None}), tmp_path)
    statistics = calibration.collect(model, graph, [FRAMES], UNIT, "test")
    found = adopt(quantize(graph, statistics, UNIT), graph, model.kept)
    decibels = fidelity.signal_to_noise(found, model, graph, [FRAMES])
    assert [x.name for x in graph.layers if x.name not in decibels] == ["conv1"]


def scale_of(value: Any) -> Callable[[], onnx.ModelProto]:
    return lambda: changed(places(), "conv1r.s", value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (scale_of(np.nan), r"conv1r\.q: a quantizer's scale should be a positive number"),
        (scale_of(np.inf), "should be a positive number .* found inf"),
        (scale_of(0.0), "should be a positive number .* found 0"),
        (scale_of(-1.0), "should be a positive number .* found -1"),
        (scale_of(1e-42), "should be a positive number .* found 1.00053e-42"),
        (scale_of(1e30), r"should be a positive number .* found 1e\+30"),
        (scale_of(np.ones(0, np.float32)), "found 0 of type float32"),
        (scale_of(np.array([0.02, 0.03], np.float32)), "one scale and zero point for all"),
        (
            lambda: changed(places(), "conv1r.z", np.array(0, np.int32)),
            "activations should be quantized to 8 bits or fewer",
        ),
        (
            lambda: changed(places(), "conv1.scale", np.ones(5, np.float32)),
            "5 scales or zero points along axis 0 do not fit a tensor of shape",
        ),
    ],
)
def test_numbers_that_are_none_are_refused(
    make: Callable[[], onnx.ModelProto], message: str, tmp_path: Path
) -> None:
    proto = make()
    with pytest.raises(HearthError, match=message):
        front_end(proto, tmp_path)


def test_batch_normalization_behind_quantized_weights(tmp_path: Path) -> None:
    """Integers stay the file's: a channel's gain goes into its scale, a negative one turns them."""
    net = Qdq()
    made = net.quantized_conv("data", "conv1", (6, 3, 3))
    gain = np.array([0.5, 2.0, -1.5, 1.0, 0.1, -0.7])
    ones, zeros = np.ones(6), np.zeros(6)
    inputs = [net.constant(n, v) for n, v in zip("gsmv", (gain, ones, zeros, ones), strict=True)]
    normal = net.node("BatchNormalization", [made, *inputs], "normal")
    real = net.pair(net.relu(normal, "conv1r"), 0.02)
    last = net.quantized_conv(real, "conv2", (4, 6, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    proto = net.model()
    found = imported(proto, tmp_path, UNIT)
    integers = tensor(proto, "conv1.integers").transpose(0, 2, 3, 1)
    turned = np.sign(gain)[:, None, None, None]
    assert (conv(found, "conv1").window == integers * turned).all()
    assert against_file(found, proto, tmp_path, UNIT) > ENOUGH


@pytest.mark.parametrize("joined", [False, True])
def test_batch_normalization_behind_a_quantizer_is_refused(joined: bool, tmp_path: Path) -> None:
    """Folding it into the convolution would put it in front."""
    net = Qdq()
    first = net.relu(net.quantized_conv("data", "conv1", (3, 3, 3)), "conv1r")
    halves = [net.pair(net.quantized_conv(first, n, (3, 3, k)), 0.02, 99) for n, k in HALVES]
    made = net.node("Concat", halves, "joined", axis=1)
    real = made if joined else halves[0]
    values = np.ones(6 if joined else 3)
    inputs = [net.constant(name, values) for name in "gsmv"]
    normal = net.node("BatchNormalization", [real, *inputs], "normal")
    last = net.quantized_conv(net.relu(normal, "r"), "conv2", (4, len(values), 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    with pytest.raises(HearthError, match=r"normal: what multiplies or adds behind the quantizer"):
        imported(net.model(), tmp_path, UNIT)


def test_float_files_keep_nothing(tmp_path: Path) -> None:
    model, _ = front_end(small().model(), tmp_path)
    assert not model.kept.quantized


def test_readers_with_quantizers_of_their_own_are_refused(tmp_path: Path) -> None:
    net = Qdq()
    first = net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r")
    same = net.node("Identity", [first], "conv1i")
    pairs = (net.pair(first, 0.02), net.pair(same, 0.03))
    halves = [
        net.pair(net.relu(net.quantized_conv(real, n, (3, 6, k)), f"{n}r"), 0.02)
        for real, (n, k) in zip(pairs, HALVES, strict=True)
    ]
    joined = net.pair(net.node("Concat", halves, "joined", axis=1), 0.02)
    last = net.quantized_conv(joined, "conv2", (4, 6, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    with pytest.raises(HearthError, match="two layers read one result through different quant"):
        imported(net.model(), tmp_path, UNIT)


def test_another_scale_alone_is_a_table() -> None:
    """The integers stay, but what they stand for does not."""
    steps = (Quantizer("a", 0.02, 0, 10), Quantizer("b", 0.0205, 0, 255))
    made = segment("conv", (Link(),), (Link(steps),))
    assert made is not None
    assert made.lookup is not None
    assert made.lookup.target == Grid(0.0205, 0, 10)
    assert made.lookup.maps[0].tolist() == list(range(11))


def test_multipliers_are_as_long_as_a_scale_needs() -> None:
    ratio = np.array([1 / 300, 1 / 777])
    found, bits, shift = factors(ratio)
    assert bits == 24
    assert found / 2.0**shift == pytest.approx(ratio, rel=1e-6)
    assert factors(np.array([40_000, 3]) / 2.0**23)[1:] == (16, 23)


def test_grids_are_exact() -> None:
    """Round half to even, in float32, zero point taken out."""
    quantizer = Quantizer("q", 0.5, -3, 4)
    values = np.array([-9, -1.25, -0.25, 0.25, 0.75, 1.25, 9])
    assert quantizer.levels(values).tolist() == [-3, -2, 0, 0, 2, 2, 4]
    assert Grid(0.5, -1, 2).reals.tolist() == [-0.5, 0.0, 0.5, 1.0]
