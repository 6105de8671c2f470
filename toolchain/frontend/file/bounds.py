"""Check: what only computes shapes stays small, whatever sizes a hostile file asks for.

    Shape(x) -> Gather -> Concat -> Reshape        passes
    Shape(x) -> Expand to 2^30 -> Slice -> Reshape is refused

Pixels flow through operators that recognise.py knows the size of; constants are bounded where they
are computed (fold_constants.py). What is left are the nodes that compute the target of a Reshape
from the size of a map, as PyTorch writes a flattening. ONNX Runtime would run them as they are, and
shape inference follows their values, so they are held to operators and sizes that shapes need.
"""

from __future__ import annotations

import math
from pathlib import Path

import onnx
from onnx import shape_inference

from hearth.toolchain.frontend.file.names import label, standard
from hearth.toolchain.support.errors import HearthError

COMPUTE_SHAPES = (
    "Add",
    "Cast",
    "Concat",
    "Constant",
    "Div",
    "Flatten",
    "Gather",
    "Identity",
    "Mul",
    "ReduceProd",
    "Reshape",
    "Shape",
    "Size",
    "Slice",
    "Squeeze",
    "Sub",
    "Unsqueeze",
)
MOST = 4096
"""Numbers that one of these nodes may write; a shape has four or so."""


def check_shape_nodes(path: Path, proto: onnx.ModelProto, on_path: set[str]) -> None:
    """Raise HearthError for a node off the pixels' path that does not just compute a shape.

    `on_path` are the tensors that the nodes on the path write.
    """
    nodes = [node for node in proto.graph.node if not on_path & set(node.output)]
    for node in nodes:
        if standard(node.domain) or node.op_type not in COMPUTE_SHAPES:
            raise HearthError(
                f"{path}: node '{label(node)}' is a {node.op_type} that helps to compute a shape,"
                " which is not supported; export the model with a fixed input size"
            )
    if all(node.op_type == "Constant" for node in nodes):
        return
    sizes = _sizes(proto)
    for node in nodes:
        found = max(sizes.get(name, MOST + 1) for name in node.output if name)
        if node.op_type != "Constant" and found > MOST:
            raise HearthError(
                f"{path}: node '{label(node)}' is a {node.op_type} that helps to compute a shape,"
                f" but writes more than {MOST} numbers, or how many is not known; export the model"
                " with a fixed input size"
            )


def _sizes(proto: onnx.ModelProto) -> dict[str, int]:
    """How many numbers each tensor holds, where that follows without knowing any values."""
    try:
        graph = shape_inference.infer_shapes(proto).graph
    except (shape_inference.InferenceError, RuntimeError, ValueError):
        return {}
    found = {}
    for value in graph.value_info:
        kind = value.type.tensor_type
        if kind.HasField("shape") and all(d.HasField("dim_value") for d in kind.shape.dim):
            found[value.name] = math.prod(d.dim_value for d in kind.shape.dim)
    return found
