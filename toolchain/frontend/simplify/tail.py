"""What follows the class scores is cut off: hardware ranks the scores themselves.

    pool -> Flatten -> Softmax                 pool, the host may apply Softmax
    pool -> Flatten -> Sigmoid -> TopK         pool, the host may apply Sigmoid and TopK

Flattening keeps the values. Softmax, LogSoftmax and Sigmoid keep their order, so the same class is
first; ArgMax and TopK are what the last kernel does anyway (layers/topk: five classes, equal scores
to the lower index). What is not computed on the chip is kept in `OnnxModel.host`, for the report.

    head -> Transpose -> Reshape -> Softmax    head, the host does the rest

Behind a map, which leaves pixel by pixel, all of that is the host's: only what hardware computes
value by value, right behind the map, stays (Sigmoid).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import POINTWISE
from hearth.toolchain.frontend.simplify.graph import live
from hearth.toolchain.support.errors import HearthError

RESHAPING = ("Flatten", "Reshape", "Squeeze", "Unsqueeze")
SHAPING = (*RESHAPING, "Transpose")
MONOTONE = ("LogSoftmax", "Sigmoid", "Softmax")
RANKING = ("ArgMax", "TopK")
SINCE_ONE_AXIS = 13
"""The operator set from which Softmax works along one axis instead of all from there on."""


def drop_tail(model: OnnxModel) -> OnnxModel:
    """Cut off the nodes between the scores, or a map, and the network's outputs."""
    tails = {output: _tail(model, output) for output in model.outputs}
    names = {output: tail[0].source for output, tail in tails.items() if tail}
    several = len(tails) > 1
    host = []
    for end, output in model.ends.items():
        left = [node.op for node in tails[output] if _is_map(model, names[output]) or _told(node)]
        host += [f"{op} ('{end}')" if several else op for op in left]
    return replace(live(model, names), host=tuple(host))


def _tail(model: OnnxModel, output: str) -> list[Node]:
    """The nodes in front of an output that are the host's, in order."""
    producers = model.producers()
    found: list[Node] = []
    tensor = output
    while (node := producers.get(tensor)) is not None and (_told(node) or node.op in SHAPING):
        found.insert(0, node)
        tensor = node.source
    if _is_map(model, tensor):
        return list(itertools.dropwhile(lambda node: node.op in POINTWISE, found))
    last = max((i for i, node in enumerate(found) if node.op == "Transpose"), default=-1)
    for node in found[last + 1 :]:
        if _told(node):
            _check(model, node)
    return found[last + 1 :]


def _told(node: Node) -> bool:
    """Whether a node does more than shape."""
    return node.op == "Cast" or node.op in (*MONOTONE, *RANKING)


def _is_map(model: OnnxModel, tensor: str) -> bool:
    """Whether a tensor has several pixels, as far as its shape is known."""
    shape = model.shapes.get(tensor, ())
    return len(shape) == 4 and math.prod(shape[2:]) > 1


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
