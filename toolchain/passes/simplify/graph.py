"""Small edits of a model's nodes that several rewrites share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from toolchain.onnx_model import Node, OnnxModel


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
    output = names.get(model.output_tensor, model.output_tensor)
    return replace(model, nodes=tuple(kept), constants=constants, output_tensor=output)


def bypass_behind(model: OnnxModel, gone: Node) -> OnnxModel:
    """Remove one node; whoever wrote its input now writes its output."""

    def rename(node: Node) -> Node:
        outputs = tuple(gone.target if name == gone.source else name for name in node.outputs)
        return replace(node, outputs=outputs)

    nodes = tuple(rename(node) for node in model.nodes if node.name != gone.name)
    return replace(model, nodes=nodes)


def live(model: OnnxModel, output: str) -> OnnxModel:
    """The model that ends in tensor `output`, with only the nodes that lead there."""
    wanted = {output}
    kept = []
    for node in reversed(model.nodes):
        if wanted & set(node.outputs):
            wanted |= set(node.inputs)
            kept.append(node)
    return replace(model, nodes=tuple(reversed(kept)), output_tensor=output)
