"""One number times, and one number plus, for every channel: BatchNormalization and its likes.

    BatchNormalization                  y = (x - mean) / sqrt(var + eps) * scale + shift
    Add, Sub, Mul, Div by constants     bias of TensorFlow, Scale of Caffe, mean and std of an image

Where such a step may stand, and what becomes of it, is decided in entry.py (on the image),
batchnorm.py (behind a convolution) and linear.py (behind the global pool).
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

ARITHMETIC = ("Add", "Div", "Mul", "Sub")
STEPS = ("BatchNormalization", *ARITHMETIC)


def of_constant(model: OnnxModel, node: Node) -> bool:
    """Whether a node is one of the steps, with one operand that is no constant."""
    if node.op not in STEPS:
        return False
    return node.op == "BatchNormalization" or sum(n in model.constants for n in node.inputs) == 1


def data_input(model: OnnxModel, node: Node) -> str:
    """The operand of a step that is no constant."""
    return next((name for name in node.inputs if name not in model.constants), node.source)


def step(model: OnnxModel, node: Node, channels: int) -> tuple[Array, Array]:
    """Gain and offset [channels] of a step on a map of so many channels."""
    if node.op == "BatchNormalization":
        gain, offset = batch_norm(model, node)
        if len(gain) != channels:
            raise HearthError(f"{node.name}: has {len(gain)} channels, but {channels} arrive")
        return gain, offset
    first = node.inputs[0] in model.constants
    value = _per_channel(model, node, node.inputs[0 if first else 1], channels)
    return arithmetic(node, value, first)


def arithmetic(node: Node, value: Array, first: bool) -> tuple[Array, Array]:
    """Gain and offset of Add, Sub, Mul or Div by `value`; `first`: value op x, not x op value."""
    one, nothing = np.ones_like(value), np.zeros_like(value)
    match node.op, first:
        case "Add", _:
            return one, value
        case "Sub", False:
            return one, -value
        case "Sub", True:
            return -one, value
        case "Mul", _:
            return value, nothing
        case "Div", False if value.all():
            return 1 / value, nothing
    what = "divides a number by its input" if first else "divides by zero"
    raise HearthError(f"{node.name}: {what}, which is no change of scale")


def batch_norm(model: OnnxModel, node: Node) -> tuple[Array, Array]:
    """Gain and offset per channel that a BatchNormalization amounts to."""
    if len([name for name in node.outputs if name]) > 1 or node.flag("training_mode"):
        raise HearthError(
            f"{node.name}: this BatchNormalization is in training mode; export the model in"
            " evaluation mode"
        )
    missing = [name for name in node.inputs[1:5] if name not in model.constants]
    if missing or len(node.inputs) != 5:
        raise HearthError(f"{node.name}: scale, shift, mean and variance should be constants")
    scale, shift, mean, variance = (
        model.constants[name].astype(np.float64) for name in node.inputs[1:5]
    )
    if not scale.shape == shift.shape == mean.shape == variance.shape == (scale.size,):
        raise HearthError(f"{node.name}: scale, shift, mean and variance differ in length")
    variance = variance + float(node.attributes.get("epsilon", 1e-5))
    if (variance <= 0).any():
        raise HearthError(f"{node.name}: the variance of a channel is not positive")
    gain = scale / np.sqrt(variance)
    return gain, shift - mean * gain


def _per_channel(model: OnnxModel, node: Node, name: str, channels: int) -> Array:
    """A constant as one float64 per channel of a map [n, channels, height, width]."""
    value = model.constants.get(name)
    if value is None:
        raise HearthError(f"{node.name}: '{name}' should be a constant")
    try:
        if value.ndim > 4 or value.shape[: max(0, value.ndim - 3)] not in ((), (1,)):
            raise ValueError
        wide = np.broadcast_to(value.reshape(value.shape[-3:]), (channels, 1, 1))
    except ValueError:
        raise HearthError(
            f"{node.name}: {node.op} should be by one number or one per channel, found"
            f" {list(value.shape)} for {channels} channels"
        ) from None
    return wide.reshape(-1).astype(np.float64)
