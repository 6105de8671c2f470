"""A convolution followed by a 1x1 convolution without an activation between them is one, where that
takes no more weights.

    Conv 3x3 -> Conv 1x1            Conv 3x3 with the product of both weights

The pair comes from a classifier behind the pool (linear.py), and from weights factored without an
activation: those have fewer weights than their product, and stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import MOST_WEIGHTS, bias_of, fresh

PLAIN = {"strides": 1, "dilations": 1, "group": 1, "pads": 0}


def join_convs(model: OnnxModel) -> OnnxModel:
    """Multiply every such pair out."""
    for node in model.nodes:
        first = model.producers().get(node.inputs[0]) if node.inputs else None
        if first is not None and _joins(model, first, node):
            model = _joined(model, first, next(n for n in model.nodes if n.name == node.name))
    return model


def _joins(model: OnnxModel, first: Node, second: Node) -> bool:
    if (first.op, second.op) != ("Conv", "Conv") or model.uses()[first.target] != 1:
        return False
    if {first.name, second.name} & set(model.kept.weights):
        return False
    weights = [model.constants.get(node.optional(1)) for node in (first, second)]
    if any(w is None or w.ndim != 4 for w in weights) or first.attributes.get("group", 1) != 1:
        return False
    inner, outer = weights
    assert inner is not None
    assert outer is not None
    plain = all(
        np.all(np.asarray(second.attributes.get(key) or value) == value)
        for key, value in PLAIN.items()
    )
    if len(outer) * math.prod(inner.shape[1:]) > min(MOST_WEIGHTS, inner.size + outer.size):
        return False
    return plain and outer.shape[2:] == (1, 1) and outer.shape[1] == inner.shape[0]


def _joined(model: OnnxModel, first: Node, second: Node) -> OnnxModel:
    inner, outer = (model.constants[node.inputs[1]] for node in (first, second))
    matrix = outer[:, :, 0, 0].astype(np.float64)
    total = matrix @ bias_of(model, first, len(inner)) + bias_of(model, second, len(outer))
    names = [fresh(model, f"{second.name}/{end}") for end in ("joined", "joined bias")]
    constants = {
        names[0]: np.tensordot(matrix, inner.astype(np.float64), 1).astype(np.float32),
        names[1]: total.astype(np.float32),
    }
    made = replace(first, inputs=(first.source, *names), outputs=second.outputs)
    nodes = tuple(
        made if node.name == first.name else node
        for node in model.nodes
        if node.name != second.name
    )
    more = {**model.constants, **constants}
    return replace(model, nodes=nodes, constants=more)
