"""The model files that mutants are made from: small networks in every form that files come in.

Float, QDQ and QOperator files of ONNX Runtime's quantizer, QONNX files, and, where they are, the
files of other people (tests/shared.py). All of them take pixels divided by 255, 16 or 32 on a side.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hearth.toolchain.ir import Array
from tests.frontend import test_gates, test_graphs
from tests.nets import ends, forms
from tests.nets.onnx_nets import Net, photographs, save, small
from tests.shared import SHARED

FAULTS = SHARED / "faults"
QONNX = "qonnx.custom_op.general"


def floats() -> dict[str, onnx.ModelProto]:
    """Float networks by name."""
    return {
        "float7": small(7).model(),
        "float13": small(13).model(),
        "float18": small(18, ceil_mode=1).model(),
        "batchnorm": batchnorm(),
        "mean": mean(),
        "linear": linear(),
        "channels_last": channels_last(),
        "swapped": swapped(),
    }


GRAPHS = {
    test_graphs: (
        "bypass",
        "complex_bypass",
        "residual",
        "inception",
        "half_rectified",
        "shuffled",
    ),
    test_gates: ("squeeze_and_excite", "linear_layers", "two_maps"),
}
"""Networks whose paths part and meet, by the tests that have them."""


def graphs() -> dict[str, onnx.ModelProto]:
    """These networks by name."""
    made = {}
    for tests, names in GRAPHS.items():
        for name in names:
            net = Net()
            getattr(tests, name)(net)
            made[name] = forms.model(net)
    return made | {"two_heads": ends.two_heads(Net()), "read_on": ends.read_on(Net())}


def seeds() -> dict[str, onnx.ModelProto]:
    """Every model by name, always in the same order."""
    made = (
        floats()
        | graphs()
        | {
            "qdq": static(QuantFormat.QDQ),
            "qdq_s8": static(QuantFormat.QDQ, activation_type=QuantType.QInt8, per_channel=False),
            "qoperator": static(QuantFormat.QOperator, per_channel=False),
            "qonnx4": qonnx(4),
            "qonnx8": qonnx(8),
        }
    )
    return made


def faults() -> dict[str, onnx.ModelProto]:
    """The files that once went wrong, where they are."""
    found = sorted(FAULTS.glob("*.onnx")) if FAULTS.is_dir() else []
    return {path.stem: onnx.load(path) for path in found}


def batchnorm() -> onnx.ModelProto:
    """A BatchNormalization behind the first convolution, Softmax behind the classifier."""
    net = Net(13, 5)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2], bias=False)
    values = {"scale": (0.5, 2), "shift": (-0.5, 0.5), "mean": (-0.2, 0.2), "var": (0.3, 2)}
    names = [net.constant(f"bn.{n}", net.rng.uniform(*ends, 8)) for n, ends in values.items()]
    tensor = net.relu(net.node("BatchNormalization", [tensor, *names], "bn"), "conv1")
    flat = net.head(net.fire(tensor, "fire2", (8, 4, 6, 5)), 11)
    net.node("Softmax", [flat], "scores", axis=1)
    model = net.model("scores")
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("scores", 1, ["n", "c"]))
    return model


def mean() -> onnx.ModelProto:
    """The head as PyTorch exports it without AdaptiveAvgPool; no Relu behind the classifier."""
    net = Net(17, 6)
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[2, 2], strides=[2, 2])
    tensor = net.conv(tensor, "conv10", (7, 6, 1))
    pooled = net.node("ReduceMean", [tensor], "pool10", axes=[2, 3], keepdims=1)
    shape = net.constant("shape", [0, -1], np.int64)
    net.node("Reshape", [pooled, shape], "logits")
    return net.model()


def linear() -> onnx.ModelProto:
    """Normalized inside, ReLU6, computed constants, a Linear behind the global pool."""
    net = Net(13, 7)
    mean = net.constant("image.mean", net.rng.uniform(0.4, 0.5, (1, 3, 1, 1)))
    centred = net.node("Sub", ["data", mean], "centred")
    normal = net.node("Div", [centred, net.constant("image.std", 0.25)], "normal")
    tensor = net.conv(normal, "conv1", (8, 3, 3), strides=[2, 2], pads=[1] * 4)
    bounds = [net.constant("low", 0.0), net.constant("high", 6.0)]
    tensor = net.fire(net.node("Clip", [tensor, *bounds], "act1"), "fire2", (8, 4, 6, 5))
    flat = net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "flat")
    rows = net.constant("rows", net.rng.normal(0, 1, 77))
    matrix = net.node("Reshape", [rows, net.constant("sides", [7, -1], np.int64)], "matrix")
    net.node("Gemm", [flat, matrix, net.constant("biases", np.arange(7))], "logits", transB=1)
    return net.model()


def channels_last() -> onnx.ModelProto:
    """As tf2onnx writes a network: Transposes around every convolution, MatMul at the end."""
    net = Net(13, 8)

    def first(source: str, name: str) -> str:
        return net.node("Transpose", [source], name, perm=[0, 3, 1, 2])

    def last(source: str, name: str) -> str:
        return net.node("Transpose", [source], name, perm=[0, 2, 3, 1])

    made = net.conv(first("data", "t1"), "conv1", (8, 3, 3), bias=False, strides=[2, 2])
    biased = net.node("Add", [last(made, "l1"), net.constant("bias1", np.arange(8) / 8)], "biased")
    pooled = net.node(
        "MaxPool", [first(net.relu(biased, "r1"), "t2")], "p1", kernel_shape=[2, 2], strides=[2, 2]
    )
    made = net.relu(last(net.conv(pooled, "conv2", (9, 8, 1)), "l2"), "r2")
    mean = net.node("ReduceMean", [made], "mean", axes=[1, 2], keepdims=0)
    product = net.node("MatMul", [mean, net.constant("w", net.rng.normal(0, 1, (9, 7)))], "product")
    biased = net.node("Add", [product, net.constant("bias3", np.arange(7) / 7)], "logits")
    return net.model(shape=("N", 16, 16, 3))


def swapped() -> onnx.ModelProto:
    """A Pad node, branches in the other order, means one after the other, ArgMax."""
    net = Net(13, 9)
    pads = net.constant("pads", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)
    start = net.node("Pad", ["data", pads], "padded")
    tensor = net.conv_relu(start, "conv1", (8, 3, 3), strides=[2, 2])
    right = net.conv_relu(tensor, "e3", (5, 8, 3), pads=[1] * 4)
    left = net.conv_relu(tensor, "e1", (6, 8, 1))
    joined = net.node("Concat", [right, left], "joined", axis=1)
    scores = net.conv(joined, "conv10", (7, 11, 1))
    rows = net.node("ReduceMean", [scores], "rows", axes=[3], keepdims=0)
    mean = net.node("ReduceMean", [rows], "scores", axes=[2], keepdims=0)
    net.node("ArgMax", [mean], "logits", axis=1, keepdims=0)
    model = net.model()
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("logits", 7, ["n"]))
    return model


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds photographs to ONNX Runtime's calibration."""

    def __init__(self) -> None:
        frames = photographs(8).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        self.rest: Iterator[Array] = iter(frames[:, None])

    def get_next(self) -> dict[str, Array] | None:
        frame = next(self.rest, None)
        return None if frame is None else {"data": frame}


def static(form: QuantFormat, **options: Any) -> onnx.ModelProto:
    """The small network through ONNX Runtime's quantizer."""
    chosen = {"per_channel": True, "activation_type": QuantType.QUInt8, **options}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quantize_static(
            str(save(small().model(), folder)),
            str(folder / "quantized.onnx"),
            _Reader(),
            quant_format=form,
            weight_type=QuantType.QInt8,
            **chosen,
        )
        return onnx.load(folder / "quantized.onnx")


def qonnx(bits: int) -> onnx.ModelProto:
    """Quant nodes on weights and activations, as Brevitas writes them."""
    net = Net(13, bits)
    tensor = _quantized_conv(net, "data", "conv1", (6, 3, 3), bits)
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[2, 2], strides=[2, 2])
    tensor = _quantized_conv(net, tensor, "conv10", (7, 6, 1), bits)
    net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool10")], "logits")
    model = net.model()
    model.opset_import.append(helper.make_opsetid(QONNX, 1))
    return model


def _quantized_conv(
    net: Net, source: str, name: str, shape: tuple[int, int, int], bits: int
) -> str:
    outputs, inputs, kernel = shape
    weights = net.rng.normal(0, 0.4, (outputs, inputs, kernel, kernel))
    scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / (2 ** (bits - 1) - 1)
    stored = net.constant(f"{name}.weight", weights)
    rounded = _quant(net, stored, f"{name}.quant", (scale, 0.0, float(bits)), 1)
    made = net.relu(net.node("Conv", [source, rounded], f"{name}_pre", name=name), f"{name}_relu")
    return _quant(net, made, f"{name}_act", (0.02, 0.0, 8.0), 0)


def _quant(
    net: Net, source: str, output: str, values: tuple[Any, float, float], signed: int
) -> str:
    names = [net.constant(f"{output}.{i}", value) for i, value in enumerate(values)]
    more = {"signed": signed, "narrow": signed, "rounding_mode": "ROUND"}
    return net.node("Quant", [source, *names], output, domain=QONNX, **more)


def elementary(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with every Quant written as ordinary operators, for ONNX Runtime.

    Quant(x) = (clip(round(x / scale + zero), low, high) - zero) * scale; see QONNX's Quant.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    stored = {t.name: numpy_helper.to_array(t) for t in copy.graph.initializer}
    for node in copy.graph.node:
        if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t"):
            stored[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    nodes = []
    for node in copy.graph.node:
        if node.op_type == "Quant":
            nodes.extend(_spelled(node, stored, copy.graph))
        else:
            nodes.append(node)
    rest = list(nodes)
    del copy.graph.node[:]
    copy.graph.node.extend(rest)
    del copy.graph.value_info[:]
    return copy


def _spelled(
    node: onnx.NodeProto, stored: dict[str, Array], graph: onnx.GraphProto
) -> list[onnx.NodeProto]:
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    signed, narrow = attributes.get("signed", 1), attributes.get("narrow", 0)
    bits = float(stored[node.input[3]].reshape(-1)[0])
    high = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
    low = -(2 ** (bits - 1)) + narrow if signed else 0
    name = node.output[0]
    for end, value in (("low", low), ("high", high)):
        graph.initializer.append(
            numpy_helper.from_array(np.asarray(value, np.float32), f"{name}/{end}")
        )
    x, scale, zero = node.input[:3]
    return [
        helper.make_node("Div", [x, scale], [f"{name}/1"]),
        helper.make_node("Add", [f"{name}/1", zero], [f"{name}/2"]),
        helper.make_node("Round", [f"{name}/2"], [f"{name}/3"]),
        helper.make_node("Max", [f"{name}/3", f"{name}/low"], [f"{name}/4"]),
        helper.make_node("Min", [f"{name}/4", f"{name}/high"], [f"{name}/5"]),
        helper.make_node("Sub", [f"{name}/5", zero], [f"{name}/6"]),
        helper.make_node("Mul", [f"{name}/6", scale], [name]),
    ]
