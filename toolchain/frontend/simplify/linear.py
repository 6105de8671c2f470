"""Linear layers behind the global average pool move in front of it, as one 1x1 convolution.

    map -> pool -> Flatten -> Gemm             map -> Conv 1x1 -> pool
    map -> pool -> MatMul -> Add -> BatchNormalization -> Gemm       the same

The mean of W x + b over all pixels is W times the mean plus b, so the scores are the same numbers;
hardware then has less to do, and its global pool stays last. An activation between two Linear
layers does not commute with the mean: they stay behind the pool (pixels.py). One between the pool
and the first of them does nothing where the map is not negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.affine import STEPS, arithmetic, batch_norm
from hearth.toolchain.frontend.simplify.graph import (
    ACTIVATIONS,
    MOST_WEIGHTS,
    fresh,
    live,
    not_negative,
)
from hearth.toolchain.frontend.simplify.tail import RESHAPING
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

POOLS = ("AveragePool", "GlobalAveragePool")
MATRICES = ("Conv", "Gemm", "MatMul")


@dataclass(frozen=True, eq=False)
class Affine:
    """y = weights x + bias: weights [out, in] (None: as many outputs as inputs, unmixed)."""

    weights: Array | None
    gain: Array
    bias: Array


def move_linear(model: OnnxModel) -> OnnxModel:
    """Replace what stands between a global average pool and an output by a convolution."""
    for output in model.outputs:
        path = _path(model, output)
        if path is not None and len(path) > 1:
            model = _moved(model, output, path)
    return model


def _moved(model: OnnxModel, output: str, path: list[Node]) -> OnnxModel:
    pool, behind = path[0], path[1:]
    steps = [node for node in behind if node.op not in RESHAPING]
    steps = _without_activation(model, pool, steps)
    if any(node.op in ACTIVATIONS for node in steps):
        return model
    if not steps:
        return live(model, {output: pool.target})
    weights, bias = _composed(model, pool, steps)
    last = next((n for n in reversed(steps) if n.op in MATRICES), steps[-1])
    names = [fresh(model, f"{last.name}/{end}") for end in ("map", "weights", "bias")]
    made = Node(last.name, "Conv", (pool.source, *names[1:]), (names[0],), {})
    constants = {
        names[1]: weights.astype(np.float32)[:, :, None, None],
        names[2]: bias.astype(np.float32),
    }
    gone = {node.name for node in behind}
    nodes = [node for node in model.nodes if node.name not in gone]
    place = nodes.index(pool)
    nodes[place : place + 1] = [made, replace(pool, inputs=(names[0], *pool.inputs[1:]))]
    moved = replace(model, nodes=tuple(nodes), constants={**model.constants, **constants})
    return replace(live(moved, {output: pool.target}), rewritten=True)


def _path(model: OnnxModel, output: str) -> list[Node] | None:
    """The nodes from the pool to an output, if that is all there is between them."""
    producers = model.producers()
    path: list[Node] = []
    tensor = output
    while True:
        node = producers.get(tensor)
        if node is None or model.uses()[tensor] > 1:
            return None
        path.insert(0, node)
        if node.op in POOLS:
            extents = model.shapes.get(node.target, ())[2:]
            return path if math.prod(extents) == 1 else None
        if node.op not in (*RESHAPING, *ACTIVATIONS, *STEPS, *MATRICES):
            return None
        data = [name for name in node.inputs if name and name not in model.constants]
        shaped = node.op in RESHAPING
        if (not data or (len(data) != 1 and not shaped)) and node.inputs:
            return None
        tensor = node.source if shaped else data[0]


def _without_activation(model: OnnxModel, pool: Node, steps: list[Node]) -> list[Node]:
    """The steps without a Relu that does nothing."""
    while steps and steps[0].op == "Relu" and not_negative(model, pool.source):
        steps = steps[1:]
    return steps


def _composed(model: OnnxModel, pool: Node, steps: list[Node]) -> tuple[Array, Array]:
    """All steps as one: weights [out, in], bias [out] in float64."""
    channels = (model.shapes.get(pool.target, ()) or (0, 0))[1]
    if not channels:
        raise HearthError(
            f"{pool.name}: how many channels it averages is not known, which the Linear layer"
            " behind it needs; export the model with a fixed input size"
        )
    _check_size(pool, channels, channels)
    whole, bias = np.eye(channels), np.zeros(channels)
    for node in steps:
        step = _affine(model, node, len(bias))
        if step.weights is not None:
            _check_size(node, len(step.weights), channels)
        if step.weights is not None:
            if step.weights.shape[1] != len(bias):
                raise HearthError(
                    f"{node.name}: weights expect {step.weights.shape[1]} inputs, but"
                    f" {len(bias)} arrive"
                )
            whole, bias = step.weights @ whole, step.weights @ bias
        whole, bias = whole * step.gain.reshape(-1, 1), bias * step.gain + step.bias
    return whole, bias


def _check_size(node: Node, outputs: int, channels: int) -> None:
    if outputs * channels > MOST_WEIGHTS:
        raise HearthError(
            f"{node.name}: Linear layers multiplied out would have {outputs} x {channels} weights,"
            f" at most {MOST_WEIGHTS:,} are possible"
        )


def _affine(model: OnnxModel, node: Node, inputs: int) -> Affine:
    """One step; `inputs` values arrive per frame."""
    one, nothing = np.ones(1), np.zeros(1)
    if node.op == "BatchNormalization":
        gain, offset = batch_norm(model, node)
        return Affine(None, _per_class(node, gain, inputs), offset)
    if node.op not in MATRICES:
        return _scaling(model, node, inputs)
    if node.op == "Conv":
        weights = _constant(model, node, 1)
        if weights.ndim != 4 or weights.shape[2:] != (1, 1) or node.attributes.get("group", 1) != 1:
            raise HearthError(
                f"{node.name}: behind the global average pool a Conv should be 1x1 without groups,"
                f" found weights {list(weights.shape)}"
            )
        weights = weights[:, :, 0, 0]
        bias = _constant(model, node, 2) if node.optional(2) else nothing
        return Affine(weights, one, _per_class(node, bias, len(weights)))
    weights = _constant(model, node, 1)
    arriving = model.shapes.get(node.source)
    odd = arriving is not None and len(arriving) != 2
    if weights.ndim != 2 or node.flag("transA") or odd:
        raise HearthError(
            f"{node.name}: weights should be a matrix that the pooled values are multiplied with,"
            f" found {list(weights.shape)} for values of shape {list(arriving or ())}"
        )
    if node.op == "MatMul":
        return Affine(weights.T, one, nothing)
    weights = weights if node.flag("transB") else weights.T
    bias = _constant(model, node, 2) if node.optional(2) else nothing
    bias = _per_class(node, bias, len(weights)) * float(node.attributes.get("beta", 1.0))
    return Affine(weights * float(node.attributes.get("alpha", 1.0)), one, bias)


def _scaling(model: OnnxModel, node: Node, inputs: int) -> Affine:
    """Add, Sub, Mul or Div by a constant on either side."""
    first = node.inputs[0] in model.constants
    value = _per_class(node, _constant(model, node, 0 if first else 1), inputs)
    gain, offset = arithmetic(node, value, first)
    return Affine(None, gain, offset)


def _per_class(node: Node, value: Array, classes: int) -> Array:
    """A constant as one number, or one per class."""
    if value.size not in (1, classes) or max(value.shape, default=1) != value.size:
        raise HearthError(
            f"{node.name}: behind the global average pool constants should be one number or one for"
            f" each of {classes} classes, found {list(value.shape)}"
        )
    return value.reshape(-1)


def _constant(model: OnnxModel, node: Node, position: int) -> Array:
    value = model.constants.get(node.optional(position))
    if value is None:
        raise HearthError(f"{node.name}: weights '{node.optional(position)}' should be a constant")
    return value.astype(np.float64)
