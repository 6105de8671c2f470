"""BatchNormalization becomes part of the convolutions in front of it.

    y = (x - mean) / sqrt(var + eps) * scale + shift

Specification: https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolchain.errors import HearthError
from toolchain.ir import Array
from toolchain.onnx_model import Node, OnnxModel
from toolchain.passes.simplify.graph import bypass_behind


def fold_batchnorm(model: OnnxModel) -> OnnxModel:
    """y = (x - mean) / sqrt(var + eps) * scale + shift becomes part of the convolution before."""
    for node in model.nodes:
        if node.op == "BatchNormalization":
            gain, offset = affine(model, node)
            model = _scale_outputs(model, node, node.source, gain, offset)
            model = bypass_behind(model, node)
    return model


def affine(model: OnnxModel, node: Node) -> tuple[Array, Array]:
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


def _scale_outputs(
    model: OnnxModel, norm: Node, tensor: str, gain: Array, offset: Array
) -> OnnxModel:
    """Multiply and shift the channels of `tensor` inside the convolutions that make it."""
    node = model.producers().get(tensor)
    if model.uses()[tensor] != 1 or node is None or node.op not in ("Conv", "Concat"):
        found = node.op if node is not None else "the network's input"
        raise HearthError(
            f"{norm.name}: BatchNormalization is supported right after a Conv, found it after"
            f" {found}"
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
    if weights is None:
        raise HearthError(f"{norm.name}: BatchNormalization after a Concat needs Convs before that")
    return int(weights.shape[0])


def _scale_conv(model: OnnxModel, norm: Node, conv: Node, gain: Array, offset: Array) -> OnnxModel:
    weights = model.constants.get(conv.optional(1))
    if weights is None or len(weights) != len(gain):
        found = "unknown" if weights is None else len(weights)
        raise HearthError(
            f"{norm.name}: has {len(gain)} channels, but {conv.name} produces {found}"
        )
    bias = model.constants.get(conv.optional(2), np.zeros(len(gain)))
    names = (f"{conv.name}.weight+{norm.name}", f"{conv.name}.bias+{norm.name}")
    folded = {
        names[0]: (weights * gain.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.float32),
        names[1]: (bias * gain + offset).astype(np.float32),
    }
    scaled = replace(conv, inputs=(conv.source, *names))
    nodes = tuple(scaled if node.name == conv.name else node for node in model.nodes)
    return replace(model, nodes=nodes, constants={**model.constants, **folded})
