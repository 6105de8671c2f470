"""Small ONNX networks for tests: every operator, opset and spelling seen in SqueezeNet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import read_onnx
from hearth.toolchain.frontend.recognise import recognise
from hearth.toolchain.frontend.simplify import simplify
from hearth.toolchain.ir import Array, Graph, Preprocessing, QGraph
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import Quantization, quantize

PIXELS = Preprocessing("RGB", (120.0, 110.0, 100.0), (1 / 64, 1 / 64, 1 / 64))
SIZE = 16


class Net:
    """Collects nodes; each method adds one and returns the tensor it writes."""

    def __init__(self, opset: int = 13, seed: int = 0, gain: float = 1.0) -> None:
        self.opset = opset
        self.gain = gain
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []

    def constant(self, name: str, array: Any, dtype: Any = np.float32) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        name = attributes.pop("name", output)
        node = helper.make_node(op, list(inputs), [output], name=name, **attributes)
        self.nodes.append(node)
        return output

    def conv(
        self,
        source: str,
        name: str,
        shape: tuple[int, int, int] | tuple[int, int, int, int],
        bias: bool = True,
        **attributes: Any,
    ) -> str:
        """shape is (outputs, inputs, kernel), or with rows and columns of the kernel, and inputs of
        a group. The tensor is `name`_pre."""
        outputs, inputs, rows, columns = shape if len(shape) == 4 else (*shape, shape[2])
        spread = self.gain * np.sqrt(2 / (inputs * rows * columns))
        weights = self.rng.normal(0, spread, (outputs, inputs, rows, columns))
        names = [source, self.constant(f"{name}.weight", weights)]
        if bias:
            names.append(self.constant(f"{name}.bias", self.rng.normal(0.05, 0.1, outputs)))
        return self.node("Conv", names, f"{name}_pre", name=name, **attributes)

    def relu(self, source: str, output: str) -> str:
        return self.node("Relu", [source], output, name=f"{output}/relu")

    def conv_relu(
        self,
        source: str,
        name: str,
        shape: tuple[int, int, int] | tuple[int, int, int, int],
        **attributes: Any,
    ) -> str:
        return self.relu(self.conv(source, name, shape, **attributes), name)

    def fire(self, source: str, name: str, channels: tuple[int, int, int, int]) -> str:
        """channels: inputs, squeeze, expand1x1, expand3x3."""
        inputs, squeeze, one, three = channels
        middle = self.conv_relu(source, f"{name}/squeeze1x1", (squeeze, inputs, 1))
        left = self.conv_relu(middle, f"{name}/expand1x1", (one, squeeze, 1))
        right = self.conv_relu(middle, f"{name}/expand3x3", (three, squeeze, 3), pads=[1] * 4)
        return self.node("Concat", [left, right], f"{name}/concat", axis=1)

    def head(self, source: str, inputs: int, classes: int = 7) -> str:
        """Classifier, global pool, flattening."""
        last = self.conv_relu(source, "conv10", (classes, inputs, 1))
        pooled = self.node("GlobalAveragePool", [last], "pool10")
        return self.node("Flatten", [pooled], "logits")

    def model(
        self, output: str = "logits", shape: Sequence[int | str] = ("N", 3, SIZE, SIZE)
    ) -> onnx.ModelProto:
        entry = helper.make_tensor_value_info("data", TensorProto.FLOAT, list(shape))
        rank = ["n", "c"] if output == "logits" else None
        end = helper.make_tensor_value_info(output, TensorProto.FLOAT, rank)
        graph = helper.make_graph(self.nodes, "net", [entry], [end], self.weights)
        opsets = [helper.make_opsetid("", self.opset)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def small(opset: int = 13, seed: int = 0, gain: float = 1.0, **head: Any) -> Net:
    """conv1, pool, one Fire module, classifier: a SqueezeNet of four layers."""
    net = Net(opset, seed, gain)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2], **head)
    net.head(net.fire(tensor, "fire2", (8, 4, 6, 5)), 11)
    return net


def mobile(seed: int = 0) -> Net:
    """Depthwise and pointwise, a linear bottleneck, groups, a row and a column, taps apart, a pool
    of a column: what convolutions can do beside a SqueezeNet's."""
    net = Net(seed=seed)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2], pads=[1] * 4)
    tensor = net.conv_relu(tensor, "depthwise", (8, 1, 3), group=8, pads=[1] * 4)
    tensor = net.conv(tensor, "linear", (4, 8, 1))
    tensor = net.conv_relu(
        tensor, "grouped", (12, 2, 3, 2), group=2, strides=[1, 2], pads=[1, 0, 1, 1]
    )
    tensor = net.node(
        "MaxPool", [tensor], "pool", kernel_shape=[3, 1], strides=[2, 1], pads=[1, 0, 0, 0]
    )
    tensor = net.conv_relu(tensor, "row", (6, 12, 1, 3), pads=[0, 1, 0, 1])
    tensor = net.conv_relu(tensor, "apart", (9, 6, 2, 3), dilations=[2, 1], pads=[1, 1, 1, 1])
    net.head(tensor, 9)
    return net


def save(model: onnx.ModelProto, folder: Path, name: str = "net.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def front_end(model: onnx.ModelProto, folder: Path) -> tuple[OnnxModel, Graph]:
    """Through the file, as a user's model goes."""
    checked = simplify(read_onnx(save(model, folder)))
    return checked, recognise(checked)


def photographs(count: int, height: int = SIZE, width: int = SIZE, seed: int = 1) -> Array:
    """Smooth random frames: closer to photographs than white noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (count, -(-height // 4), -(-width // 4), 3))
    fine = coarse.repeat(4, axis=1).repeat(4, axis=2)[:, :height, :width]
    return (fine + rng.normal(0, 8, fine.shape)).clip(0, 255).astype(np.uint8)


def quantized(model: onnx.ModelProto, folder: Path, **options: Any) -> QGraph:
    """The model's QGraph, calibrated on `photographs`."""
    checked, graph = front_end(model, folder)
    frames = photographs(24, graph.height, graph.width)
    statistics = calibration.collect(checked, graph, [frames], PIXELS, "test")
    return quantize(graph, statistics, PIXELS, Quantization(**options))
