"""Scales, zero points and bit widths of quantizers: read from the file, checked, or refused.

Every number here comes from an untrusted file. A scale has to be a positive, normal float32 number,
a bit width a whole number, a zero point a whole number inside its type; the sentence names the node
and what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

SMALLEST = float(np.finfo(np.float32).tiny)
LARGEST = 1e18
"""Scales outside are mistakes: products of three of them leave float32."""
WIDEST_NUMBER = 2**31
"""Largest zero point or bit width that is looked at."""
MOST_BITS = 16
"""Widest quantizer of activations that is looked at."""
TYPES = {
    f"{sign}int{bits}": (0, (1 << bits) - 1)
    if sign
    else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    for sign in ("", "u")
    for bits in (2, 4, 8, 16, 32)
}
"""Lowest and highest value of the integer types that quantizers use."""


@dataclass(frozen=True, eq=False)
class Linear:
    """real = scale * (integer - zero), scale [any shape] float64 and zero [same shape or 1]."""

    scale: Array
    zero: Array
    low: int
    high: int


def node_name(node: onnx.NodeProto) -> str:
    return str(node.name or (node.output[0] if node.output else node.op_type))


def attribute(node: onnx.NodeProto, name: str, default: int) -> int:
    """An integer attribute."""
    for entry in node.attribute:
        if entry.name == name:
            if entry.type != entry.INT:
                raise HearthError(f"{node_name(node)}: attribute {name} should be a whole number")
            return int(entry.i)
    return default


def flag(node: onnx.NodeProto, name: str, default: bool) -> bool:
    """A switch, which is written as 0 or 1."""
    found = attribute(node, name, int(default))
    if found not in (0, 1):
        raise HearthError(f"{node_name(node)}: {name} should be 0 or 1, found {found}")
    return bool(found)


def text(node: onnx.NodeProto, name: str, default: str) -> str:
    """A string attribute."""
    for entry in node.attribute:
        if entry.name == name:
            return str(entry.s.decode(errors="replace"))
    return default


def constant(node: onnx.NodeProto, position: int, constants: Mapping[str, Array]) -> Array:
    """The constant that a node reads at `position`."""
    name = node.input[position] if position < len(node.input) else ""
    if name not in constants:
        found = f"'{name}' is computed" if name else "it is missing"
        raise HearthError(
            f"{node_name(node)}: its scale and zero point should be constants of the file, but"
            f" {found}; a quantizer that measures its own range while running is not supported"
        )
    return np.asarray(constants[name])


def scale(node: onnx.NodeProto, values: Array) -> Array:
    """A scale as float64: every number positive, finite and normal, at least one."""
    numbers = np.asarray(values)
    if numbers.dtype.kind not in "fV" or numbers.size == 0:
        raise HearthError(
            f"{node_name(node)}: its scale should be floating-point numbers, found"
            f" {numbers.size} of type {numbers.dtype}"
        )
    numbers = numbers.astype(np.float64)
    wrong = ~((numbers >= SMALLEST) & (numbers <= LARGEST))
    if wrong.any():
        raise HearthError(
            f"{node_name(node)}: a quantizer's scale should be a positive number from"
            f" {SMALLEST:.3g} to {LARGEST:.0e}, found {numbers[wrong].reshape(-1)[0]:g}; the file"
            " is damaged, or was calibrated on nothing"
        )
    return numbers


def whole(node: onnx.NodeProto, values: Array, what: str) -> Array:
    """Whole numbers as int64, at least one."""
    numbers = np.asarray(values)
    if numbers.size == 0:
        raise HearthError(f"{node_name(node)}: its {what} is empty")
    real = numbers.astype(np.float64).reshape(-1)
    good = np.isfinite(real) & (np.rint(real) == real) & (np.abs(real) <= WIDEST_NUMBER)
    if not good.all():
        raise HearthError(
            f"{node_name(node)}: its {what} should be a whole number, found {real[~good][0]:g}"
        )
    return real.astype(np.int64).reshape(numbers.shape)


def limits(node: onnx.NodeProto, dtype: np.dtype[np.generic]) -> tuple[int, int]:
    """Lowest and highest integer of a quantizer's type."""
    if dtype.name not in TYPES:
        raise HearthError(
            f"{node_name(node)}: quantizes to {dtype}; int8, uint8 or narrower integers are"
            " expected"
        )
    return TYPES[dtype.name]


def linear(node: onnx.NodeProto, constants: Mapping[str, Array], first: int = 1) -> Linear:
    """Scale and zero point at inputs `first` and `first + 1` of a QuantizeLinear or its like."""
    if attribute(node, "block_size", 0):
        raise HearthError(
            f"{node_name(node)}: a scale per block is not supported, only one per tensor or channel"
        )
    numbers = scale(node, constant(node, first, constants))
    if first + 1 >= len(node.input) or not node.input[first + 1]:
        low, high = limits(node, _default_type(node))
        return Linear(numbers, np.zeros(1, np.int64), low, high)
    zeros = constant(node, first + 1, constants)
    low, high = limits(node, zeros.dtype)
    if zeros.size not in (1, numbers.size):
        raise HearthError(
            f"{node_name(node)}: {zeros.size} zero points do not fit {numbers.size} scales"
        )
    return Linear(numbers, whole(node, zeros, "zero point"), low, high)


def _default_type(node: onnx.NodeProto) -> np.dtype[np.generic]:
    """The type of a quantizer without a zero point: uint8, unless an attribute says otherwise."""
    kind = attribute(node, "output_dtype", 0) or TensorProto.UINT8
    try:
        return np.dtype(helper.tensor_dtype_to_np_dtype(kind))
    except (KeyError, TypeError, ValueError):
        raise HearthError(f"{node_name(node)}: quantizes to the unknown type {kind}") from None


def one(node: onnx.NodeProto, found: Linear) -> tuple[float, int]:
    """Scale and zero point of an activation, which all its channels share."""
    for numbers in (found.scale, found.zero):
        count = numbers.size  # other shapes would be laid over the map, or make more of it
        shape = (1, count, 1, 1) if node.op_type == "Quant" else (count,)
        if count > 1 and numbers.shape != shape:
            raise HearthError(
                f"{node_name(node)}: an activation's scale or zero point of shape"
                f" {list(numbers.shape)} is neither for all channels nor for each one"
            )
    scales, zeros = np.unique(found.scale), np.unique(found.zero)
    if len(scales) > 1 or len(zeros) > 1:
        raise HearthError(
            f"{node_name(node)}: activations should have one scale and zero point for all channels,"
            f" found {len(scales)} and {len(zeros)}; quantize activations per tensor"
        )
    return float(scales[0]), int(zeros[0])


def bits(node: onnx.NodeProto, values: Array, most: int) -> int:
    """The bit width of a QONNX quantizer, from 1 to `most`."""
    widths = np.unique(whole(node, values, "bit width"))
    if len(widths) > 1 or not 1 <= widths[0] <= most:
        found = " and ".join(str(int(width)) for width in widths[:3])
        raise HearthError(
            f"{node_name(node)}: one bit width from 1 to {most} is expected, found {found}"
        )
    return int(widths[0])
