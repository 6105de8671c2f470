"""BatchNormalization and arithmetic by constants become part of the convolutions in front of it.

Conv -> BatchNormalization          Conv, weights and bias changed
Conv -> Add (TensorFlow's bias)     Conv with a bias
Conv -> Mul -> Add (Caffe's Scale)  Conv, weights and bias changed
Concat of Convs -> any of these     each Conv its share
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
    """Fold every step behind a convolution; HearthError for a BatchNormalization elsewhere."""
    for node in model.nodes:
        if not of_constant(model, node):
            continue
        tensor = data_input(model, node)
        before = model.producers().get(tensor)
        if node.op != "BatchNormalization" and not _folds(model, tensor, before):
            continue  # refused by its place, like an addition of two maps
        gain, offset = step(model, node, _width(model, node, tensor))
        model = _scale_outputs(model, node, tensor, gain, offset)
        model = bypass_behind(model, replace(node, inputs=(tensor,)))
    return model


def _folds(model: OnnxModel, tensor: str, before: Node | None) -> bool:
    return before is not None and before.op in ("Conv", "Concat") and model.uses()[tensor] == 1


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
    node = model.producers().get(tensor)
    if model.uses()[tensor] != 1 or node is None or node.op not in ("Conv", "Concat"):
        found = node.op if node is not None else "the network's input"
        raise HearthError(
            f"{norm.name}: {norm.op} is supported right after a Conv, found it after {found}"
        )
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
