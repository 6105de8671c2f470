"""Constants of a quantized file: weights and biases as integers with their scale.

    int8 -> DequantizeLinear            float -> QuantizeLinear (-> Clip) -> DequantizeLinear
    float -> Quant (QONNX)              int32 bias -> DequantizeLinear

Only what quantizers make of constants is computed here; other constant expressions are folded
before (frontend/file/fold_constants.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hearth.toolchain.frontend.quantized import parameters
from hearth.toolchain.frontend.quantized.parameters import node_name
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

WIDEST = 32
"""Most bits of a constant: those of a bias."""


@dataclass(frozen=True, eq=False)
class Integers:
    """value = integers * scale, zero point removed; `scale` broadcasts. bits: declared width."""

    integers: Array
    scale: Array
    bits: int

    @property
    def value(self) -> Array:
        with np.errstate(over="ignore"):
            return (self.integers * self.scale).astype(np.float32)


class Constants:
    """What is known before the network runs."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.values = {tensor.name: _array(tensor) for tensor in graph.initializer}
        self.integers: dict[str, Integers] = {}
        """By the tensor of the dequantized value."""
        for node in graph.node:
            if node.op_type == "Constant" and node.output:
                self._constant(node)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def _constant(self, node: onnx.NodeProto) -> None:
        for entry in node.attribute:
            if entry.name == "value":
                self.values[node.output[0]] = _array(entry.t, node.output[0])
            elif entry.name in ("value_float", "value_floats", "value_int", "value_ints"):
                self.values[node.output[0]] = np.asarray(helper.get_attribute_value(entry))

    def multiply(self, node: onnx.NodeProto) -> None:
        """The step of a bias: one scale times another."""
        left, right = (parameters.constant(node, i, self.values) for i in (0, 1))
        _fits(node, left.shape, right.shape)
        self.values[node.output[0]] = left.astype(np.float64) * right.astype(np.float64)

    def quantize(self, node: onnx.NodeProto) -> None:
        """QuantizeLinear of a constant: integers in a type of the file."""
        found = parameters.linear(node, self.values)
        real = self._real(node)
        scale, zero = (_along(node, v, real.ndim, real.shape) for v in (found.scale, found.zero))
        steps = np.rint(real.astype(np.float32) / scale.astype(np.float32)) + zero
        self.values[node.output[0]] = steps.clip(found.low, found.high).astype(np.int64)

    def clip(self, node: onnx.NodeProto) -> None:
        """Clip of integers, fewer bits than the type has, or of the numbers they stand for."""
        low, high = clip_bounds(node, self.values, (-np.inf, np.inf))
        values = self.values[node.input[0]]
        whole = values.dtype.kind in "iu"
        self.values[node.output[0]] = values.clip(low, high).astype(
            np.int64 if whole else values.dtype
        )

    def dequantize(self, node: onnx.NodeProto) -> None:
        """DequantizeLinear of integers."""
        codes = self.values[node.input[0]]
        scale = parameters.scale(node, parameters.constant(node, 1, self.values))
        zero = np.zeros(1, np.int64)
        declared = codes.dtype
        if len(node.input) > 2 and node.input[2]:
            zeros = parameters.constant(node, 2, self.values)
            zero, declared = parameters.whole(node, zeros, "zero point"), zeros.dtype
        if parameters.attribute(node, "block_size", 0):
            raise HearthError(
                f"{node_name(node)}: a scale per block is not supported, only one per tensor or"
                " channel"
            )
        low, high = parameters.limits(node, declared)
        integers = codes.astype(np.int64) - _along(node, zero, codes.ndim, codes.shape)
        self._store(node, integers, _along(node, scale, codes.ndim, codes.shape), low, high, zero)

    def quant(self, node: onnx.NodeProto) -> None:
        """A QONNX Quant of a constant."""
        found = quant_form(node, self.values, WIDEST)
        real = self._real(node).astype(np.float32)
        _fits(node, real.shape, found.scale.shape)
        _fits(node, real.shape, found.zero.shape)
        steps = np.rint(real / found.scale.astype(np.float32) + found.zero)
        integers = steps.clip(found.low, found.high).astype(np.int64) - found.zero
        self._store(node, integers, found.scale, found.low, found.high, found.zero)

    def _real(self, node: onnx.NodeProto) -> Array:
        real = self.values[node.input[0]]
        if real.dtype.kind not in "fV" or not np.isfinite(real.astype(np.float64)).all():
            raise HearthError(
                f"{node_name(node)}: quantizes the constant '{node.input[0]}', which should hold"
                " finite floating-point numbers"
            )
        return real

    def _store(
        self,
        node: onnx.NodeProto,
        integers: Array,
        scale: Array,
        low: int,
        high: int,
        zero: Array,
    ) -> None:
        reach = max(int(zero.max()) - low, high - int(zero.min()) + 1)
        bits = max(reach - 1, 1).bit_length() + 1
        made = Integers(integers, scale, bits)
        if not np.isfinite(made.value).all():
            raise HearthError(f"{node_name(node)}: a weight or bias does not fit float32")
        self.integers[node.output[0]] = made
        self.values[node.output[0]] = made.value


def quant_form(node: onnx.NodeProto, values: dict[str, Array], most: int) -> parameters.Linear:
    """Scale, zero point and bounds of a QONNX Quant; HearthError for what hardware cannot do.

    https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops/quant_op.md
    """
    scale = parameters.scale(node, parameters.constant(node, 1, values))
    zero = parameters.whole(node, parameters.constant(node, 2, values), "zero point")
    bits = parameters.bits(node, parameters.constant(node, 3, values), most)
    mode = parameters.text(node, "rounding_mode", "ROUND")
    if mode.upper() not in ("ROUND", "HALF_EVEN"):
        raise HearthError(
            f"{node_name(node)}: rounding to nearest (ROUND) is expected, found {mode}"
        )
    narrow, signed = parameters.flag(node, "narrow", False), parameters.flag(node, "signed", True)
    if signed:
        low, high = -(1 << (bits - 1)) + narrow, (1 << (bits - 1)) - 1
    else:
        low, high = 0, (1 << bits) - 1 - narrow
    if low >= high:
        raise HearthError(f"{node_name(node)}: {bits} bits leave a quantizer no two values")
    return parameters.Linear(scale, zero, low, high)


def clip_bounds(
    node: onnx.NodeProto, values: dict[str, Array], default: tuple[float, float]
) -> tuple[float, float]:
    """Constant bounds of a Clip: attributes up to opset 10, inputs from 11."""
    bounds = list(default)
    for i, name in enumerate(("min", "max")):
        if i + 1 < len(node.input) and node.input[i + 1]:
            found = parameters.constant(node, i + 1, values)
            if found.size != 1:
                raise HearthError(f"{node_name(node)}: the {name} of Clip should be one number")
            bounds[i] = float(found.reshape(-1)[0])
        for entry in node.attribute:
            if entry.name == name:
                bounds[i] = float(entry.f)
    if not bounds[0] <= bounds[1]:
        raise HearthError(
            f"{node_name(node)}: Clip from {bounds[0]:g} to {bounds[1]:g} leaves nothing"
        )
    return bounds[0], bounds[1]


def _array(tensor: onnx.TensorProto, name: str = "") -> Array:
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise HearthError(
            f"weight '{tensor.name or name}' of shape {list(tensor.dims)} does not match its data;"
            " the file is damaged"
        ) from None


def _along(node: onnx.NodeProto, numbers: Array, rank: int, shape: tuple[int, ...]) -> Array:
    """Numbers per tensor or per channel of the node's axis, ready to broadcast."""
    if numbers.size == 1:
        return numbers.reshape([1] * rank)
    axis = parameters.attribute(node, "axis", 1)
    if not -rank <= axis < rank or shape[axis] != numbers.size:
        raise HearthError(
            f"{node_name(node)}: {numbers.size} scales or zero points along axis {axis} do not fit"
            f" a tensor of shape {list(shape)}"
        )
    full = [1] * rank
    full[axis] = numbers.size
    return numbers.reshape(full)


def _fits(node: onnx.NodeProto, shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    """Refuse a scale that would change a tensor's shape, other than by axes of extent 1."""
    try:
        made = np.broadcast_shapes(shape, other)
        fits = made == shape or (len(shape) < len(other) and _count(made) == _count(other))
    except ValueError:
        fits = False
    if not fits:
        raise HearthError(
            f"{node_name(node)}: a scale or zero point of shape {list(other)} does not fit a tensor"
            f" of shape {list(shape)}"
        )


def _count(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=object))
