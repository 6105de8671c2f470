"""A QGraph as a QDQ file: an ONNX model that carries the integers themselves.

    Conv of a QGraph     int8 weights -> DequantizeLinear -> Conv -> Relu -> QuantizeLinear -> ...

Any program that knows ONNX can run the file, and Hearth takes its integers back exactly
(frontend/quantized, adopt): weights, biases, multipliers and the scale of every edge. A
codebook needs no format of its own: weights of few distinct values per layer are one. Other codings
are entries of the file's metadata (frontend/quantized/codings.py). Scales follow
from multipliers, scale_weight = M * 2^-S * scale_out / scale_in. The result of the last convolution
has 16 bits, which ONNX has since opset 21.

An edge narrower than its type is clipped between its two quantizers (QCDQ).

Not written: tables, which stand for what an imported file requantizes; preprocessing that changes
the first layer's integers (colours of different scale) or its bias (a mean). Such a network keeps
its float file and is rounded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.quantized.codings import PREFIX, written
from hearth.toolchain.ir import (
    Array,
    Edge,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatMaxPool,
    Graph,
    QGraph,
    Weighted,
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
    for table in (layer for layer in qgraph.layers if not layer.implied):
        raise HearthError(
            f"{table.name}: a table has no form in a QDQ file; use the file that it came from"
        )
    for join in qgraph.joins:
        raise HearthError(
            f"{join.name}: {len(join.sources)} paths meet here, and a QDQ file is written of chains"
            " of layers only"
        )
    writer = _Writer(qgraph)
    tensor, edge = graph.input_tensor, qgraph.input
    for layer in graph.layers:
        tensor, edge = writer.layer(layer, tensor, edge)
    logits = writer.node("Flatten", [tensor], "logits", axis=1)
    shape: list[str | int | None] = ["batch", graph.channels, graph.height, graph.width]
    classes = qgraph.layers[-1].source.channels
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

    def __init__(self, qgraph: QGraph) -> None:
        self.pre = qgraph.preprocessing
        self.convs = {layer.name: layer for layer in qgraph.weighted}
        self.edges = {layer.target.name: layer.target for layer in qgraph.layers}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self.told: dict[str, str] = {}
        self.first = True

    def node(
        self, kind: str, inputs: Sequence[str], output: str, name: str = "", **attributes: Any
    ) -> str:
        name = name or f"{output}/{kind}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def constant(self, name: str, values: Array) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def layer(self, layer: object, tensor: str, edge: Edge) -> tuple[str, Edge]:
        """Appends a layer; returns the tensor and the edge that the next one reads."""
        match layer:
            case FloatConv():
                return self.convolution(layer, tensor, edge)
            case FloatExpand():
                return self.expand(layer, tensor, edge)
            case FloatMaxPool():
                sides = {"kernel_shape": list(layer.kernel), "strides": list(layer.strides)}
                more: dict[str, Any] = {"pads": list(layer.pads), "ceil_mode": int(layer.ceil)}
                made = self.node("MaxPool", [tensor], layer.tensor, layer.name, **sides, **more)
                return made, self.edges[layer.tensor]
            case FloatGlobalPool():
                return self.node("GlobalAveragePool", [tensor], layer.tensor, layer.name), edge
        raise TypeError(f"no QDQ form of {type(layer).__name__}")

    def convolution(self, layer: FloatConv, tensor: str, source: Edge) -> tuple[str, Edge]:
        conv = self.convs[layer.name]
        (weights,) = conv.matrices
        self.say([layer], conv)
        made = self.part(layer, conv, weights, slice(None), tensor, source, layer.tensor)
        return self.edge(made, conv.target), conv.target

    def expand(self, layer: FloatExpand, tensor: str, source: Edge) -> tuple[str, Edge]:
        conv, inner = self.convs[layer.name], len(layer.centre.weights)
        centre, window = conv.matrices
        self.say([layer.centre, layer.window], conv)
        halves = [
            self.part(part, conv, weights, rows, tensor, source, part.tensor)
            for part, weights, rows in (
                (layer.centre, centre, slice(None, inner)),
                (layer.window, window, slice(inner, None)),
            )
        ]
        made = self.node("Concat", halves, layer.tensor, axis=1)
        return self.edge(made, conv.target), conv.target

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
        source: Edge,
        result: str,
    ) -> str:
        """One convolution of the file, with its ReLU if it has one."""
        step = source.scale * (self.pre.scale[0] if self.first else 1.0)
        ratio = conv.multiplier[rows].astype(np.float64) / 2.0**conv.shift
        scale = ratio * conv.target.scale / step
        shape = (len(weights), *real.kernel, -1)
        integers = weights.reshape(shape).transpose(0, 3, 1, 2)
        if self.first and self.pre.channel_order == "BGR":
            integers = integers[:, ::-1]
        self.first = False
        name = real.name
        inputs = [tensor, self.integers(f"{name}.weight", integers, scale)]
        inputs.append(self.integers(f"{name}.bias", conv.bias[rows], scale * step))
        sizes = {
            "kernel_shape": list(real.kernel),
            "strides": list(real.strides),
            "dilations": list(real.dilations),
            "pads": list(real.pads),
        }
        sums = f"{name}/sums" if real.relu else result
        self.node("Conv", inputs, sums, name, group=real.groups, **sizes)
        return self.node("Relu", [sums], result) if real.relu else sums

    def integers(self, name: str, values: Array, scale: Array) -> str:
        """Integers with a scale per output channel."""
        zero = np.zeros(len(scale), values.dtype)
        inputs = [
            self.constant(f"{name}.integers", values),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.constant(f"{name}.zero", zero),
        ]
        return self.node("DequantizeLinear", inputs, name, axis=0)

    def edge(self, tensor: str, edge: Edge) -> str:
        """The pair of quantizers that stands for an edge."""
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
