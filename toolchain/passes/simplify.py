"""Pass 2: rewrite the ONNX nodes until only those with work in hardware are left.

    conv1 -> BatchNormalization -> Clip(0) -> Dropout -> pool -> Flatten -> Softmax
    conv1 (weights changed) -> Relu -> pool

Each rewrite below is a function from model to model; `REWRITES` lists them in order. Tensor names
that survive are names of the ONNX file, so that ONNX Runtime can be asked for the same tensor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from toolchain.errors import HearthError
from toolchain.ir import Array
from toolchain.onnx_model import Node, OnnxModel

Rewrite = Callable[[OnnxModel], OnnxModel]
TAIL = ("Softmax", "LogSoftmax", "Flatten", "Reshape", "Squeeze")


def simplify(model: OnnxModel) -> OnnxModel:
    """Apply every rewrite once, in order."""
    for rewrite in REWRITES:
        model = rewrite(model)
    return model


def drop_identities(model: OnnxModel) -> OnnxModel:
    """Identity and Dropout (inference) do nothing: their readers read their input instead."""
    for node in model.nodes:
        if node.op == "Dropout" and _training(model, node):
            raise HearthError(
                f"{node.name}: this Dropout is in training mode; export the model in evaluation"
                " mode"
            )
    return _bypass(model, ("Identity", "Dropout"))


def drop_tail(model: OnnxModel) -> OnnxModel:
    """Softmax keeps the order of the classes, and flattening keeps the values: cut both off."""
    producers = model.producers()
    output = model.output_tensor
    while (node := producers.get(output)) is not None and node.op in TAIL:
        output = node.source
    live = {output}
    kept = []
    for node in reversed(model.nodes):
        if live & set(node.outputs):
            live |= set(node.inputs)
            kept.append(node)
    for node in kept:
        if node.op in TAIL:
            raise HearthError(
                f"{node.name}: {node.op} is supported only after the global average pool"
            )
    return replace(model, nodes=tuple(reversed(kept)), output_tensor=output)


def clip_to_relu(model: OnnxModel) -> OnnxModel:
    """Clip(0, no upper bound) is Relu; any other Clip, such as ReLU6, is refused."""
    return replace(
        model,
        nodes=tuple(_as_relu(model, n) if n.op == "Clip" else n for n in model.nodes),
    )


def fold_batchnorm(model: OnnxModel) -> OnnxModel:
    """y = (x - mean) / sqrt(var + eps) * scale + shift becomes part of the convolution before."""
    for node in model.nodes:
        if node.op == "BatchNormalization":
            gain, offset = _affine(model, node)
            model = _scale_outputs(model, node, node.source, gain, offset)
            model = _bypass_one(model, node)
    return model


REWRITES: tuple[Rewrite, ...] = (drop_identities, drop_tail, clip_to_relu, fold_batchnorm)


def _training(model: OnnxModel, node: Node) -> bool:
    flag = model.constants.get(node.optional(2))
    return flag is not None and bool(np.any(flag))


def _bypass(model: OnnxModel, ops: tuple[str, ...]) -> OnnxModel:
    """Remove nodes that pass their first input on unchanged."""
    names: dict[str, str] = {}
    constants = dict(model.constants)
    kept = []
    for node in model.nodes:
        node = node.renamed(names)
        if node.op in ops:
            names[node.target] = node.source
            if node.source in constants:
                constants[node.target] = constants[node.source]
        else:
            kept.append(node)
    output = names.get(model.output_tensor, model.output_tensor)
    return replace(model, nodes=tuple(kept), constants=constants, output_tensor=output)


def _bypass_one(model: OnnxModel, gone: Node) -> OnnxModel:
    """Remove one node; whoever wrote its input now writes its output."""

    def rename(node: Node) -> Node:
        outputs = tuple(gone.target if name == gone.source else name for name in node.outputs)
        return replace(node, outputs=outputs)

    nodes = tuple(rename(node) for node in model.nodes if node.name != gone.name)
    return replace(model, nodes=nodes)


def _as_relu(model: OnnxModel, node: Node) -> Node:
    low = _bound(model, node, "min", 1, -math.inf)
    high = _bound(model, node, "max", 2, math.inf)
    if low != 0 or high < 3e38:
        raise HearthError(
            f"{node.name}: Clip is supported with minimum 0 and no maximum (a ReLU), found"
            f" {low:g} to {high:g}"
        )
    return replace(node, op="Relu", inputs=node.inputs[:1])


def _bound(model: OnnxModel, node: Node, attribute: str, position: int, default: float) -> float:
    """A bound of Clip: an attribute up to opset 10, an input from 11."""
    if attribute in node.attributes:
        return float(node.attributes[attribute])
    tensor = node.optional(position)
    if not tensor:
        return default
    if tensor not in model.constants:
        raise HearthError(f"{node.name}: the {attribute} of Clip should be a constant")
    return float(model.constants[tensor].reshape(-1)[0])


def _affine(model: OnnxModel, node: Node) -> tuple[Array, Array]:
    """Gain and offset per channel that a BatchNormalization amounts to."""
    if len([name for name in node.outputs if name]) > 1 or node.attributes.get("training_mode"):
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
