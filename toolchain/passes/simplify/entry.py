"""What a network does to its image before the first layer: a gain and an offset per channel.

    image -> Sub(mean) -> Div(std) -> conv1         image' -> conv1
    image -> BatchNormalization -> conv1            image' = gain * image + offset

The arithmetic is taken out of the network and becomes part of the preprocessing (preparation.py),
which hardware gets for nothing: it moves into the first convolution's weights. Sub, Add, Mul, Div
by constants in any order and number, and BatchNormalization, are followed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolchain.errors import HearthError
from toolchain.ir import Array
from toolchain.onnx_model import Entry, Node, OnnxModel
from toolchain.passes.simplify.batchnorm import affine

ARITHMETIC = ("Add", "BatchNormalization", "Div", "Mul", "Sub")


def take_normalization(model: OnnxModel) -> OnnxModel:
    """The model from behind its own normalization on; `entry` says what that was."""
    gain, offset = np.ones(model.channels), np.zeros(model.channels)
    tensor, taken, centred = model.input_tensor, set(), False
    while True:
        readers = model.consumers(tensor)
        if len(readers) != 1 or readers[0].op not in ARITHMETIC:
            break
        node = readers[0]
        times, plus = _step(model, node)
        gain, offset = gain * times, offset * times + plus
        centred |= node.op != "BatchNormalization" and bool(np.any(plus))
        taken.add(node.name)
        tensor = node.target
    if not taken:
        return model
    if not (np.isfinite(gain).all() and np.isfinite(offset).all() and gain.all()):
        raise HearthError(
            f"{node.name}: the normalization of the input multiplies a colour by zero or infinity"
        )
    return replace(
        model,
        nodes=tuple(node for node in model.nodes if node.name not in taken),
        input_tensor=tensor,
        entry=Entry(gain, offset, centred),
        rewritten=True,
    )


def _step(model: OnnxModel, node: Node) -> tuple[Array, Array]:
    """Gain and offset [channels] of one node."""
    channels = model.channels
    if node.op == "BatchNormalization":
        gain, offset = affine(model, node)
        if len(gain) != channels:
            raise HearthError(f"{node.name}: has {len(gain)} channels, the input {channels}")
        return gain, offset
    first = node.inputs[0] in model.constants
    value = _per_channel(model, node, node.inputs[0 if first else 1])
    one, nothing = np.ones(channels), np.zeros(channels)
    match node.op, first:
        case "Add", _:
            return one, value
        case "Sub", False:
            return one, -value
        case "Sub", True:
            return -one, value
        case "Mul", _:
            return value, nothing
        case "Div", False:
            with np.errstate(divide="ignore"):
                return 1 / value, nothing
    raise HearthError(f"{node.name}: divides a number by the input, which is no normalization")


def _per_channel(model: OnnxModel, node: Node, name: str) -> Array:
    """A constant as one float64 per channel."""
    value = model.constants.get(name)
    shape = (model.channels, 1, 1)
    if value is None or value.ndim > 4 or value.shape[: value.ndim - 3] not in ((), (1,)):
        raise HearthError(f"{node.name}: on the input, '{name}' should be a constant")
    try:
        wide = np.broadcast_to(value.reshape(value.shape[-3:]), shape)
    except ValueError:
        raise HearthError(
            f"{node.name}: on the input, constants should be one number or one per channel, found"
            f" {list(value.shape)}"
        ) from None
    return wide.reshape(-1).astype(np.float64)
