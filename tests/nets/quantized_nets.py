"""Quantized networks for tests: by ONNX Runtime's quantizer, and by hand in every spelling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hearth.hw.layers.conv import Conv
from hearth.toolchain.adopt.network import adopt
from hearth.toolchain.data.images import as_float
from hearth.toolchain.ir import Array, Preprocessing, QGraph, golden
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from tests import yardstick
from tests.nets.onnx_nets import PIXELS, Net, front_end, photographs, save, small

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


Q = dict[str, tuple[float, int] | None]
PLACES: Q = {
    "conv1": (0.02, 0),
    "pool1": (0.02, 0),
    "squeeze": (0.02, 0),
    "one": (0.02, 0),
    "three": (0.02, 0),
    "concat": (0.02, 0),
    "conv2": (0.02, 0),
    "gap": None,
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
    scores = net.node("GlobalAveragePool", [end("conv2", last)], "gap")
    net.node("Flatten", [end("gap", scores)], "logits")
    return net.model()


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
