"""What follows the class scores is cut off: hardware ranks the scores themselves.

    pool -> Flatten -> Softmax                 pool, the host may apply Softmax
    pool -> Flatten -> Sigmoid -> TopK         pool, the host may apply Sigmoid and TopK

Flattening keeps the values. Softmax, LogSoftmax and Sigmoid keep their order, so the same class is
first; ArgMax and TopK are what the last kernel does anyway (layers/topk: five classes, equal scores
to the lower index). What is not computed on the chip is kept in `OnnxModel.host`, for the report.
"""

from __future__ import annotations

import math
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import live
from hearth.toolchain.support.errors import HearthError

RESHAPING = ("Flatten", "Reshape", "Squeeze", "Unsqueeze")
MONOTONE = ("LogSoftmax", "Sigmoid", "Softmax")
RANKING = ("ArgMax", "TopK")
SINCE_ONE_AXIS = 13
"""The operator set from which Softmax works along one axis instead of all from there on."""


def drop_tail(model: OnnxModel) -> OnnxModel:
    """Cut off the nodes between the scores and the network's output."""
    producers = model.producers()
    output = model.output_tensor
    host: list[str] = []
    while (node := producers.get(output)) is not None:
        if node.op == "Cast" or node.op in (*MONOTONE, *RANKING):
            _check(model, node)
            host.append(node.op)
        elif node.op not in RESHAPING:
            break
        output = node.source
    return replace(live(model, output), host=tuple(reversed(host)))


def _check(model: OnnxModel, node: Node) -> None:
    """HearthError where the node does not keep the order of the classes."""
    if node.op == "Cast":
        if not _ranked(model, node):
            raise HearthError(
                f"{node.name}: this Cast rounds the scores; a Cast is supported to float32, or of"
                " the class that an ArgMax or TopK found"
            )
        return
    if node.op == "Sigmoid":
        return
    if node.op == "TopK" and node.attributes.get("largest", 1) != 1:
        raise HearthError(f"{node.name}: this TopK asks for the smallest scores, not the largest")
    axis = _axis(model, node)
    shape = model.shapes.get(node.source)
    if shape is None or not shape:
        return
    classes = math.prod(shape[1:])
    first = axis + len(shape) if axis < 0 else axis
    whole = node.op in MONOTONE and model.opset < SINCE_ONE_AXIS
    extent = math.prod(shape[first:]) if whole else (shape[first : first + 1] or (0,))[0]
    if first < 1 or extent != classes:
        raise HearthError(
            f"{node.name}: {node.op} is supported along the classes, found axis {axis} of"
            f" {list(shape)}"
        )


def _ranked(model: OnnxModel, node: Node) -> bool:
    """Whether what a Cast reads was an index already."""
    producers = model.producers()
    before = producers.get(node.source)
    while before is not None and before.op in (*RESHAPING, "Cast"):
        before = producers.get(before.source)
    return before is not None and before.op in RANKING


def _axis(model: OnnxModel, node: Node) -> int:
    defaults = {"ArgMax": 0, "TopK": -1}
    older = 1 if model.opset < SINCE_ONE_AXIS else -1
    return int(node.attributes.get("axis", defaults.get(node.op, older)))
