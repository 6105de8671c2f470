"""Every form of quantizer becomes one, and what is left is an ordinary float network.

    x -> QuantizeLinear (-> Clip) -> DequantizeLinear -> Conv       x -> Identity -> Conv
    x -> Quant -> Conv                     (QONNX)                  and the Identity is known to be
    x -> QLinearConv -> y                  (QOperator)              a `Quantizer`
    int8 weights -> DequantizeLinear -> Conv                        float weights -> Conv, and
    float weights -> QuantizeLinear -> DequantizeLinear -> Conv     their integers are kept

Tensors keep the names that they have in the file, so that ONNX Runtime can be asked for them. An
operator that only moves integers about (a MaxPool on uint8) reads and writes real values here.
Which quantizers a layer meets is read off the result by trace.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import helper

from hearth.toolchain.frontend.quantized import parameters
from hearth.toolchain.frontend.quantized.constants import Constants, clip_bounds, quant_form
from hearth.toolchain.frontend.quantized.kept import Codes, Kept, KeptWeights, Quantizer
from hearth.toolchain.frontend.quantized.network import Network, clone
from hearth.toolchain.frontend.quantized.parameters import node_name
from hearth.toolchain.frontend.quantized.qoperator import FORMS, without_qoperators
from hearth.toolchain.frontend.quantized.trace import AFFINE, trace
from hearth.toolchain.support.errors import HearthError

QUANT_DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
QUANTS = ("Quant", "IntQuant")
LINEAR = ("QuantizeLinear", "DequantizeLinear")
REFUSED = {
    "BipolarQuant": "quantizers to two values are not supported; use a Quant of 2 bits",
    "FloatQuant": "quantizers to short floating-point numbers are not supported",
    "Trunc": "cutting off bits while running is not supported",
    "DynamicQuantizeLinear": "a quantizer that measures its own range while running is not"
    " supported; quantize statically",
}
WEIGHTED = ("Conv", "Gemm", "MatMul")
MOVING = ("Flatten", "Identity", "MaxPool", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""Operators that give the same on integers and on what they stand for."""


def normalise(proto: onnx.ModelProto) -> tuple[onnx.ModelProto, Kept]:
    """The float network and what was taken out of it; the file itself if it is a float one.

    `proto` is what leads to its outputs, in topological order (live.py).
    """
    for node in proto.graph.node:
        if node.op_type in REFUSED:
            raise HearthError(f"{node_name(node)}: {REFUSED[node.op_type]}")
    if not any(_is_quantizer(node) or node.op_type in FORMS for node in proto.graph.node):
        return proto, Kept()
    names = [entry.name for entry in proto.graph.output]
    if len(names) > 1:
        raise HearthError(
            f"{', '.join(names)}: an already quantized file with {len(names)} outputs is not"
            " supported; give the float file"
        )
    plain = without_qoperators(proto)
    work = _Work(plain)
    for node in plain.graph.node:
        work.take(node)
    output = proto.graph.output[0].name
    if output in work.integers:
        raise HearthError(
            f"{output}: the output should be real numbers, found integers; leave the last"
            " DequantizeLinear in the file"
        )
    constants = work.constants.values
    trails = trace(work.net.nodes, constants, work.quantizers, output)
    return work.net.model(constants, QUANT_DOMAINS), Kept(work.weights, trails, work.codes)


def _is_quantizer(node: onnx.NodeProto) -> bool:
    return node.op_type in LINEAR or is_quant(node)


def is_quant(node: onnx.NodeProto) -> bool:
    """Whether a node is QONNX's quantizer."""
    return node.op_type in QUANTS and node.domain in QUANT_DOMAINS


PASSING = ("Concat", "Identity", "Transpose")
"""What hands on whether values have a sign."""


@dataclass(frozen=True)
class _Integers:
    """A tensor of integers: real = scale * (integer - zero). While `waiting`, they still have to
    be made by rounding `real`; afterwards `real` is what they stand for."""

    real: str
    quantizer: Quantizer
    zero: int
    waiting: bool


class _Work:
    """Goes through the nodes in order and collects the float network's."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        self.constants = Constants(proto.graph)
        self.net = Network(proto)
        self.integers: dict[str, _Integers] = {}
        self.quantizers: dict[str, Quantizer] = {}
        """By the tensor that is rounded."""
        self.weights: dict[str, KeptWeights] = {}
        self.codes: dict[str, Codes] = {}
        self.relus: dict[str, str] = {}

    def take(self, node: onnx.NodeProto) -> None:
        """Copy a node, or remember what a quantizer says."""
        known = bool(node.input) and node.input[0] in self.constants
        kind = node.op_type if not is_quant(node) else "Quant"
        if kind == "Mul" and all(name in self.constants for name in node.input):
            self.constants.multiply(node)
        elif kind in (*LINEAR, "Quant") and not (node.input and node.output):
            raise HearthError(f"{node_name(node)}: a {kind} without input or output")
        elif kind == "QuantizeLinear":
            self.constants.quantize(node) if known else self._quantize(node)
        elif kind == "DequantizeLinear":
            self.constants.dequantize(node) if known else self._dequantize(node)
        elif kind == "Quant":
            self.constants.quant(node) if known else self._quant(node)
        elif kind == "Clip" and known:
            self.constants.clip(node)
        elif kind == "Clip" and node.input[0] in self.integers:
            self._narrow(node)
        elif any(name in self.integers for name in node.input):
            self._move(node)
        else:
            self._copy(node)

    # ---------------------------------------------------------------- quantizers

    def _quantize(self, node: onnx.NodeProto) -> None:
        """x -> integers; rounding waits until somebody reads them."""
        found = parameters.linear(node, self.constants.values)
        scale, zero = parameters.one(node, found)
        self._activation_bits(node, found.low, found.high)
        quantizer = Quantizer(node_name(node), scale, found.low - zero, found.high - zero)
        self._check_zero(node, quantizer, zero)
        self.integers[node.output[0]] = _Integers(self._plain(node), quantizer, zero, True)

    def _dequantize(self, node: onnx.NodeProto) -> None:
        """Integers -> what they stand for."""
        held = self.integers.get(node.input[0])
        if held is None:
            raise HearthError(
                f"{node_name(node)}: a QuantizeLinear is expected in front of this"
                " DequantizeLinear, found none"
            )
        scale, zero = self._dequantizer(node)
        if abs(scale - held.quantizer.scale) > 1e-6 * scale or zero != held.zero:
            raise HearthError(
                f"{node_name(node)}: scale {scale:g} and zero point {zero} should be those of the"
                f" quantizer {held.quantizer.name}, {held.quantizer.scale:g} and {held.zero}"
            )
        self._become(node.output[0], held)

    def _dequantizer(self, node: onnx.NodeProto) -> tuple[float, int]:
        """Scale and zero point of a DequantizeLinear, which may leave the latter out."""
        values = self.constants.values
        scales = np.unique(parameters.scale(node, parameters.constant(node, 1, values)))
        zeros = np.zeros(1, np.int64)
        if len(node.input) > 2 and node.input[2]:
            given = parameters.constant(node, 2, values)
            zeros = np.unique(parameters.whole(node, given, "zero point"))
        return parameters.one(node, parameters.Linear(scales, zeros, 0, 0))

    def _quant(self, node: onnx.NodeProto) -> None:
        """QONNX: both in one node."""
        found = quant_form(node, self.constants.values, parameters.MOST_BITS)
        scale, zero = parameters.one(node, found)
        quantizer = Quantizer(node_name(node), scale, found.low - zero, found.high - zero)
        self._check_zero(node, quantizer, zero)
        self._become(node.output[0], _Integers(self._plain(node), quantizer, zero, True))

    def _narrow(self, node: onnx.NodeProto) -> None:
        """Clip of integers (QCDQ): a quantizer of fewer values."""
        held = self.integers[node.input[0]]
        low, high = clip_bounds(node, self.constants.values, (-np.inf, np.inf))
        before = held.quantizer
        after = replace(
            before,
            low=int(max(before.low, np.ceil(low) - held.zero)),
            high=int(min(before.high, np.floor(high) - held.zero)),
        )
        if after.low > 0 or after.high < 0:
            raise HearthError(
                f"{node_name(node)}: Clip from {low:g} to {high:g} leaves out the zero point"
                f" {held.zero}"
            )
        self.integers[node.output[0]] = replace(held, quantizer=after, waiting=True)

    def _become(self, target: str, held: _Integers) -> None:
        """`target` is what integers stand for: an Identity, and a quantizer while they wait."""
        source = held.real
        if held.waiting:
            self.quantizers[target] = held.quantizer
            if held.quantizer.low >= 0 and self._signed(source):
                source = self._relu(source)
        self.net.append(helper.make_node("Identity", [source], [target]))

    def _relu(self, source: str) -> str:
        """The ReLU that a quantizer stands for, one for all readers."""
        if source not in self.relus:
            target = self.relus[source] = self.net.fresh(f"{source}/relu")
            self.net.append(helper.make_node("Relu", [source], [target]))
        return self.relus[source]

    def _signed(self, tensor: str) -> bool:
        """Whether a tensor is a convolution's result without a ReLU: what a quantizer without
        negative values then does instead."""
        known: dict[str, bool] = {}
        pending = [tensor]
        while pending:
            name = pending[-1]
            node = self.net.producers.get(name)
            through = node is not None and node.op_type in (*AFFINE, *PASSING)
            waiting = [i for i in node.input if i not in known] if node and through else []
            if waiting:
                pending += waiting
                continue
            pending.pop()
            if node is None or not through:
                known[name] = node is not None and node.op_type == "Conv"
            else:
                each = all if node.op_type == "Concat" else any
                known[name] = each(known[i] for i in node.input)
        return known[tensor]

    @staticmethod
    def _activation_bits(node: onnx.NodeProto, low: int, high: int) -> None:
        if high - low >= 1 << parameters.MOST_BITS:
            raise HearthError(
                f"{node_name(node)}: activations should be quantized to 8 bits or fewer, found"
                f" {low} to {high}"
            )

    @staticmethod
    def _check_zero(node: onnx.NodeProto, quantizer: Quantizer, zero: int) -> None:
        if quantizer.low > 0 or quantizer.high < 0:
            raise HearthError(
                f"{node_name(node)}: its zero point {zero} lies outside of its own range"
                f" {quantizer.low + zero} to {quantizer.high + zero}"
            )

    # ---------------------------------------------------------------- everything else

    def _plain(self, node: onnx.NodeProto) -> str:
        """The real tensor that a quantizer rounds."""
        name = str(node.input[0])
        if name in self.integers:
            raise HearthError(f"{node_name(node)}: quantizes integers of another quantizer")
        return name

    def _move(self, node: onnx.NodeProto) -> None:
        """An operator on integers that changes none of them, done on what they stand for."""
        sources = [self.integers[name] for name in node.input if name in self.integers]
        first = sources[0]
        if node.op_type == "ArgMax":  # ranks integers as it ranks what they stand for
            copy = clone(node)
            copy.input[0] = self._settled(node.input[0]).real
            self.net.append(copy)
            return
        same = all(
            (s.quantizer.scale, s.zero) == (first.quantizer.scale, first.zero) for s in sources
        )
        joined = node.op_type == "Concat" and len(sources) == len(node.input)
        if not same or not (joined or (node.op_type in MOVING and len(node.output) == 1)):
            raise HearthError(
                f"{node_name(node)}: a {node.op_type} of the integers of {first.quantizer.name} is"
                " not supported; dequantize them first"
            )
        copy = clone(node)
        for i, name in enumerate(node.input):
            if name in self.integers:
                copy.input[i] = self._settled(name).real
        target, output = self.net.fresh(f"{node.output[0]}/real"), node.output[0]
        copy.output[0] = target
        self.net.append(copy)
        quantizer = replace(
            first.quantizer,
            low=min(s.quantizer.low for s in sources),
            high=max(s.quantizer.high for s in sources),
        )
        self.integers[output] = _Integers(target, quantizer, first.zero, False)
        self.codes[target] = Codes(output, first.quantizer.scale, first.zero)

    def _settled(self, name: str) -> _Integers:
        """Integers that no longer wait."""
        held = self.integers[name]
        if held.waiting:
            target = self.net.fresh(f"{name}/real")
            self._become(target, held)
            held = self.integers[name] = replace(held, real=target, waiting=False)
            self.codes[target] = Codes(name, held.quantizer.scale, held.zero)
        return held

    def _copy(self, node: onnx.NodeProto) -> None:
        copy = clone(node)
        self.net.append(copy)
        if node.op_type in WEIGHTED and len(node.input) > 1:
            self._keep(copy)

    # ---------------------------------------------------------------- weights

    def _keep(self, node: onnx.NodeProto) -> None:
        """The integers of a node's weights, if they come from a quantizer."""
        found = self.constants.integers.get(node.input[1])
        if found is None:
            return
        transposed = bool(parameters.attribute(node, "transB", 0)) or node.op_type == "Conv"
        rows = found.integers if transposed else found.integers.T
        if rows.ndim < 2 or rows.size == 0:
            return  # read_onnx.py and recognise.py have the sentence for that
        flat = rows.reshape(len(rows), -1)
        if flat.min() < -128 or flat.max() > 127:
            raise HearthError(
                f"{node.name}: weights should be integers of 8 bits once their zero point is taken"
                f" out, found {flat.min()} to {flat.max()}; quantize with symmetric weights"
            )
        self.weights[node.name] = KeptWeights(flat.astype(np.int8), min(found.bits, 8))
