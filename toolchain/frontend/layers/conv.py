"""A convolution.

Conv -> Relu, or Clip from 0          FloatConv(relu=True, cap)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.frontend.layers.windows import window
from hearth.toolchain.frontend.simplify.graph import bias_of
from hearth.toolchain.ir import Array, FloatConv
from hearth.toolchain.support.errors import HearthError


def conv(model: OnnxModel, node: Node, source: Map) -> Step:
    """A Conv node, and the activation behind it."""
    layer, made = bare(model, node, source)
    layer = with_relu(model, layer)
    return layer, replace(made, tensor=layer.tensor)


def bare(model: OnnxModel, node: Node, source: Map) -> tuple[FloatConv, Map]:
    """One Conv node without what follows it."""
    weights = _weights(model, node, source)
    kernel = int(weights.shape[2]), int(weights.shape[3])
    place = window(node, kernel, source.height, source.width)
    bias = bias_of(model, node, len(weights)).astype(np.float32)
    conv = FloatConv(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=(source.tensor,),
        weights=np.ascontiguousarray(weights.transpose(0, 2, 3, 1)),
        bias=bias,
        strides=place.strides,
        pads=place.pads,
        relu=False,
        dilations=place.dilations,
        groups=int(node.attributes.get("group", 1)),
    )
    return conv, Map(node.target, len(weights), place.height, place.width)


def _weights(model: OnnxModel, node: Node, source: Map) -> Array:
    """Weights [out, in / groups, rows, columns], checked against the map they are applied to."""
    weights = model.constants.get(node.optional(1))
    if weights is None:
        raise HearthError(f"{node.name}: weights '{node.optional(1)}' should be a constant")
    if weights.ndim != 4 or 0 in weights.shape:
        raise HearthError(
            f"{node.name}: weights should be [out, in, rows, columns] of a kernel, found"
            f" {list(weights.shape)}"
        )
    declared = list(node.attributes.get("kernel_shape") or weights.shape[2:])
    if declared != list(weights.shape[2:]):
        raise HearthError(
            f"{node.name}: kernel_shape {declared} contradicts the weights {list(weights.shape)}"
        )
    groups = node.attributes.get("group", 1)
    if not isinstance(groups, int) or groups < 1 or len(weights) % groups:
        raise HearthError(
            f"{node.name}: group should be a number that divides the {len(weights)} output"
            f" channels, found {groups}"
        )
    if weights.shape[1] * groups != source.channels:
        raise HearthError(
            f"{node.name}: weights expect {weights.shape[1] * groups} input channels, but"
            f" '{source.tensor}' has {source.channels}"
        )
    return weights.astype(np.float32)
