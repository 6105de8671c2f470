"""Quantizer: integers stand for the float network, and every bound holds for any input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.hw.layers.border import Border
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.data.images import as_float
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, Preprocessing, QGraph, golden
from hearth.toolchain.quantize import calibration, ranges
from hearth.toolchain.quantize.calibration import BINS, Histogram, Statistics
from hearth.toolchain.quantize.int8 import Quantization, quantize
from hearth.toolchain.quantize.requantize import LARGEST_ACCUMULATOR, Arithmetic, Part, requantize
from hearth.toolchain.quantize.rounding import LayerInput, Rounded, Snap, nearest
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import PIXELS, SIZE, Net, front_end, mobile, photographs, quantized, small


def noise(net: Net, folder: Path, preprocessing: Preprocessing = PIXELS) -> dict[str, float]:
    """Decibels per layer of a freshly quantized network."""
    model, graph = front_end(net.model(), folder)
    frames = photographs(16, graph.height, graph.width)
    statistics = calibration.collect(model, graph, [frames], preprocessing, "test")
    qgraph = quantize(graph, statistics, preprocessing)
    return fidelity.signal_to_noise(qgraph, model, graph, [photographs(4, seed=9)])


def convs(qgraph: QGraph) -> list[Conv]:
    return [layer for layer in qgraph.layers if isinstance(layer, Conv)]


def test_small_network_is_close_to_float(tmp_path: Path) -> None:
    decibels = noise(small(), tmp_path)
    assert min(decibels.values()) > 30, decibels


def test_groups_and_windows_of_every_form_are_close_to_float(tmp_path: Path) -> None:
    decibels = noise(mobile(), tmp_path)
    assert min(decibels.values()) > 30, decibels


@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_first_convolution_in_groups(order: str, tmp_path: Path) -> None:
    """Each colour by itself, with its own mean and scale; the order of files of BGR has no form."""
    net = Net()
    net.head(net.conv_relu("data", "conv1", (6, 1, 3), group=3), 6)
    preprocessing = Preprocessing(order, (104.0, 117.0, 123.0), (1 / 70, 1 / 50, 1 / 60))
    if order == "RGB":
        assert min(noise(net, tmp_path, preprocessing).values()) > 30
    else:
        with pytest.raises(HearthError, match=r"conv1: the first convolution has 3 groups, whose"):
            noise(net, tmp_path, preprocessing)


@pytest.mark.parametrize("order", ["RGB", "BGR"])
@pytest.mark.parametrize("mean", [(0.0, 0.0, 0.0), (104.0, 117.0, 123.0)])
def test_preprocessing_is_folded_into_the_first_layer(
    order: str, mean: tuple[float, float, float], tmp_path: Path
) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), pads=[1] * 4)
    net.head(tensor, 6)
    decibels = noise(net, tmp_path, Preprocessing(order, mean, (1 / 70, 1 / 50, 1 / 60)))
    assert min(decibels.values()) > 30, decibels


def test_padding_of_a_mean_is_a_border_of_the_rounded_mean_in_rgb(tmp_path: Path) -> None:
    net = Net()
    net.head(net.conv_relu("data", "conv1", (4, 3, 3), pads=[1, 0, 2, 1]), 4)
    model, graph = front_end(net.model(), tmp_path)
    preprocessing = Preprocessing("BGR", (104.4, 116.6, 300.0))
    frames = photographs(4)
    statistics = calibration.collect(model, graph, [frames], preprocessing, "test")
    qgraph = quantize(graph, statistics, preprocessing)
    border, conv = qgraph.layers[:2]
    assert isinstance(border, Border)
    assert isinstance(conv, Conv)
    assert border.values.tolist() == [255, 117, 104]
    assert border.pads == (1, 0, 2, 1)
    assert border.target.shape == (SIZE + 3, SIZE + 1, 3)
    assert conv.pads == (0, 0, 0, 0)


def test_padding_as_wide_as_the_kernel_is_a_border_of_zeros(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    tensor = net.conv_relu(tensor, "conv2", (5, 4, 1), pads=[1] * 4)
    net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "logits")
    qgraph = quantized(net.model(), tmp_path)
    assert [layer.kind for layer in qgraph.layers] == [
        "conv",
        "border",
        "conv",
        "globalpool",
        "topk",
    ]
    border = qgraph.layers[1]
    assert isinstance(border, Border)
    assert not border.values.any()
    assert noise(net, tmp_path)["conv2"] > 30


@pytest.mark.parametrize("relu", [True, False])
def test_last_layers(relu: bool, tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    tensor = net.conv(tensor, "conv2", (3, 4, 1))
    tensor = net.relu(tensor, "r") if relu else tensor
    net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "logits")
    qgraph = quantized(net.model(), tmp_path)
    conv, pool, top = qgraph.layers[-3:]
    assert (conv.target.bits, conv.target.signed) == (16, not relu)
    assert isinstance(pool, GlobalPool)
    assert pool.target.scale == conv.target.scale / conv.target.pixels
    assert isinstance(top, TopK)
    assert (top.k, top.target.channels) == (3, 6)


@pytest.mark.parametrize("rule", ranges.RULES)
def test_inner_convolution_without_relu_keeps_its_sign(rule: str, tmp_path: Path) -> None:
    """Both tails are in reach: the bias makes the lower one four times as long as the upper."""
    net = Net()
    biased = [net.conv("data", "conv1", (4, 3, 3), bias=False), net.constant("below", [[[-3]]])]
    sums = net.node("Add", biased, "sums")
    pooled = net.node("MaxPool", [sums], "pool1", kernel_shape=[3, 3], pads=[1] * 4)
    net.head(net.conv_relu(pooled, "conv2", (4, 4, 1), pads=[1] * 4), 4)
    model, graph = front_end(net.model(), tmp_path)
    frames = photographs(16)
    statistics = calibration.collect(model, graph, [frames], PIXELS, "test")
    assert statistics.tensors["sums"].smallest < -2 * statistics.tensors["sums"].largest
    qgraph = quantize(graph, statistics, PIXELS, Quantization(rule=rule))
    first, pool, border, second = qgraph.layers[:4]
    assert (first.target.bits, first.target.signed) == (8, True)
    assert (pool.target.signed, border.target.signed) == (True, True)
    assert (second.source.signed, second.target.signed) == (True, False)
    decibels = fidelity.signal_to_noise(qgraph, model, graph, [photographs(4, seed=9)])
    assert min(decibels.values()) > 25, decibels


def test_scales_are_exact_and_ranges_hold(tmp_path: Path) -> None:
    for conv in convs(quantized(small().model(), tmp_path)):
        assert conv.multiplier.dtype == np.uint16
        assert conv.bias.dtype == np.int32
        assert conv.multiplier.max() >= 1 << 15, "the shift wastes a bit of the multiplier"
        assert np.abs(conv.window.astype(int)).max() <= 127
        assert worst(conv) <= LARGEST_ACCUMULATOR


def worst(conv: Conv) -> int:
    """Largest accumulator that any input could cause."""
    centre = np.abs(conv.centre.astype(np.int64)).sum(axis=1)
    window = np.abs(conv.window.astype(np.int64)).sum(axis=(1, 2, 3))
    sums = np.concatenate([centre, window])
    return int((sums * conv.source.high + np.abs(conv.bias.astype(np.int64))).max())


def layer_input(columns: int) -> LayerInput:
    return LayerInput(np.zeros(columns), lambda: np.zeros((1, columns), np.uint8))


@given(
    magnitudes=st.lists(st.integers(-40, 8), min_size=1, max_size=6),
    biases=st.lists(st.floats(-1e6, 1e6), min_size=6, max_size=6),
    columns=st.sampled_from([1, 9, 600, 20_000]),
)
def test_any_weights_give_safe_accumulators(
    magnitudes: list[int], biases: list[float], columns: int
) -> None:
    """Dead channels, tiny and huge ones side by side, large biases: all bounds hold."""
    rng = np.random.default_rng(0)
    weights = rng.uniform(-1, 1, (len(magnitudes), columns)) * 2.0 ** np.array(magnitudes)[:, None]
    weights[0] = 0
    part = Part(weights, np.array(biases[: len(magnitudes)]), layer_input(columns))
    arithmetic = Arithmetic(0.02, 0.5, 255, 8, nearest, correct_bias=False)
    result = requantize("layer", (part,), arithmetic)
    rounded = result.parts[0]
    assert 1 <= result.shift <= 40
    assert result.multiplier.min() >= 1
    sums = np.abs(rounded.integers.astype(np.int64)).sum(axis=1) * 255
    assert (sums + np.abs(result.bias.astype(np.int64))).max() <= LARGEST_ACCUMULATOR
    scale = result.multiplier * 2.0**-result.shift * 0.5 / 0.02
    np.testing.assert_allclose(rounded.scale, scale, rtol=1e-9)
    error = np.abs(rounded.values - weights).max(axis=1)
    assert (error <= rounded.scale * 0.5000001).all()
    # A bias too large for its channel's scale coarsens the scale; it never just clips.
    np.testing.assert_allclose(
        result.bias * rounded.scale * 0.02, part.bias, atol=float(rounded.scale.max()) * 0.02
    )


def histogram(values: Array) -> Statistics:
    counted = Histogram()
    for part in np.array_split(values, 5):
        counted.add(part.reshape(-1, 1, 1, 1))
    return counted.statistics()


def test_every_value_is_counted_where_it_lies() -> None:
    """More values than are counted together, in ONNX's order, against bins one by one."""
    values = np.random.default_rng(3).normal(size=(2, 3, 150, 151)).astype(np.float32)
    values[0, 1, 7:50] = 0
    counted = Histogram()
    counted.add(values.transpose(0, 2, 3, 1))
    found = counted.statistics()
    bins = (np.abs(values) * np.float32(1 / found.width)).astype(np.int64)
    assert values.size > 2 * calibration._TOGETHER
    assert (np.bincount(bins.ravel(), minlength=BINS) == found.counts).all()
    assert found.mean.tolist() == values.astype(np.float64).mean(axis=(0, 2, 3)).tolist()


def test_histogram_grows_without_losing_values() -> None:
    values = np.concatenate([np.zeros(40), np.linspace(0, 1, 100), np.linspace(5, 900, 860)])
    statistics = histogram(values.astype(np.float32))
    assert statistics.counts.sum() == 1000
    assert statistics.largest == 900
    assert statistics.mean[0] == pytest.approx(values.mean(), rel=1e-5)
    assert statistics.width * len(statistics.counts) >= 900


@pytest.mark.parametrize(
    ("rule", "low", "high"), [("max", 8, 8), ("percentile", 3, 8), ("mse", 2, 8)]
)
def test_ranges(rule: str, low: float, high: float) -> None:
    values = np.random.default_rng(0).exponential(0.5, 100_000).clip(0, 8)
    values[0] = 8
    limit = ranges.choose(rule, histogram(values.astype(np.float32)), 255)
    assert low <= limit <= high


def test_range_of_a_dead_layer_and_unknown_rule() -> None:
    dead = histogram(np.zeros(100, np.float32))
    assert ranges.choose("mse", dead, 255) == 1.0
    with pytest.raises(HearthError, match="--range: one of"):
        ranges.choose("guess", dead, 255)


def test_dead_and_constant_networks_survive(tmp_path: Path) -> None:
    """All-zero weights and negative biases: no division by zero, logits are the bias's."""
    model = small().model()
    for tensor in model.graph.initializer:
        array = np.zeros(tuple(tensor.dims), np.float32)
        if tensor.name.endswith("bias"):
            array -= 1
        raw = array.tobytes()
        tensor.raw_data = raw
    qgraph = quantized(model, tmp_path)
    output = golden.outputs(qgraph, photographs(2))
    assert not golden.logits(qgraph, output).any()
    assert golden.top(qgraph, output).tolist() == [[0, 1, 2, 3, 4]] * 2


def test_float_overflow_in_calibration_is_told(tmp_path: Path) -> None:
    net = small()
    huge = net.constant("huge", np.full((8, 3, 3, 3), 3e38))
    net.nodes[0].input[1] = huge
    with pytest.raises(HearthError, match="overflows on a calibration image"):
        quantized(net.model(), tmp_path)


def test_a_network_that_vanishes_is_told(tmp_path: Path) -> None:
    """Denormal activations have no histogram."""
    net = small()
    for position, value in ((1, 1e-42), (2, 0.0)):
        stored = np.full((8, 3, 3, 3) if position == 1 else 8, value)
        net.nodes[0].input[position] = net.constant(f"faint{position}", stored)
    with pytest.raises(HearthError, match="conv1: the float network vanishes: no value exceeds"):
        quantized(net.model(), tmp_path)


def test_rounding_strategies_see_the_layers_real_inputs(tmp_path: Path) -> None:
    """A strategy gets the integer columns that its weights will be multiplied with."""
    seen: list[Array] = []

    def spy(weights: Array, inputs: LayerInput, bits: int, snap: Snap) -> Rounded:
        seen.append(inputs.samples())
        assert seen[-1].shape[1] == weights.shape[1]
        return nearest(weights, inputs, bits, snap)

    model, graph = front_end(small().model(), tmp_path)
    frames = photographs(6)
    statistics = calibration.collect(model, graph, [frames], PIXELS, "test")
    options = Quantization(rounding=spy, samples=2)
    qgraph = quantize(graph, statistics, PIXELS, options, frames)
    edges = golden.run(qgraph, frames[:2])
    assert (seen[1].reshape(-1) == edges[2].reshape(-1)).all()


def test_reference_uses_the_preprocessing(tmp_path: Path) -> None:
    model, graph = front_end(small().model(), tmp_path)
    frames = photographs(2)
    inputs = as_float(frames, Preprocessing("BGR", (1.0, 2.0, 3.0), (0.5, 0.25, 2.0)))
    assert inputs.shape == (2, 3, SIZE, SIZE)
    blue = (frames[1, 3, 4, 2] - 1.0) * 0.5
    assert inputs[1, 0, 3, 4] == np.float32(blue)
    assert Reference(model, ["logits"]).run(inputs)[0].shape == (2, 7)
    assert graph.layers[-1].tensor == "pool10"
