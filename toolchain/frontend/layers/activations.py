"""Functions of one value: activations in any spelling, which hardware looks up in a table.

LeakyRelu, PRelu, Sigmoid, Tanh, Elu, HardSigmoid, HardSwish, Softplus, Gelu, Mish   FloatTable
Abs, Celu, Selu, Sign, Softsign                                                      FloatTable
Max, Min with a number: a Clip of any bounds (Hardtanh)                              FloatTable
Sigmoid -> Mul (swish), Softplus -> Tanh -> Mul, Div -> Erf -> Add -> Mul -> Mul     FloatTable
Relu, or Clip from 0, that no layer in front of it can take                          FloatTable

Nodes that compute one map from another value by value, with no other map and constants of one
number, are one function, however many they are. Arithmetic alone is none: its place is elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import POINTWISE
from hearth.toolchain.frontend.layers.maps import Map, Step
from hearth.toolchain.frontend.simplify.affine import ARITHMETIC
from hearth.toolchain.frontend.simplify.clip import cap
from hearth.toolchain.ir import Array, FloatTable
from hearth.toolchain.support.errors import HearthError

FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "Abs": np.abs,
    "Add": np.add,
    "Celu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha)),
    "Div": np.divide,
    "Elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "Erf": lambda x: np.vectorize(math.erf, otypes=[np.float64])(x),
    "Gelu": lambda x, approximate="none": x * _normal(x, approximate),
    "HardSigmoid": lambda x, alpha=0.2, beta=0.5: np.clip(alpha * x + beta, 0, 1),
    "HardSwish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "LeakyRelu": lambda x, alpha=0.01: np.where(x > 0, x, alpha * x),
    "Max": np.maximum,
    "Min": np.minimum,
    "Mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "Mul": np.multiply,
    "PRelu": lambda x, slope: np.where(x > 0, x, slope * x),
    "Selu": lambda x, alpha=1.6732632, gamma=1.0507010: (
        gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    ),
    "Sigmoid": lambda x: np.exp(-np.logaddexp(-x, 0)),
    "Sign": np.sign,
    "Softplus": lambda x: np.logaddexp(x, 0),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Sub": np.subtract,
    "Tanh": np.tanh,
}
PROBES = np.linspace(-64, 64, 4097)
"""Where a function is asked whether it is ever below zero, and beyond which it is constant."""


def activation(model: OnnxModel, node: Node, source: Map) -> Step | None:
    """The function that a node begins; None where there is none."""
    if node.op not in POINTWISE:
        return None
    reached, found = {source.tensor}, []
    for other in model.nodes:
        reads = {name for name in other.inputs if name and name not in model.constants}
        if other.op in POINTWISE and reads and reads <= reached and _simple(model, other, source):
            reached.add(other.target)
            found.append(other)
    for end in reversed(found):
        nodes = _leading(end, found)
        if node in nodes and _enclosed(model, nodes) and not _linear(nodes):
            return _table(model, nodes, source)
    return None


def _simple(model: OnnxModel, node: Node, source: Map) -> bool:
    """Whether constants are one number, or slopes one for each channel."""
    values = [model.constants[name] for name in node.inputs if name in model.constants]
    if node.op == "PRelu":
        shape = (source.channels, 1, 1)
        slopes = values[0] if len(node.inputs) == 2 and len(values) == 1 else None
        if slopes is None or (slopes.size != 1 and slopes.shape[-3:] != shape):
            raise HearthError(
                f"{node.name}: PRelu is supported with one constant slope, or one for each of"
                f" {source.channels} channels [{source.channels}, 1, 1], found"
                f" {'no constant' if slopes is None else list(slopes.shape)}"
            )
        return True
    return all(value.size == 1 for value in values)


def _leading(end: Node, found: list[Node]) -> list[Node]:
    """The nodes among `found` that lead to `end`, in order."""
    wanted = {end.target}
    nodes: list[Node] = []
    for node in reversed(found):
        if node.target in wanted:
            wanted |= set(node.inputs)
            nodes.insert(0, node)
    return nodes


def _enclosed(model: OnnxModel, nodes: list[Node]) -> bool:
    """Whether only the last of the nodes makes what others read."""
    uses = model.uses()
    inside = [name for node in nodes for name in set(node.inputs)]
    return all(uses[node.target] == inside.count(node.target) for node in nodes[:-1])


def _linear(nodes: list[Node]) -> bool:
    return all(node.op in ARITHMETIC for node in nodes)


def _table(model: OnnxModel, nodes: list[Node], source: Map) -> Step:
    def function(values: Array) -> Array:
        known: dict[str, Array] = {source.tensor: values.astype(np.float64).reshape(1, -1)}
        for node in nodes:
            known[node.target] = _value(model, node, known)
        return known[nodes[-1].target]

    end, probed = nodes[-1], function(PROBES)
    layer = FloatTable(
        name=end.name,
        nodes=tuple(node.name for node in nodes),
        tensor=end.target,
        inputs=(source.tensor,),
        function=function,
        relu=bool(probed.min() >= 0),
        reach=_reach(probed),
    )
    return layer, replace(source, tensor=end.target)


def _reach(probed: Array) -> float:
    """The magnitude beyond which a function is constant on either side, a probe more at most."""
    varies = (probed != probed[:, :1]).any(axis=0), (probed != probed[:, -1:]).any(axis=0)
    first, last = int(varies[0].argmax()), probed.shape[1] - 1 - int(varies[1][::-1].argmax())
    if not varies[0].any() or first <= 1 or last >= probed.shape[1] - 2:
        return math.inf
    return float(max(-PROBES[first - 1], PROBES[last + 1], PROBES[-1] / len(PROBES)))


def _value(model: OnnxModel, node: Node, known: Mapping[str, Array]) -> Array:
    """What one node makes of values [1 or channels, n]."""
    if node.op in ("Relu", "Clip"):
        return np.clip(known[node.source], 0, cap(model, node))
    values = [
        known[name] if name in known else model.constants[name].astype(np.float64).reshape(-1, 1)
        for name in node.inputs
    ]
    return FUNCTIONS[node.op](*values, **node.attributes)


def _normal(x: Array, approximate: str) -> Array:
    """The normal distribution's cumulative function, exact or as exporters approximate it."""
    if approximate == "tanh":
        return (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return (1 + FUNCTIONS["Erf"](x / math.sqrt(2))) / 2
