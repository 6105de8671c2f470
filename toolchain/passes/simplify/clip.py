"""Clip(0, no upper bound) is Relu. The bounds of the others are read here and judged."""

from __future__ import annotations

import math
from dataclasses import replace

from toolchain.errors import HearthError
from toolchain.onnx_model import Node, OnnxModel


def clip_to_relu(model: OnnxModel) -> OnnxModel:
    """Clip(0, no upper bound) is Relu; any other Clip, such as ReLU6, is refused."""
    return replace(
        model,
        nodes=tuple(_as_relu(model, n) if n.op == "Clip" else n for n in model.nodes),
    )


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
