"""Linear layers behind a map that was flattened become convolutions of one window.

    map [c, h, w] -> Flatten -> Gemm -> Relu -> Gemm
    map -> Conv h x w -> Relu -> Conv 1x1 -> GlobalAveragePool of the one pixel

A flattened map is its channels one after another, so a row of the matrix is a kernel as large as
the map. Behind a global average pool there is one pixel already, and linear.py's way is shorter.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import POINTWISE
from hearth.toolchain.frontend.simplify.affine import ARITHMETIC
from hearth.toolchain.frontend.simplify.graph import fresh, live
from hearth.toolchain.frontend.simplify.linear import POOLS
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

FLATTENING = ("Flatten", "Reshape")
LINEAR = ("Gemm", "MatMul")
BETWEEN = (*sorted({*POINTWISE} - {*ARITHMETIC, "PRelu"}), "BatchNormalization")
"""What works on one pixel as it does on a row of values."""


def flattened_to_convs(model: OnnxModel) -> OnnxModel:
    """Replace the Linear layers in front of every output, where a map was flattened before them."""
    for output in model.outputs:
        path = _path(model, output)
        if path is not None:
            model = _as_convs(model, output, path)
    return model


def _as_convs(model: OnnxModel, output: str, path: list[Node]) -> OnnxModel:
    flatten, behind = path[0], path[1:]
    size = model.shapes[flatten.source][1:]
    tensor = flatten.source
    nodes: list[Node] = []
    constants: dict[str, Array] = {}
    for node in behind:
        made = fresh(model, f"{node.target}/map")
        if node.op in LINEAR:
            weights, bias = matrix(model, node, math.prod(size))
            names = [fresh(model, f"{node.name}/{end}") for end in ("weights", "bias")]
            constants[names[0]] = weights.reshape(len(weights), *size).astype(np.float32)
            constants[names[1]] = bias.astype(np.float32)
            nodes.append(Node(node.name, "Conv", (tensor, *names), (made,), {}))
            size = (len(weights), 1, 1)
        elif node.op == "Add":
            before = nodes.pop()
            name = before.inputs[2]
            constants[name] += _bias(model, node, size[0]).astype(np.float32)
            nodes.append(replace(before, outputs=(made,)))
        else:
            nodes.append(replace(node, inputs=(tensor, *node.inputs[1:]), outputs=(made,)))
        tensor = made
    end = fresh(model, f"{output}/pixel")
    nodes.append(Node(f"{flatten.name}/pool", "GlobalAveragePool", (tensor,), (end,), {}))
    gone = {node.name for node in path}
    kept = [node for node in model.nodes if node.name not in gone]
    changed = replace(
        model, nodes=(*kept, *nodes), constants={**model.constants, **constants}, rewritten=True
    )
    return live(changed, {output: end})


def _path(model: OnnxModel, output: str) -> list[Node] | None:
    """The nodes from the flattening to an output, if Linear layers are all there is."""
    producers = model.producers()
    path: list[Node] = []
    tensor = output
    while (node := producers.get(tensor)) is not None and model.uses()[tensor] <= 1:
        path.insert(0, node)
        if node.op in FLATTENING:
            before = producers.get(node.source)
            shape, flat = (model.shapes.get(n, ()) for n in (node.source, node.target))
            whole = len(shape) == 4 and all(shape[1:]) and flat[1:] == (math.prod(shape[1:]),)
            pooled = before is not None and before.op in POOLS
            linear = len(path) > 1 and path[1].op in LINEAR
            return path if whole and linear and not pooled else None
        if not _known(model, node):
            return None
        tensor = next(n for n in node.inputs if n not in model.constants)
    return None


def _known(model: OnnxModel, node: Node) -> bool:
    data = [name for name in node.inputs if name and name not in model.constants]
    if len(data) != 1:
        return False
    before = model.producers().get(data[0])
    biased = node.op == "Add" and before is not None and before.op == "MatMul"
    return biased or node.op in BETWEEN or (node.op in LINEAR and node.source == data[0])


def matrix(model: OnnxModel, node: Node, inputs: int) -> tuple[Array, Array]:
    """Weights [out, inputs] and bias [out] in float64."""
    weights = model.constants[node.inputs[1]].astype(np.float64)
    if node.op == "MatMul" or not node.flag("transB"):
        weights = weights.T
    if weights.ndim != 2 or weights.shape[1] != inputs or node.flag("transA"):
        raise HearthError(
            f"{node.name}: weights should be a matrix for {inputs} values, found"
            f" {list(model.constants[node.inputs[1]].shape)}"
        )
    if node.op == "MatMul":
        return weights, np.zeros(len(weights))
    bias = np.zeros(len(weights))
    if node.optional(2):
        bias = _bias(model, replace(node, inputs=node.inputs[2:]), len(weights))
    alpha, beta = (float(node.attributes.get(name, 1.0)) for name in ("alpha", "beta"))
    return weights * alpha, bias * beta


def _bias(model: OnnxModel, node: Node, outputs: int) -> Array:
    value = next(model.constants[n] for n in node.inputs if n in model.constants)
    if value.size not in (1, outputs) or max(value.shape, default=1) != value.size:
        raise HearthError(
            f"{node.name}: constants should be one number or one for each of {outputs} outputs,"
            f" found {list(value.shape)}"
        )
    return np.broadcast_to(value.reshape(-1), (outputs,)).astype(np.float64)
