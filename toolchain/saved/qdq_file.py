"""A QGraph as a QDQ file: an ONNX model that carries the integers themselves.

    Conv of a QGraph     int8 weights -> DequantizeLinear -> Conv -> Relu -> QuantizeLinear -> ...
    Addition             Add -> Relu -> QuantizeLinear -> ...
    Concat               Concat of values of one scale -> QuantizeLinear, which rounds nothing

Any program that knows ONNX can run the file, and Hearth takes its integers back exactly
(frontend/quantized, adopt): weights, biases, multipliers and the scale of every edge. A
codebook needs no format of its own: weights of few distinct values per layer are one. Other codings
are entries of the file's metadata (frontend/quantized/codings.py). Scales follow
from multipliers, scale_weight = M * 2^-S * scale_out / scale_in. The result of the last convolution
has 16 bits, which ONNX has since opset 21.

An edge narrower than its type is clipped between its two quantizers (QCDQ). An average pool of the
float network is the depthwise convolution that hardware has of it.

Not written: tables, which stand for an activation or for what an imported file requantizes; means
in the middle of a network; sums whose multipliers do not follow from scales, as hardware had the
shift already; preprocessing that changes the first layer's integers (colours of different scale) or
its bias (a mean). Such a network keeps its float file and is rounded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.hw.layers.addition.scales import natural_shift, ratios
from hearth.toolchain.frontend.quantized.codings import PREFIX, written
from hearth.toolchain.ir import (
    Array,
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    Graph,
    QGraph,
    Weighted,
    golden,
)
from hearth.toolchain.support.errors import HearthError

OPSET, IR_VERSION = 21, 10


def qdq_model(qgraph: QGraph, graph: Graph) -> onnx.ModelProto:
    """The checked file; `graph` is the float network that `qgraph` was made from."""
    pre = qgraph.preprocessing
    if any(pre.mean) or len(set(pre.scale)) > 1:
        raise HearthError(
            f"{qgraph.name}: a QDQ file needs preprocessing without a mean and with one scale for"
            f" all colours, found mean {pre.mean} and scale {pre.scale}"
        )
    for told in (layer for layer in qgraph.layers if not layer.implied):
        raise HearthError(
            f"{told.name}: a {told.kind} has no form in a QDQ file; use the file that it came from"
        )
    writer = _Writer(qgraph, graph)
    for layer in graph.layers:
        writer.layer(layer)
    tensor = writer.tensors[graph.layers[-1].tensor]
    logits = writer.node("Flatten", [tensor], "logits", axis=1)
    shape: list[str | int | None] = ["batch", graph.channels, graph.height, graph.width]
    classes = golden.classes(qgraph, "a QDQ file")
    body = helper.make_graph(
        writer.nodes,
        qgraph.name,
        [helper.make_tensor_value_info(graph.input_tensor, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(logits, TensorProto.FLOAT, ["batch", classes])],
        writer.constants,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(body, opset_imports=opsets, producer_name="hearth")
    model.ir_version = IR_VERSION
    helper.set_model_props(model, writer.told)
    onnx.checker.check_model(model, full_check=True)
    return model


class _Writer:
    """Collects nodes and constants in stream order."""

    def __init__(self, qgraph: QGraph, graph: Graph) -> None:
        self.pre = qgraph.preprocessing
        self.layers = {layer.name: layer for layer in qgraph.layers}
        self.convs = {layer.name: layer for layer in qgraph.weighted}
        self.edges = {edge.name: edge for edge in qgraph.edges}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.told: dict[str, str] = {}
        self.tensors = {graph.input_tensor: graph.input_tensor}
        """The tensor of the file that stands for one of the float network."""
        self.pixels = {graph.input_tensor}
        """Tensors that carry the photograph's bytes."""

    def node(
        self, kind: str, inputs: Sequence[str], output: str, name: str = "", **attributes: Any
    ) -> str:
        name = name or f"{output}/{kind}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def constant(self, name: str, values: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def layer(self, layer: FloatLayer) -> None:
        """Appends a layer, and the quantizers of the edge that it makes."""
        reads = [self.tensors[tensor] for tensor in layer.inputs]
        match layer:
            case FloatConv():
                made = self.edge(self.convolution(layer, reads[0]), layer)
            case FloatExpand():
                made = self.edge(self.expand(layer, reads[0]), layer)
            case FloatAdd():
                made = self.edge(self.addition(layer, reads), layer)
            case FloatConcat():
                made = self.node("Concat", reads, layer.tensor, layer.name, axis=1)
                made = self.edge(made, layer)
            case FloatMaxPool():
                made = self.max_pool(layer, reads[0])
            case FloatGlobalPool():
                made = self.node("GlobalAveragePool", reads, layer.tensor, layer.name)
            case _:
                raise TypeError(f"no QDQ form of {type(layer).__name__}")
        self.tensors[layer.tensor] = made

    def max_pool(self, layer: FloatMaxPool, tensor: str) -> str:
        sides = {"kernel_shape": list(layer.kernel), "strides": list(layer.strides)}
        more: dict[str, Any] = {"pads": list(layer.pads), "ceil_mode": int(layer.ceil)}
        if self.pixels.issuperset(layer.inputs):
            self.pixels.add(layer.tensor)
        return self.node("MaxPool", [tensor], layer.tensor, layer.name, **sides, **more)

    def convolution(self, layer: FloatConv, tensor: str) -> str:
        conv = self.convs[layer.name]
        (weights,) = conv.matrices
        self.say([layer], conv)
        return self.part(layer, conv, weights, slice(None), tensor, layer.tensor)

    def expand(self, layer: FloatExpand, tensor: str) -> str:
        conv, inner = self.convs[layer.name], len(layer.centre.weights)
        centre, window = conv.matrices
        self.say([layer.centre, layer.window], conv)
        halves = [
            self.part(part, conv, weights, rows, tensor, part.tensor)
            for part, weights, rows in (
                (layer.centre, centre, slice(None, inner)),
                (layer.window, window, slice(inner, None)),
            )
        ]
        return self.node("Concat", halves, layer.tensor, axis=1)

    def addition(self, layer: FloatAdd, reads: Sequence[str]) -> str:
        made = self.layers[layer.name]
        shift = natural_shift(ratios(made.sources, made.target))
        if shift != made.hardware_shift:
            raise HearthError(
                f"{made.name}: scales alone give its sum a shift of {shift}, but it has"
                f" {made.hardware_shift} from finished hardware, which a QDQ file cannot say;"
                " quantize without --like"
            )
        return self.rectified("Add", reads, layer, layer.tensor)

    def rectified(
        self,
        kind: str,
        reads: Sequence[str],
        layer: FloatConv | FloatAdd,
        result: str,
        **attributes: Any,
    ) -> str:
        """A node, and the ReLU of its layer if there is one."""
        sums = f"{layer.name}/sums" if layer.relu else result
        self.node(kind, reads, sums, layer.name, **attributes)
        return self.node("Relu", [sums], result) if layer.relu else sums

    def say(self, parts: Sequence[FloatConv], conv: Weighted) -> None:
        """Names the codings of a layer where its weights alone do not show them."""
        if len({coding.key for coding in conv.codings}) > 1 or conv.codings[0].window:
            for part, coding in zip(parts, conv.codings, strict=True):
                self.told[PREFIX + part.name] = written(coding)

    def part(
        self,
        real: FloatConv,
        conv: Weighted,
        weights: Array,
        rows: slice,
        tensor: str,
        result: str,
    ) -> str:
        """One convolution of the file, with its ReLU if it has one."""
        first = self.pixels.issuperset(real.inputs)
        step = conv.source.scale * (self.pre.scale[0] if first else 1.0)
        factor = conv.multiplier[rows].astype(np.float64)
        if len(conv.fraction):
            factor += conv.fraction[rows] / 256
        ratio = factor / 2.0**conv.shift
        scale = ratio * conv.target.scale / step
        shape = (len(weights), *real.kernel, -1)
        integers = weights.reshape(shape).transpose(0, 3, 1, 2)
        if first:
            integers = self.pre.exchanged(integers, axis=1)
        name = real.name
        inputs = [tensor, self.integers(f"{name}.weight", integers, scale)]
        inputs.append(self.integers(f"{name}.bias", conv.bias[rows], scale * step))
        sizes = {
            "kernel_shape": list(real.kernel),
            "strides": list(real.strides),
            "dilations": list(real.dilations),
            "pads": list(real.pads),
        }
        return self.rectified("Conv", inputs, real, result, group=real.groups, **sizes)

    def integers(self, name: str, values: Array, scale: Array) -> str:
        """Integers with a scale per output channel."""
        zero = np.zeros(len(scale), values.dtype)
        inputs = [
            self.constant(f"{name}.integers", values),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.constant(f"{name}.zero", zero),
        ]
        return self.node("DequantizeLinear", inputs, name, axis=0)

    def edge(self, tensor: str, layer: FloatLayer) -> str:
        """The pair of quantizers that stands for the edge that a layer makes."""
        edge = self.edges[layer.tensor]
        scale = self.constant(f"{tensor}.scale", np.array(edge.scale, np.float32))
        zero = self.constant(f"{tensor}.zero", np.array(0, edge.dtype))
        codes = self.node("QuantizeLinear", [tensor, scale, zero], f"{tensor}/integers")
        limits = np.iinfo(edge.dtype)
        if (edge.low, edge.high) != (limits.min, limits.max):
            bounds = [
                self.constant(f"{tensor}.{name}", np.array(value, edge.dtype))
                for name, value in (("lowest", edge.low), ("highest", edge.high))
            ]
            codes = self.node("Clip", [codes, *bounds], f"{tensor}/clipped")
        return self.node("DequantizeLinear", [codes, scale, zero], f"{tensor}/steps")
