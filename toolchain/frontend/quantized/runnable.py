"""A quantized file as ONNX Runtime can run it: the yardstick for what was made of it.

ONNX Runtime runs QDQ and QOperator files as they are. QONNX's Quant is nobody's operator but
QONNX's, so it is spelled out:

    Quant(x, scale, zero, bits)   (clip(round(x / scale + zero), low, high) - zero) * scale

https://github.com/fastmachinelearning/qonnx, docs/qonnx-custom-ops/quant_op.md
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hearth.toolchain.frontend.quantized.constants import WIDEST, Constants, quant_form
from hearth.toolchain.frontend.quantized.normalise import QUANT_DOMAINS, is_quant

ROUND_SINCE = 11
"""The operator set that Round, and Clip with bounds as inputs, are in since."""


def runnable(proto: onnx.ModelProto) -> onnx.ModelProto | None:
    """The file for ONNX Runtime; None where its operator set is too old to say it."""
    if not any(is_quant(node) for node in proto.graph.node):
        return proto
    versions = [entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions or versions[0] < ROUND_SINCE:
        return None
    constants = Constants(proto.graph)
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    graph = copy.graph
    del graph.node[:]
    for node in proto.graph.node:
        graph.node.extend(_spelled_out(node, constants, graph) if is_quant(node) else [node])
    known = [entry for entry in copy.opset_import if entry.domain not in QUANT_DOMAINS]
    del copy.opset_import[:]
    copy.opset_import.extend(known)
    return copy


def _spelled_out(
    node: onnx.NodeProto, constants: Constants, graph: onnx.GraphProto
) -> list[onnx.NodeProto]:
    found = quant_form(node, constants.values, WIDEST)
    made = node.output[0]
    value, scale, zero = node.input[:3]
    for end, bound in (("low", found.low), ("high", found.high)):
        bounds = np.array(bound, np.float32)
        graph.initializer.append(numpy_helper.from_array(bounds, f"{made}/{end}"))
    steps = (
        ("Div", [value, scale], "scaled"),
        ("Add", [f"{made}/scaled", zero], "shifted"),
        ("Round", [f"{made}/shifted"], "rounded"),
        ("Clip", [f"{made}/rounded", f"{made}/low", f"{made}/high"], "clipped"),
        ("Sub", [f"{made}/clipped", zero], "centred"),
    )
    nodes = [helper.make_node(op, inputs, [f"{made}/{end}"]) for op, inputs, end in steps]
    return [*nodes, helper.make_node("Mul", [f"{made}/centred", scale], [made])]
