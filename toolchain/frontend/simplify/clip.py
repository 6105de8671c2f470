"""Activations in every spelling become Relu, or Clip(0, c), which is a Relu with a cap (ReLU6).

Clip(0), Max(x, 0)                             Relu
Relu -> Clip(-1, 6), Min(Relu(x), 6)           Clip(0, 6)
Clip(-1, 1) (Hardtanh), Clip(max=2)            Max(-1) -> Min(1); Min(2) (activations.py)
MaxPool -> Relu                                Relu -> MaxPool: the same values, fewer kinds
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS, bypass, fresh, rewritten
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

LARGEST = 3e38
"""A bound from here on is none: exporters write the largest float32."""
BOUNDS_AS_INPUTS = 11
"""The operator set from which Clip's bounds are inputs."""


def clip_to_relu(model: OnnxModel) -> OnnxModel:
    """Every activation as a Relu, as a Clip from 0 to a positive constant, or as Max and Min."""
    for node in model.nodes:
        if node.op in ("Clip", "Max", "Min"):
            model = _normalized(model, node)
    return _before_pools(_merged(model))


def cap(model: OnnxModel, node: Node) -> float:
    """The upper bound of an activation; infinity for a Relu."""
    return math.inf if node.op == "Relu" else _bounds(model, node)[1]


def _normalized(model: OnnxModel, node: Node) -> OnnxModel:
    """One Clip, Max or Min as Relu or Clip(0, c), or with other bounds as Max, Min or both."""
    low, high = _bounds(model, node)
    source = next((name for name in node.inputs if name not in model.constants), node.source)
    before = model.producers().get(source)
    if low < 0 and before is not None and before.op in ACTIVATIONS:
        low = 0.0
    if math.isnan(low) or math.isnan(high):
        raise HearthError(f"{node.name}: bounds should be numbers, found {low:g} to {high:g}")
    if low == 0 and high > 0:
        return _activation(model, replace(node, inputs=(source,)), high)
    return model if node.op != "Clip" else _bounded(model, node, low, high)


def _bounded(model: OnnxModel, node: Node, low: float, high: float) -> OnnxModel:
    """A Clip as the Max and the Min that it stands for; nothing where it has no bound."""
    bounds = [("Max", low)] * (low > -LARGEST) + [("Min", high)] * (high < LARGEST)
    made, constants, tensor = [], dict[str, Array](), node.source
    for place, (op, bound) in enumerate(bounds, 1):
        last = place == len(bounds)
        name = node.name if last else f"{node.name}/{op}"
        end = node.target if last else fresh(model, f"{node.target}/{op}")
        number = fresh(model, f"{node.target}/{op}/bound")
        constants[number] = np.array(bound, np.float32)
        made.append(Node(name, op, (tensor, number), (end,), {}))
        tensor = end
    if not made:
        return bypass(model, [node])
    place = next(i for i, other in enumerate(model.nodes) if other.name == node.name)
    nodes = (*model.nodes[:place], *made, *model.nodes[place + 1 :])
    return rewritten(replace(model, nodes=nodes), (), constants)


def _activation(model: OnnxModel, node: Node, high: float) -> OnnxModel:
    """`node` replaced by a Relu or Clip(0, high) of its first input."""
    constants: dict[str, Array] = {}
    if high >= LARGEST:
        made = replace(node, op="Relu", inputs=node.inputs[:1], attributes={})
    elif model.opset < BOUNDS_AS_INPUTS:
        bounds = {"min": 0.0, "max": high}
        made = replace(node, op="Clip", inputs=node.inputs[:1], attributes=bounds)
    else:
        names = [fresh(model, f"{node.target}/{end}") for end in ("min", "max")]
        constants = {n: np.array(v, np.float32) for n, v in zip(names, (0.0, high), strict=True)}
        made = replace(node, op="Clip", inputs=(node.source, *names), attributes={})
    nodes = tuple(made if n.name == node.name else n for n in model.nodes)
    return replace(model, nodes=nodes, constants={**model.constants, **constants})


def _merged(model: OnnxModel) -> OnnxModel:
    """Two activations in a row as one: the later tensor stays."""
    for node in model.nodes:
        before = model.producers().get(node.source)
        if node.op not in ACTIVATIONS or before is None or before.op not in ACTIVATIONS:
            continue
        high = min(cap(model, node), cap(model, before))
        model = _activation(model, replace(node, inputs=(before.source,)), high)
        if not model.consumers(before.target):
            model = replace(model, nodes=tuple(n for n in model.nodes if n.name != before.name))
    return model


def _before_pools(model: OnnxModel) -> OnnxModel:
    """MaxPool -> Relu in the other order: both only ever pick values, in the same order."""
    for node in model.nodes:
        pool = model.producers().get(node.source)
        if node.op not in ACTIVATIONS or pool is None or pool.op != "MaxPool":
            continue
        if model.uses()[pool.target] != 1:
            continue
        inner = fresh(model, f"{pool.source}/activated")
        early = replace(node, inputs=(pool.source, *node.inputs[1:]), outputs=(inner,))
        late = replace(pool, inputs=(inner,), outputs=(node.target,))
        order = [n for n in model.nodes if n.name != node.name]
        order[order.index(pool) : order.index(pool) + 1] = [early, late]
        model = rewritten(replace(model, nodes=tuple(order)), ())
    return model


def _bounds(model: OnnxModel, node: Node) -> tuple[float, float]:
    """Lower and upper bound of a Clip, Max or Min of a tensor and a number."""
    if node.op == "Clip":
        return (
            _bound(model, node, "min", 1, -math.inf),
            _bound(model, node, "max", 2, math.inf),
        )
    numbers = [model.constants[name] for name in node.inputs if name in model.constants]
    if len(node.inputs) != 2 or len(numbers) != 1 or numbers[0].size != 1:
        raise HearthError(f"{node.name}: {node.op} is supported of a map and one number")
    number = float(numbers[0].reshape(-1)[0])
    return (number, math.inf) if node.op == "Max" else (-math.inf, number)


def _bound(model: OnnxModel, node: Node, attribute: str, position: int, default: float) -> float:
    """A bound of Clip: an attribute up to opset 10, an input from 11."""
    if attribute in node.attributes:
        return float(node.attributes[attribute])
    tensor = node.optional(position)
    if not tensor:
        return default
    if tensor not in model.constants or not model.constants[tensor].size:
        raise HearthError(f"{node.name}: the {attribute} of Clip should be a constant")
    return float(model.constants[tensor].reshape(-1)[0])
