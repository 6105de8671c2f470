"""BatchNormalization and arithmetic by constants become part of the convolutions in front of it.

Conv -> BatchNormalization          Conv, weights and bias changed
Conv -> Add (TensorFlow's bias)     Conv with a bias
Conv -> Mul -> Add (Caffe's Scale)  Conv, weights and bias changed
Concat of Convs -> any of these     each Conv its share

Elsewhere they are left to the convolutions behind them (forward.py), or to a layer of their own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.affine import data_input, of_constant, step
from hearth.toolchain.frontend.simplify.graph import bias_of, bypass_behind
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError


def fold_batchnorm(model: OnnxModel) -> OnnxModel:
    """Fold every step behind a convolution that nobody else reads."""
    for node in model.nodes:
        if not of_constant(model, node):
            continue
        tensor = data_input(model, node)
        if not _folds(model, tensor):
            continue
        gain, offset = step(model, node, _width(model, node, tensor))
        model = _scale_outputs(model, node, tensor, gain, offset)
        model = bypass_behind(model, replace(node, inputs=(tensor,)))
    return model


def _folds(model: OnnxModel, tensor: str) -> bool:
    """Whether convolutions make a tensor, and nobody else reads what they make."""
    node = model.producers().get(tensor)
    if node is None or model.uses()[tensor] != 1:
        return False
    if node.op == "Concat":
        over_channels = node.attributes.get("axis", 1) in (1, -3)
        once = len(set(node.inputs)) == len(node.inputs)
        return over_channels and once and all(_folds(model, part) for part in node.inputs)
    return node.op == "Conv"


def _width(model: OnnxModel, norm: Node, tensor: str) -> int:
    """Channels of a map that convolutions make."""
    node = model.producers().get(tensor)
    if node is not None and node.op == "Concat":
        return sum(_channels(model, norm, part) for part in node.inputs)
    weights = model.constants.get(node.optional(1)) if node is not None else None
    if node is not None and node.op == "Conv" and weights is not None and weights.ndim:
        return len(weights)
    scale = model.constants.get(norm.optional(1))
    return 0 if scale is None else scale.size


def _scale_outputs(
    model: OnnxModel, norm: Node, tensor: str, gain: Array, offset: Array
) -> OnnxModel:
    """Multiply and shift the channels of `tensor` inside the convolutions that make it."""
    node = model.producers()[tensor]
    if node.op == "Conv":
        return _scale_conv(model, norm, node, gain, offset)
    start = 0
    for part in node.inputs:
        end = start + _channels(model, norm, part)
        model = _scale_outputs(model, norm, part, gain[start:end], offset[start:end])
        start = end
    return model


def _channels(model: OnnxModel, norm: Node, tensor: str) -> int:
    node = model.producers().get(tensor)
    weights = model.constants.get(node.optional(1)) if node is not None else None
    if weights is None or not weights.ndim:
        raise HearthError(f"{norm.name}: {norm.op} after a Concat needs Convs before that")
    return int(weights.shape[0])


def _scale_conv(model: OnnxModel, norm: Node, conv: Node, gain: Array, offset: Array) -> OnnxModel:
    weights = model.constants.get(conv.optional(1))
    if weights is None or not weights.ndim or len(weights) != len(gain):
        found = "unknown" if weights is None or not weights.ndim else len(weights)
        raise HearthError(
            f"{norm.name}: has {len(gain)} channels, but {conv.name} produces {found}"
        )
    bias = bias_of(model, conv, len(gain))
    names = (f"{conv.name}.weight+{norm.name}", f"{conv.name}.bias+{norm.name}")
    folded = {
        names[0]: (weights * gain.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.float32),
        names[1]: (bias * gain + offset).astype(np.float32),
    }
    scaled = replace(conv, inputs=(conv.source, *names))
    nodes = tuple(scaled if node.name == conv.name else node for node in model.nodes)
    return replace(model, nodes=nodes, constants={**model.constants, **folded})
