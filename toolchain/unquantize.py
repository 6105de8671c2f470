"""Already quantized ONNX files: the quantizers are taken out, their integers kept aside.

    x -> QuantizeLinear -> DequantizeLinear -> Conv      x -> Conv, or x -> Relu where the
    int8 weights -> DequantizeLinear -> Conv             quantizer also cut off negative values;
    x -> Quant -> Conv           (QONNX)                 weights as the floats that they stand for

QDQ as ONNX Runtime's quantize_static writes it, Quant nodes as QONNX and Brevitas write them. The
network that is left is an ordinary float one; passes/adopt.py later puts the kept integers and
scales in the place of those that quantize.py chose. What hardware cannot do exactly is refused:
zero points of activations other than the type's lowest value, scales per channel on activations,
zero points on weights, more than 8 bits. The quantizer of the input alone is dropped without a
trace, since hardware reads the photograph's bytes themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import helper, numpy_helper

from toolchain.errors import HearthError
from toolchain.ir import Array

QUANT_DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
INTEGERS = {"int8": (-128, 8), "uint8": (0, 8)}
"""Lowest value and bits of the types that activations may have."""
WIDE = {"int16": True, "uint16": False}
"""Types (signed or not) that the last convolution's results may have besides, zero point 0."""


@dataclass(frozen=True, eq=False)
class KeptWeights:
    """integers int8 in ONNX order [out, in, kernel, kernel], and their bits."""

    integers: Array
    bits: int


@dataclass(frozen=True)
class KeptEdge:
    """Scale and bits of an activation with zero point 0; signed, or of more than 8 bits, only
    behind the last convolution."""

    scale: float
    bits: int
    signed: bool = False


@dataclass(frozen=True, eq=False)
class Kept:
    """What a quantized file has decided: weights by convolution, scales by tensor."""

    weights: Mapping[str, KeptWeights] = field(default_factory=dict)
    edges: Mapping[str, KeptEdge] = field(default_factory=dict)


def unquantize(proto: onnx.ModelProto) -> tuple[onnx.ModelProto, Kept]:
    """The float network and what was taken out of it; the file itself if it is a float one."""
    if not any(_is_quantizer(node) for node in proto.graph.node):
        return proto, Kept()
    work = _Work(proto)
    for node in proto.graph.node:
        work.take(node)
    return work.model(), Kept(work.convolutions(), work.edges)


def _is_quantizer(node: onnx.NodeProto) -> bool:
    return node.op_type == "DequantizeLinear" or _is_quant(node)


def _is_quant(node: onnx.NodeProto) -> bool:
    return node.op_type == "Quant" and node.domain in QUANT_DOMAINS


class _Work:
    """Goes through the nodes in order and collects the float network's."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self.proto = proto
        self.constants = {t.name: numpy_helper.to_array(t) for t in proto.graph.initializer}
        for node in proto.graph.node:
            if node.op_type == "Constant" and node.attribute and node.attribute[0].name == "value":
                self.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.producers = {t: n for n in proto.graph.node for t in n.output}
        self.inputs = {entry.name for entry in proto.graph.input}
        self.outputs = {entry.name for entry in proto.graph.output}
        self.nodes: list[onnx.NodeProto] = []
        self.renamed: dict[str, str] = {}
        self.floats: dict[str, Array] = {}
        self.weights: dict[str, KeptWeights] = {}
        self.edges: dict[str, KeptEdge] = {}

    def take(self, node: onnx.NodeProto) -> None:
        """Copy a node, or remember what a quantizer says."""
        if node.op_type == "QuantizeLinear":
            return
        if not _is_quantizer(node):
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            del copy.input[:]
            copy.input.extend(self.renamed.get(name, name) for name in node.input)
            self.nodes.append(copy)
        elif node.input[0] in self.constants:
            self._constant(node)
        else:
            self._activation(node)

    # ---------------------------------------------------------------- constants

    def _constant(self, node: onnx.NodeProto) -> None:
        """Weights or a bias: integers times scale."""
        if _is_quant(node):
            integers, scale, bits = self._quant_weights(node)
        else:
            integers, scale, bits = self._stored(node)
        name = node.output[0]
        self.floats[name] = (integers * scale).astype(np.float32)
        if integers.ndim == 4:
            self.weights[name] = KeptWeights(integers.astype(np.int8), bits)

    def _stored(self, node: onnx.NodeProto) -> tuple[Array, Array, int]:
        """Integers of a DequantizeLinear, its scale ready to multiply, and bits."""
        integers = self.constants[node.input[0]]
        scale, zero = self._scale(node)
        axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
        shape = [1] * integers.ndim
        if scale.size > 1:
            shape[axis] = scale.size
        middle = 128 if integers.dtype == np.uint8 else 0
        if integers.dtype.name not in ("int8", "uint8", "int32") or (zero != middle).any():
            raise HearthError(
                f"{_name(node)}: weights should be int8 with zero point 0, or uint8 with 128,"
                f" found {integers.dtype} with {sorted(set(zero.reshape(-1).tolist()))[:4]};"
                " quantize with symmetric weights"
            )
        return integers.astype(np.int64) - middle, scale.reshape(shape).astype(np.float64), 8

    def _quant_weights(self, node: onnx.NodeProto) -> tuple[Array, Array, int]:
        """Integers that a Quant node makes of float weights."""
        scale, bits, signed, narrow = self._quant(node)
        if not signed:
            raise HearthError(f"{_name(node)}: weights should be signed, found an unsigned Quant")
        high = 2 ** (bits - 1) - 1
        integers = np.rint(self.constants[node.input[0]].astype(np.float64) / scale)
        return integers.clip(-high if narrow else -high - 1, high), scale, bits

    def _quant(self, node: onnx.NodeProto) -> tuple[Array, int, bool, bool]:
        """Scale, bits, signed and narrow of a QONNX Quant node that hardware can do exactly."""
        scale, zero, width = (self._value(node, i) for i in (1, 2, 3))
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        mode = attributes.get("rounding_mode", b"ROUND")
        bits = int(width.reshape(-1)[0])
        if zero.any() or width.size > 1 or not 2 <= bits <= 8 or mode not in (b"ROUND", "ROUND"):
            raise HearthError(
                f"{_name(node)}: a Quant of 2 to 8 bits with zero point 0 that rounds to nearest is"
                f" expected, found {width.reshape(-1)[0]:g} bits, zero point"
                f" {zero.reshape(-1)[0]:g}, {mode!r}"
            )
        narrow = bool(attributes.get("narrow", 0))
        return scale.astype(np.float64), bits, bool(attributes.get("signed", 1)), narrow

    def _value(self, node: onnx.NodeProto, position: int) -> Array:
        name = node.input[position] if position < len(node.input) else ""
        if name not in self.constants:
            raise HearthError(
                f"{_name(node)}: its scale and zero point should be constants of the file, but"
                f" '{name}' is computed"
            )
        return np.asarray(self.constants[name])

    def _scale(self, node: onnx.NodeProto) -> tuple[Array, Array]:
        scale = self._value(node, 1)
        return scale, self._value(node, 2) if len(node.input) > 2 else np.zeros(1, np.int64)

    # ---------------------------------------------------------------- activations

    def _activation(self, node: onnx.NodeProto) -> None:
        """The pair of quantizers goes; a Relu takes its place where it cut off negative values."""
        quantizer = node if _is_quant(node) else self.producers.get(node.input[0])
        if quantizer is None or (not _is_quant(node) and quantizer.op_type != "QuantizeLinear"):
            raise HearthError(
                f"{_name(node)}: a QuantizeLinear is expected in front of this DequantizeLinear,"
                f" found {quantizer.op_type if quantizer else 'none'}"
            )
        source, target = self.renamed.get(quantizer.input[0], quantizer.input[0]), node.output[0]
        if source in self.inputs:
            self._pass(source, target)
            return
        kept = self._edge(node, quantizer)
        before = self.producers.get(source)
        if before is not None and before.op_type == "Conv" and not kept.signed:
            self.nodes.append(helper.make_node("Relu", [source], [target], name=f"{target}/relu"))
            self.edges[target] = kept
        else:
            self.edges[source] = kept
            self._pass(source, target)

    def _edge(self, node: onnx.NodeProto, quantizer: onnx.NodeProto) -> KeptEdge:
        """Scale and bits of an activation that is an unsigned integer with zero point 0."""
        if _is_quant(node):
            scale, bits, signed, _ = self._quant(node)
            lowest, zero = (1 if signed else 0), np.zeros(1)
        else:
            scale, zero = self._scale(quantizer)
            if zero.dtype.name in WIDE and scale.size == 1 and not zero.any():
                return KeptEdge(float(scale.reshape(-1)[0]), 16, WIDE[zero.dtype.name])
            lowest, bits = INTEGERS.get(zero.dtype.name, (1, 0))
        if scale.size > 1 or (zero != lowest).any():
            raise HearthError(
                f"{_name(node)}: activations should be unsigned 8-bit integers of one scale whose"
                f" zero point is their lowest value, found {zero.dtype} with zero point"
                f" {zero.reshape(-1)[0]:g} and {scale.size} scales; only what follows a Relu can"
                " be kept as it is"
            )
        return KeptEdge(float(scale.reshape(-1)[0]), bits)

    def _pass(self, source: str, target: str) -> None:
        """Readers of `target` read `source`; an output of the network keeps its name."""
        if target in self.outputs:
            self.nodes.append(
                helper.make_node("Identity", [source], [target], name=f"{target}/end")
            )
        else:
            self.renamed[target] = source

    # ---------------------------------------------------------------- results

    def convolutions(self) -> dict[str, KeptWeights]:
        """Kept weights by the name of the convolution that uses them."""
        return {
            _name(node): self.weights[node.input[1]]
            for node in self.nodes
            if node.op_type == "Conv" and node.input[1] in self.weights
        }

    def model(self) -> onnx.ModelProto:
        """The float network; constants that nothing reads any more are dropped."""
        result = onnx.ModelProto()
        result.CopyFrom(self.proto)
        graph = result.graph
        used = {name for node in self.nodes for name in node.input}
        kept = [t for t in self.proto.graph.initializer if t.name in used]
        floats = [numpy_helper.from_array(v, n) for n, v in self.floats.items() if n in used]
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self.nodes)
        graph.initializer.extend([*kept, *floats])
        domains = [entry for entry in result.opset_import if entry.domain not in QUANT_DOMAINS]
        del result.opset_import[:]
        result.opset_import.extend(domains)
        return result


def _name(node: onnx.NodeProto) -> str:
    return node.name or (node.output[0] if node.output else node.op_type)
