"""Nodes that do nothing at inference: their readers read their input instead.

    Identity, Dropout, Cast of float32 to float32, Cast to float64 and back

Everything on the data path of a float network is float32 (read_onnx.py sees to the input), so a
Cast to float32 changes nothing, unless a Cast that rounds came before it.
"""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import bypass
from hearth.toolchain.support.errors import HearthError


def drop_identities(model: OnnxModel) -> OnnxModel:
    """Remove Identity, Dropout and Cast nodes that change nothing."""
    for node in model.nodes:
        if node.op == "Dropout" and _training(model, node):
            raise HearthError(
                f"{node.name}: this Dropout is in training mode; export the model in evaluation"
                " mode"
            )
    gone = [
        node
        for node in model.nodes
        if node.op in ("Identity", "Dropout") or _same_type(node) or _wider(model, node)
    ]
    return bypass(model, gone)


def _training(model: OnnxModel, node: Node) -> bool:
    flag = model.constants.get(node.optional(2))
    return flag is not None and bool(np.any(flag))


def _same_type(node: Node) -> bool:
    """Whether a node is a Cast to float32. Other Casts stay, and are refused, or end the network
    behind an ArgMax (tail.py)."""
    return node.op == "Cast" and node.attributes.get("to") == TensorProto.FLOAT


def _wider(model: OnnxModel, node: Node) -> bool:
    """Whether a node is a Cast to float64 whose every reader casts back at once."""
    readers = model.consumers(node.target)
    wide = node.op == "Cast" and node.attributes.get("to") == TensorProto.DOUBLE
    ends = node.target in model.outputs
    return wide and bool(readers) and not ends and all(_same_type(other) for other in readers)
