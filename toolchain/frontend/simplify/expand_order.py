"""An expand stage whose 3x3 branch comes first in its Concat is put into hardware's order.

    Concat(3x3, 1x1) -> MaxPool -> Conv      Concat(1x1, 3x3) -> MaxPool -> Conv, inputs permuted

Only the order of channels changes, and every reader's weights with it, so that each sum has the
same terms. Where the channels are the classes themselves their order must stay: the 1x1 branch then
becomes a window with zeros around it, and both branches one convolution. Where other layers read
them, an addition or a convolution in groups, the branches stay layers of their own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.clip import cap
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS, bias_of, fresh, rewritten
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

CHANNEL_WISE = (*ACTIVATIONS, "MaxPool")
POOLING = ("GlobalAveragePool", "AveragePool", "ReduceMean")


def order_expand(model: OnnxModel) -> OnnxModel:
    """Swap every Concat whose second branch alone is a 1x1 convolution."""
    for name in [node.name for node in model.nodes if node.op == "Concat"]:
        join = next(node for node in model.nodes if node.name == name)
        branches = _branches(model, join)
        if branches is None:
            continue
        sizes = [len(model.constants[conv.inputs[1]]) for conv in branches]
        readers = _readers(model, join.target)
        if readers is None and _scored(model, join.target):
            model = _as_one(model, join, branches)
        elif readers is not None:
            order = np.concatenate([np.arange(sizes[0], sum(sizes)), np.arange(sizes[0])])
            model = _swapped(model, join, readers, order)
    return model


def _branches(model: OnnxModel, join: Node) -> tuple[Node, Node] | None:
    """The two convolutions that a Concat joins, if the wrong one comes first."""
    producers = model.producers()
    found = []
    for tensor in join.inputs:
        node = producers.get(tensor)
        while node is not None and node.op in ACTIVATIONS:
            node = producers.get(node.source)
        if node is None or node.op != "Conv" or node.optional(1) not in model.constants:
            return None
        found.append(node)
    if len(found) != 2 or found[0].source != found[1].source:
        return None
    shapes = [model.constants[node.inputs[1]].shape for node in found]
    fit = all(len(shape) == 4 for shape in shapes) and shapes[0][1] == shapes[1][1]
    wrong = fit and shapes[0][2:] != (1, 1) and shapes[1][2:] == (1, 1)
    return (found[0], found[1]) if wrong else None


def _readers(model: OnnxModel, tensor: str) -> list[Node] | None:
    """The convolutions that read a tensor, through activations and pools; None where others do,
    or it goes on to the scores."""
    found: list[Node] = []
    pending = [tensor]
    while pending:
        reached = pending.pop()
        further = []
        for node in model.consumers(reached):
            if node.op in CHANNEL_WISE:
                further.append(node.target)
            elif not _plain(model, node, reached):
                return None
            else:
                found.append(node)
        if reached in model.outputs:
            return None
        pending += reversed(further)
    return found


def _plain(model: OnnxModel, node: Node, source: str) -> bool:
    """Whether a node is a convolution every channel of which reads all of a tensor's."""
    alone = node.op == "Conv" and node.source == source and node.attributes.get("group", 1) == 1
    return alone and node.optional(1) in model.constants


def _scored(model: OnnxModel, tensor: str) -> bool:
    """Whether a tensor's channels are the classes."""
    while tensor not in model.outputs:
        readers = model.consumers(tensor)
        if len(readers) != 1 or readers[0].op not in (*CHANNEL_WISE, *POOLING):
            return False
        tensor = readers[0].target
    return True


def _swapped(model: OnnxModel, join: Node, readers: list[Node], order: Array) -> OnnxModel:
    changed = [replace(join, inputs=tuple(reversed(join.inputs)))]
    constants = {}
    for node in readers:
        weights = model.constants[node.inputs[1]]
        if weights.ndim != 4 or weights.shape[1] != len(order):
            raise HearthError(
                f"{node.name}: weights should expect the {len(order)} channels of {join.name},"
                f" found {list(weights.shape)}"
            )
        name = fresh(model, f"{node.inputs[1]}/reordered by {join.name} for {node.name}")
        constants[name] = np.ascontiguousarray(weights[:, order])
        changed.append(replace(node, inputs=(node.source, name, *node.inputs[2:])))
    return rewritten(model, changed, constants)


def _as_one(model: OnnxModel, join: Node, branches: tuple[Node, Node]) -> OnnxModel:
    """Both branches as one convolution with the larger window, where that is the same."""
    wide, narrow = branches
    weights, centre = (model.constants[node.inputs[1]] for node in branches)
    side = weights.shape[2]
    pads = list(wide.attributes.get("pads") or [0] * 4)
    acts = [model.producers()[tensor] for tensor in join.inputs]
    caps = {cap(model, node) if node.op in ACTIVATIONS else None for node in acts}
    same = side == weights.shape[3] and side % 2 and pads == [side // 2] * 4
    if not same or len(caps) != 1 or {wide.name, narrow.name} & set(model.kept.weights):
        return model
    around = ((0, 0), (0, 0), (side // 2,) * 2, (side // 2,) * 2)
    names = [fresh(model, f"{join.name}/{end}") for end in ("weights", "bias")]
    biases = [
        bias_of(model, node, len(part))
        for node, part in zip(branches, (weights, centre), strict=True)
    ]
    constants = {
        names[0]: np.concatenate([weights, np.pad(centre, around)]).astype(np.float32),
        names[1]: np.concatenate(biases).astype(np.float32),
    }
    sums = join.target if None in caps else fresh(model, f"{join.name}/sums")
    made = replace(wide, name=join.name, inputs=(wide.source, *names), outputs=(sums,))
    nodes = [made]
    if None not in caps:
        nodes.append(replace(acts[0], inputs=(sums, *acts[0].inputs[1:]), outputs=join.outputs))
    gone = {wide.name, narrow.name, join.name, *(node.name for node in acts)}
    order = [node for node in model.nodes if node.name not in gone]
    place = next(i for i, node in enumerate(model.nodes) if node.name == join.name)
    before = sum(node.name not in gone for node in model.nodes[:place])
    order[before:before] = nodes
    return rewritten(replace(model, nodes=tuple(order)), (), constants)
