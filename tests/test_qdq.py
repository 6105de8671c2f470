"""Already quantized files: every form comes in as ONNX Runtime runs it, or is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hw.layers.conv import Conv
from tests import yardstick
from tests.onnx_nets import PIXELS, Net, front_end, photographs, save, small
from tests.test_qdq_file import signed
from toolchain import calibration, fidelity, golden, report
from toolchain.errors import HearthError
from toolchain.images import as_float
from toolchain.ir import Array, Preprocessing, QGraph
from toolchain.passes.adopt import adopt
from toolchain.passes.quantize import quantize
from toolchain.quantized.kept import Quantizer
from toolchain.quantized.segments import Grid

FRAMES = photographs(24)
OTHERS = photographs(40, seed=7)
UNIT = Preprocessing("RGB", (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))
TORCHVISION = Preprocessing(
    "RGB", (123.675, 116.28, 103.53), (1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225))
)
CAFFE = Preprocessing("BGR", (104.0, 117.0, 123.0), (1.0, 1.0, 1.0))
ENOUGH = 45.0
"""Decibels between golden scores and those of the file, for 8-bit files."""


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds the photographs to ONNX Runtime's calibration."""

    def __init__(self, preprocessing: Preprocessing) -> None:
        self.preprocessing = preprocessing
        self.rest: Iterator[Array] = iter(FRAMES)

    def get_next(self) -> dict[str, Array] | None:
        frame = next(self.rest, None)
        return None if frame is None else {"data": as_float(frame[None], self.preprocessing)}


def static(
    folder: Path,
    preprocessing: Preprocessing = PIXELS,
    net: onnx.ModelProto | None = None,
    **options: Any,
) -> onnx.ModelProto:
    """The small network through ONNX Runtime's own quantizer."""
    options = {
        "quant_format": QuantFormat.QDQ,
        "per_channel": True,
        "activation_type": QuantType.QUInt8,
        "weight_type": QuantType.QInt8,
        **options,
    }
    path = save(small().model() if net is None else net, folder)
    quantize_static(str(path), str(folder / "quantized.onnx"), Reader(preprocessing), **options)
    return onnx.load(folder / "quantized.onnx")


def imported(proto: onnx.ModelProto, folder: Path, preprocessing: Preprocessing = PIXELS) -> QGraph:
    """As the pipeline does it."""
    model, graph = front_end(proto, folder)
    statistics = calibration.collect(model, graph, [FRAMES], preprocessing, "test")
    return adopt(quantize(graph, statistics, preprocessing), graph, model.kept)


def against_file(
    found: QGraph, proto: onnx.ModelProto, folder: Path, preprocessing: Preprocessing = PIXELS
) -> float:
    """Decibels between golden scores and ONNX Runtime's on the file; first classes must agree."""
    path = save(proto, folder, "yardstick.onnx")
    theirs = yardstick.reference(path, as_float(OTHERS, preprocessing))
    ours = golden.logits(found, golden.outputs(found, OTHERS))
    noise = max(float(np.square(theirs - ours).sum()), 1e-30)
    decibels = 10 * float(np.log10(np.square(theirs).sum() / noise))
    step = found.output.scale
    chosen = np.take_along_axis(theirs, ours.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert (theirs.max(axis=1) - chosen <= 1.01 * step).mean() > 0.9
    return decibels


def conv(qgraph: QGraph, name: str) -> Conv:
    return next(x for x in qgraph.layers if isinstance(x, Conv) and x.name == name)


def kinds(qgraph: QGraph) -> list[str]:
    return [layer.kind for layer in qgraph.layers]


def tensor(proto: onnx.ModelProto, name: str) -> Array:
    return numpy_helper.to_array(next(t for t in proto.graph.initializer if t.name == name))


def changed(proto: onnx.ModelProto, name: str, value: Any) -> onnx.ModelProto:
    """The file with another value in one of its initializers."""
    for initializer in proto.graph.initializer:
        if initializer.name == name:
            dtype = numpy_helper.to_array(initializer).dtype
            array = value if isinstance(value, np.ndarray) else np.array(value, dtype)
            initializer.CopyFrom(numpy_helper.from_array(array, name))
            return proto
    raise KeyError(name)


# ------------------------------------------------------------------ ONNX Runtime's own quantizer


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("activation", [QuantType.QUInt8, QuantType.QInt8])
def test_integers_and_scales_are_the_files(
    per_channel: bool, activation: QuantType, tmp_path: Path
) -> None:
    proto = static(tmp_path, per_channel=per_channel, activation_type=activation)
    found = imported(proto, tmp_path)
    squeeze = conv(found, "fire2/squeeze1x1")
    wanted = tensor(proto, "fire2/squeeze1x1.weight_quantized")
    assert (squeeze.window == wanted.transpose(0, 2, 3, 1)).all()
    assert (squeeze.bias == tensor(proto, "fire2/squeeze1x1.bias_quantized")).all()
    assert squeeze.source.scale == pytest.approx(float(tensor(proto, "conv1_scale")))
    assert squeeze.target.scale == pytest.approx(float(tensor(proto, "fire2/squeeze1x1_scale")))
    scale = tensor(proto, "fire2/squeeze1x1.weight_scale").astype(np.float64)
    ratio = scale * squeeze.source.scale / squeeze.target.scale
    assert squeeze.multiplier / 2.0**squeeze.shift == pytest.approx(ratio, rel=1e-3)


VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "per tensor": {"per_channel": False},
    "int8 activations": {"activation_type": QuantType.QInt8},
    "uint8 weights": {"weight_type": QuantType.QUInt8, "extra_options": {"WeightSymmetric": True}},
    "symmetric activations": {
        "activation_type": QuantType.QInt8,
        "extra_options": {"ActivationSymmetric": True},
    },
    "7-bit weights": {"reduce_range": True},
    "int4 weights": {"weight_type": QuantType.QInt4},
    "dedicated pairs": {"extra_options": {"DedicatedQDQPair": True}},
    "no input check": {"extra_options": {"ForceQuantizeNoInputCheck": True}},
    "float bias": {"extra_options": {"QuantizeBias": False}},
    "float output": {"op_types_to_quantize": ["Conv", "MaxPool", "Concat"]},
    "weights in pairs": {"extra_options": {"AddQDQPairToWeight": True}},
    "convolutions only": {"op_types_to_quantize": ["Conv"]},
    "operators": {"quant_format": QuantFormat.QOperator},
    "operators per tensor": {"quant_format": QuantFormat.QOperator, "per_channel": False},
    "operators int8": {
        "quant_format": QuantFormat.QOperator,
        "activation_type": QuantType.QInt8,
    },
    "microsoft": {"extra_options": {"UseQDQContribOps": True}},
}


@pytest.mark.parametrize("end", ["relu", "signed"])
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_comes_in_as_it_runs(name: str, end: str, tmp_path: Path) -> None:
    net = small().model() if end == "relu" else signed()
    proto = static(tmp_path, UNIT, net, **VARIANTS[name])
    found = imported(proto, tmp_path, UNIT)
    assert against_file(found, proto, tmp_path, UNIT) > ENOUGH
    assert found.notes["quantized_file"] == []


@pytest.mark.parametrize("preprocessing", [PIXELS, TORCHVISION, CAFFE], ids=str)
@pytest.mark.parametrize("padded", [False, True])
def test_a_quantized_input_keeps_any_preprocessing(
    preprocessing: Preprocessing, padded: bool, tmp_path: Path
) -> None:
    """Means and scales of their own per colour are a table behind the input, exactly."""
    net = Net()
    pads = [1, 1, 1, 1] if padded else [0, 0, 0, 0]
    net.head(net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2], pads=pads), 8)
    proto = static(tmp_path, preprocessing, net.model())
    found = imported(proto, tmp_path, preprocessing)
    assert kinds(found)[0] == "table"
    assert conv(found, "conv1").target.scale == pytest.approx(float(tensor(proto, "conv1_scale")))
    integers = tensor(proto, "conv1.weight_quantized").transpose(0, 2, 3, 1)
    wanted = integers[..., ::-1] if preprocessing.channel_order == "BGR" else integers
    assert (conv(found, "conv1").window == wanted).all()
    assert against_file(found, proto, tmp_path, preprocessing) > ENOUGH


def test_pixels_by_255_need_no_table(tmp_path: Path) -> None:
    found = imported(static(tmp_path, UNIT), tmp_path, UNIT)
    assert kinds(found)[0] == "conv"


def test_a_first_layer_with_colours_of_their_own_is_rounded_again(tmp_path: Path) -> None:
    """Without a quantizer on the input, the first weights are no integers of one scale."""
    proto = bare(static(tmp_path, TORCHVISION), "data_QuantizeLinear", "data_DequantizeLinear")
    found = imported(proto, tmp_path, TORCHVISION)
    assert against_file(found, proto, tmp_path, TORCHVISION) > 35
    assert found.notes["quantized_file"] == [
        "conv1: weights rounded to 8 bits here, since the preprocessing scales colours differently"
    ]


def bare(proto: onnx.ModelProto, *names: str) -> onnx.ModelProto:
    """The file without some of its nodes: their readers read what these read."""
    for name in names:
        node = next(n for n in proto.graph.node if n.name == name)
        for other in proto.graph.node:
            for i, tensor_ in enumerate(other.input):
                if tensor_ == node.output[0]:
                    other.input[i] = node.input[0]
        proto.graph.node.remove(node)
    return proto


def test_a_layer_left_in_float_is_rounded_here(tmp_path: Path) -> None:
    proto = static(tmp_path, UNIT, nodes_to_exclude=["fire2/squeeze1x1"])
    found = imported(proto, tmp_path, UNIT)
    assert found.notes["quantized_file"] == [
        "fire2/squeeze1x1: weights rounded to 8 bits here, since the file left them in float"
    ]
    assert against_file(found, proto, tmp_path, UNIT) > 30


# ------------------------------------------------------------------ files built by hand


class Qdq(Net):
    """Adds quantizers in every spelling."""

    def integers(self, name: str, shape: tuple[int, ...]) -> str:
        values = self.rng.normal(0, 0.3, shape)
        scale = np.abs(values).max(axis=(1, 2, 3)) / 127
        integers = np.rint(values / scale[:, None, None, None])
        names = [
            self.constant(f"{name}.integers", integers, np.int8),
            self.constant(f"{name}.scale", scale),
        ]
        return self.node("DequantizeLinear", names, f"{name}.weight", axis=0)

    def quantized_conv(self, source: str, name: str, shape: tuple[int, int, int]) -> str:
        outputs, inputs, kernel = shape
        weights = self.integers(name, (outputs, inputs, kernel, kernel))
        bias = self.constant(f"{name}.bias", self.rng.normal(0.05, 0.1, outputs))
        pads = [kernel // 2] * 4
        return self.node("Conv", [source, weights, bias], f"{name}_pre", name=name, pads=pads)

    def pair(self, source: str, scale: float, zero: int = 0, dtype: Any = np.uint8) -> str:
        names = [
            self.constant(f"{source}.s", scale),
            self.constant(f"{source}.z", zero, dtype),
        ]
        codes = self.node("QuantizeLinear", [source, *names], f"{source}.q")
        return self.node("DequantizeLinear", [codes, *names], f"{source}.d")


HALVES = (("one", 1), ("three", 3))
Q = dict[str, tuple[float, int] | None]
PLACES: Q = {
    "conv1": (0.02, 0),
    "pool1": (0.02, 0),
    "squeeze": (0.02, 0),
    "one": (0.02, 0),
    "three": (0.02, 0),
    "concat": (0.02, 0),
    "conv2": (0.02, 0),
}


def places(changes: Q | None = None, late: bool = False) -> onnx.ModelProto:
    """conv1, pool1, a Fire module and a classifier, each with a quantizer of its own or none.

    With `late`, a max-pool stands between the Concat and its quantizer.
    """
    where = {**PLACES, **(changes or {})}
    net = Qdq()

    def end(name: str, source: str) -> str:
        chosen = where[name]
        return source if chosen is None else net.pair(source, *chosen)

    one = net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r")
    pool = net.node("MaxPool", [end("conv1", one)], "p", kernel_shape=[3, 3], strides=[2, 2])
    squeeze = net.relu(net.quantized_conv(end("pool1", pool), "squeeze", (5, 6, 1)), "squeezer")
    middle = end("squeeze", squeeze)
    left = net.relu(net.quantized_conv(middle, "one", (6, 5, 1)), "oner")
    right = net.relu(net.quantized_conv(middle, "three", (7, 5, 3)), "threer")
    joined = net.node("Concat", [end("one", left), end("three", right)], "joined", axis=1)
    if late:
        joined = net.node("MaxPool", [joined], "p2", kernel_shape=[2, 2], strides=[1, 1])
    last = net.quantized_conv(end("concat", joined), "conv2", (4, 13, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [end("conv2", last)], "gap")], "logits")
    return net.model()


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


def test_sixteen_bits_in_the_middle_are_refused(tmp_path: Path) -> None:
    proto = static(tmp_path, UNIT, activation_type=QuantType.QUInt16)
    with pytest.raises(
        HearthError, match=r"data_QuantizeLinear: the input's quantizer should have"
    ):
        imported(proto, tmp_path, UNIT)


# ------------------------------------------------------------------ QONNX and QCDQ


def quant(net: Net, source: str, output: str, values: tuple[Any, float, float], **more: Any) -> str:
    """A QONNX Quant node; values are scale, zero point, bits."""
    names = [net.constant(f"{output}.{i}", value) for i, value in enumerate(values)]
    attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **more}
    return net.node(
        "Quant", [source, *names], output, domain="qonnx.custom_op.general", **attributes
    )


def brevitas(bits: int, zero: float = 0.0, **activation: Any) -> onnx.ModelProto:
    """conv1 and the classifier with Quant nodes on weights and activations."""
    net = Net()
    tensor_ = "data"
    for name, shape in (("conv1", (6, 3, 3)), ("conv10", (7, 6, 1))):
        weights = net.rng.normal(0, 0.3, (shape[0], shape[1], shape[2], shape[2]))
        stored = net.constant(f"{name}.weight", weights)
        scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / (2 ** (bits - 1) - 1)
        rounded = quant(net, stored, f"{name}.quant", (scale, 0.0, float(bits)), narrow=1)
        made = net.node("Conv", [tensor_, rounded], f"{name}_pre", name=name)
        relu = net.relu(made, f"{name}_relu")
        options = {"signed": 0, **activation}
        width = options.pop("width", 8.0)
        tensor_ = quant(net, relu, f"{name}_act", (0.03, zero, width), **options)
    pooled = net.node("GlobalAveragePool", [tensor_], "pool10")
    net.node("Flatten", [pooled], "logits")
    proto = net.model()
    proto.opset_import.append(helper.make_opsetid("qonnx.custom_op.general", 1))
    return proto


@pytest.mark.parametrize("bits", range(2, 9))
def test_brevitas_weights_keep_their_bits(bits: int, tmp_path: Path) -> None:
    proto = brevitas(bits)
    found = imported(proto, tmp_path)
    layer = conv(found, "conv10")
    scale = tensor(proto, "conv10.quant.0").astype(np.float64)
    wanted = np.rint(tensor(proto, "conv10.weight") / scale).transpose(0, 2, 3, 1)
    assert (layer.window == wanted).all()
    assert layer.weight_bits == bits
    assert layer.source.scale == pytest.approx(0.03)
    assert golden.outputs(found, FRAMES[:2]).any()
    assert against_file(found, proto, tmp_path) > ENOUGH


@pytest.mark.parametrize(
    ("activation", "highest"),
    [
        ({"width": 4.0}, 15),
        ({"width": 3.0, "narrow": 1}, 6),
        ({"signed": 1}, 127),
        ({"zero": 9.0}, 246),
        ({"width": 2.0}, 3),
    ],
    ids=str,
)
def test_brevitas_activations_of_any_width(
    activation: dict[str, Any], highest: int, tmp_path: Path
) -> None:
    proto = brevitas(4, **activation)
    found = imported(proto, tmp_path)
    edge = conv(found, "conv1").target
    assert edge.low == 0
    assert edge.high == highest
    assert edge.scale == pytest.approx(0.03)
    assert against_file(found, proto, tmp_path) > ENOUGH


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: brevitas(4, rounding_mode="CEIL"), "rounding to nearest .* found CEIL"),
        (lambda: brevitas(4, width=np.inf), "its bit width should be a whole number, found inf"),
        (lambda: brevitas(4, width=3.5), "its bit width should be a whole number, found 3.5"),
        (lambda: brevitas(4, width=np.zeros(0)), "its bit width is empty"),
        (lambda: brevitas(4, width=40.0), "one bit width from 1 to 16 is expected, found 40"),
        (lambda: brevitas(4, zero=0.5), "its zero point should be a whole number, found 0.5"),
        (lambda: brevitas(10), "weights should be integers of 8 bits"),
    ],
)
def test_quants_that_hardware_cannot_do_are_refused(
    make: Callable[[], onnx.ModelProto], message: str, tmp_path: Path
) -> None:
    with pytest.raises(HearthError, match=message):
        front_end(make(), tmp_path)


def test_two_values_are_refused_by_name(tmp_path: Path) -> None:
    proto = brevitas(4)
    next(n for n in proto.graph.node if n.name == "conv1.quant").op_type = "BipolarQuant"
    with pytest.raises(HearthError, match=r"conv1\.quant: quantizers to two values are not"):
        front_end(proto, tmp_path)


def test_initializers_may_be_inputs_too(tmp_path: Path) -> None:
    """As files before IR version 4 have to list them."""
    proto = places()
    for stored in list(proto.graph.initializer):
        info = helper.make_tensor_value_info(stored.name, stored.data_type, list(stored.dims))
        proto.graph.input.append(info)
    assert against_file(imported(proto, tmp_path, UNIT), proto, tmp_path, UNIT) > 55


def test_a_clip_between_the_two_halves_narrows(tmp_path: Path) -> None:
    """QCDQ: activations of 4 bits."""
    net = Qdq()
    relu = net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r")
    names = [net.constant("s", 0.1), net.constant("z", 0, np.uint8)]
    codes = net.node("QuantizeLinear", [relu, *names], "codes")
    bounds = [net.constant("low", 0, np.uint8), net.constant("high", 15, np.uint8)]
    clipped = net.node("Clip", [codes, *bounds], "clipped")
    last = net.quantized_conv(
        net.node("DequantizeLinear", [clipped, *names], "real"), "c", (4, 6, 1)
    )
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    found = imported(net.model(), tmp_path, UNIT)
    assert (conv(found, "conv1").target.low, conv(found, "conv1").target.high) == (0, 15)
    assert against_file(found, net.model(), tmp_path, UNIT) > ENOUGH


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


def test_grids_are_exact() -> None:
    """Round half to even, in float32, zero point taken out."""
    quantizer = Quantizer("q", 0.5, -3, 4)
    values = np.array([-9, -1.25, -0.25, 0.25, 0.75, 1.25, 9])
    assert quantizer.levels(values).tolist() == [-3, -2, 0, 0, 2, 2, 4]
    assert Grid(0.5, -1, 2).reals.tolist() == [-0.5, 0.0, 0.5, 1.0]
