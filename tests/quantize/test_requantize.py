"""What quantization promises in numbers: nearest biases, mean errors made up for, bounds, reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, Preprocessing, QGraph
from hearth.toolchain.quantize import calibration, ranges
from hearth.toolchain.quantize import int8 as quantize_pass
from hearth.toolchain.quantize.int8 import Quantization, quantize
from hearth.toolchain.quantize.requantize import Arithmetic, Part, Requantized, requantize
from hearth.toolchain.quantize.rounding import LayerInput, Rounded, Snap, natural_scale, nearest
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import PIXELS, Net, front_end, photographs, quantized, small
from tests.quantize.test_quantize import histogram, layer_input

SCALE_IN, SCALE_OUT = 0.02, 0.5


def part(mean: Array | None = None) -> Part:
    """Eight channels of thirty weights, with biases."""
    rng = np.random.default_rng(5)
    weights, bias = rng.normal(0, 0.3, (8, 30)), rng.normal(0, 2, 8)
    inputs = layer_input(30) if mean is None else LayerInput(mean, lambda: np.zeros((1, 30)))
    return Part(weights, bias, inputs)


def integers(of: Part, *, correct_bias: bool) -> tuple[Requantized, Array]:
    """The layer, and the real value of one step of each channel's accumulator."""
    arithmetic = Arithmetic(SCALE_IN, SCALE_OUT, 255, 8, nearest, correct_bias)
    result = requantize("layer", (of,), arithmetic)
    return result, result.parts[0].scale * SCALE_IN


def test_bias_is_the_nearest_integer() -> None:
    result, step = integers(part(), correct_bias=False)
    assert (np.abs(result.bias * step - part().bias) <= step * 0.5000001).all()


def test_mean_error_of_the_weights_is_made_up_for() -> None:
    """At the mean input the accumulator is that of the real weights, to half a step."""
    mean = np.random.default_rng(6).uniform(0, 255, 30)
    real = part(mean)
    result, step = integers(real, correct_bias=True)
    got = (result.parts[0].integers @ mean + result.bias) * step
    want = real.weights @ mean * SCALE_IN + real.bias
    assert (np.abs(got - want) <= step * 0.5000001).all()
    left, _ = integers(real, correct_bias=False)
    assert (np.abs((left.parts[0].integers @ mean + left.bias) * step - want) > step).any()


def test_largest_weight_is_never_clipped() -> None:
    result, _ = integers(part(), correct_bias=False)
    assert (result.parts[0].scale >= natural_scale(part().weights, 8) * (1 - 1e-9)).all()


def test_percentile_of_few_values_clips_nothing() -> None:
    statistics = histogram(np.linspace(0, 7, 1000).astype(np.float32))
    assert ranges.choose("percentile", statistics, 255) == statistics.largest


def calibrated(net: Net, folder: Path, shape: tuple[int, int] = (16, 16)) -> QGraph:
    model, graph = front_end(net.model(shape=("N", 3, *shape)), folder)
    frames = [photographs(2, *shape)]
    return quantize(graph, calibration.collect(model, graph, frames, PIXELS, "test"), PIXELS)


@pytest.mark.parametrize(
    ("shape", "relu", "fits"),
    [
        ((128, 256), True, True),  # 32,768 pixels of at most 65,535
        ((99, 331), True, False),  # one more
        ((255, 257), False, True),  # 65,535 pixels of at least -32,768
        ((256, 256), False, False),  # one more: -2^31 exactly
    ],
)
def test_sum_over_a_map_fits_31_bits(
    shape: tuple[int, int], relu: bool, fits: bool, tmp_path: Path
) -> None:
    net = Net()
    tensor = net.conv("data", "conv1", (2, 3, 1))
    tensor = net.relu(tensor, "r") if relu else tensor
    net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "logits")
    if not fits:
        with pytest.raises(HearthError, match=r"pool: the sum over .* does not fit 32 bits"):
            calibrated(net, tmp_path, shape)
        return
    pool = calibrated(net, tmp_path, shape).layers[-2]
    assert isinstance(pool, GlobalPool)
    frame = np.full((1, *pool.source.shape), pool.source.low or pool.source.high)
    total = pool.golden(frame.astype(pool.source.dtype))
    assert total.ravel().tolist() == [pool.source.pixels * int(frame.flat[0])] * 2


@pytest.mark.parametrize("side", [9, 10, 11, 12, 13])
@pytest.mark.parametrize(("kernel", "stride", "pads"), [(2, 3, [0] * 4), (3, 2, [0, 0, 2, 1])])
def test_pooled_map_in_ceil_mode_is_that_of_onnx_runtime(
    side: int, kernel: int, stride: int, pads: list[int], tmp_path: Path
) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 1))
    window = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": pads}
    net.head(net.node("MaxPool", [tensor], "pool", ceil_mode=1, **window), 4)
    qgraph = calibrated(net, tmp_path, (side, side))
    pool = next(layer for layer in qgraph.layers if isinstance(layer, MaxPool))
    model, _ = front_end(net.model(shape=("N", 3, side, side)), tmp_path)
    inputs = as_float(photographs(1, side, side), PIXELS)
    assert pool.target.shape[:2] == Reference(model, ["pool"]).run(inputs)[0].shape[2:]


def test_last_layer_reaches_twice_as_far_as_seen(tmp_path: Path) -> None:
    model, graph = front_end(small().model(), tmp_path)
    statistics = calibration.collect(model, graph, [photographs(8)], PIXELS, "test")
    conv = next(c for c in quantize(graph, statistics, PIXELS).layers if c.name == "conv10")
    reach = conv.target.high * conv.target.scale
    assert reach == pytest.approx(2 * statistics.tensors[graph.layers[-2].tensor].largest)


def test_bounds_are_taken_from_the_real_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Arithmetic] = []

    def spy(name: str, parts: tuple[Part, ...], arithmetic: Arithmetic) -> Requantized:
        asked.append(arithmetic)
        return requantize(name, parts, arithmetic)

    monkeypatch.setattr(quantize_pass, "requantize", spy)
    convs = [c for c in quantized(small().model(), tmp_path).layers if isinstance(c, Conv)]
    assert [(a.largest_input, a.scale_in) for a in asked] == [
        (conv.source.high, conv.source.scale) for conv in convs
    ]


@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_first_layer_knows_the_mean_of_each_colour(order: str, tmp_path: Path) -> None:
    frames = photographs(4)
    frames[..., 0] //= 4  # little red
    seen: list[Array] = []

    def spy(weights: Array, inputs: LayerInput, bits: int, snap: Snap) -> Rounded:
        seen.append(inputs.mean)
        return nearest(weights, inputs, bits, snap)

    preprocessing = Preprocessing(order, (10.0, 20.0, 30.0), (1 / 50, 1 / 60, 1 / 70))
    model, graph = front_end(small().model(), tmp_path)
    statistics = calibration.collect(model, graph, [frames], preprocessing, "test")
    quantize(graph, statistics, preprocessing, Quantization(rounding=spy))
    np.testing.assert_allclose(seen[0][:3], frames.mean(axis=(0, 1, 2)), rtol=1e-4)
