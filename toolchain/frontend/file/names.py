"""Names in an ONNX file: how operators' domains compare, what a node is called in a message."""

from __future__ import annotations

import onnx

LONGEST_NAME = 1000
"""Most characters of a name."""


def standard(domain: str) -> str:
    """The domain of an operator, '' for ONNX's own, which has two names."""
    return "" if domain == "ai.onnx" else domain


def label(node: onnx.NodeProto) -> str:
    """A node's name, or that of the tensor it writes."""
    return node.name or next((name for name in node.output if name), node.op_type)
