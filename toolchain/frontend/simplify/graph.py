"""Small edits of a model's nodes, and questions about them, that several rewrites share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

MOST_WEIGHTS = 1 << 24
"""Weights that matrices multiplied out may have; SqueezeNet's classifier has half a million."""
ACTIVATIONS = ("Clip", "Relu")
"""What clip.py leaves: max(x, 0) and min(max(x, 0), c)."""
POSITIVE = (*ACTIVATIONS, "HardSigmoid", "Sigmoid")
"""What makes no value below zero."""
PASSING = ("AveragePool", "Concat", "GlobalAveragePool", "MaxPool", "Mul", "Resize", "Upsample")
"""What makes none where it reads none."""


def bypass(model: OnnxModel, gone: Iterable[Node]) -> OnnxModel:
    """Remove nodes that pass their first input on unchanged: their readers read that input."""
    drop = {node.name for node in gone}
    names: dict[str, str] = {}
    constants = dict(model.constants)
    kept = []
    for node in model.nodes:
        node = node.renamed(names)
        if node.name in drop:
            names[node.target] = node.source
            if node.source in constants:
                constants[node.target] = constants[node.source]
        else:
            kept.append(node)
    return replace(model, nodes=tuple(kept), constants=constants).ended(names)


def bypass_behind(model: OnnxModel, gone: Node) -> OnnxModel:
    """Remove one node; whoever wrote its input now writes its output."""

    def rename(node: Node) -> Node:
        outputs = tuple(gone.target if name == gone.source else name for name in node.outputs)
        return replace(node, outputs=outputs)

    nodes = tuple(rename(node) for node in model.nodes if node.name != gone.name)
    return replace(model, nodes=nodes)


def live(model: OnnxModel, ends: Mapping[str, str] | None = None) -> OnnxModel:
    """The model with only the nodes that lead to its outputs, which end in `ends[tensor]` now where
    they ended in `tensor`."""
    model = model.ended(ends or {})
    wanted = set(model.outputs)
    kept = []
    for node in reversed(model.nodes):
        if wanted & set(node.outputs):
            wanted |= set(node.inputs)
            kept.append(node)
    return replace(model, nodes=tuple(reversed(kept)))


def rewritten(
    model: OnnxModel, changed: Iterable[Node], constants: Mapping[str, Array] | None = None
) -> OnnxModel:
    """The model with nodes of the same names replaced, and constants added; its tensors are no
    longer all those of the file."""
    by_name = {node.name: node for node in changed}
    nodes = tuple(by_name.get(node.name, node) for node in model.nodes)
    more = {**model.constants, **(constants or {})}
    return replace(model, nodes=nodes, constants=more, rewritten=True)


def fresh(model: OnnxModel, wanted: str) -> str:
    """`wanted`, or something like it that no tensor of the model is called."""
    taken = {name for node in model.nodes for name in (*node.inputs, *node.outputs)}
    while wanted in taken or wanted in model.constants:
        wanted += "_"
    return wanted


def bias_of(model: OnnxModel, conv: Node, channels: int) -> Array:
    """The bias of a Conv, float64 [channels]; zeros where it has none."""
    if not conv.optional(2):
        return np.zeros(channels)
    bias = model.constants.get(conv.optional(2))
    if bias is None or bias.shape != (channels,):
        found = "no constant" if bias is None else list(bias.shape)
        raise HearthError(
            f"{conv.name}: bias should be a constant of shape [{channels}], found {found}"
        )
    return bias.astype(np.float64)


def not_negative(model: OnnxModel, tensor: str) -> bool:
    """Whether no value of a tensor can be below zero, because activations stand before it."""
    producers = model.producers()
    pending, seen = [tensor], {tensor}
    while pending:
        node = producers.get(pending.pop())
        if node is None or node.op not in (*POSITIVE, *PASSING):
            return False
        if node.op not in POSITIVE:
            pending += [name for name in node.inputs if name not in seen]
            seen.update(node.inputs)
    return True
