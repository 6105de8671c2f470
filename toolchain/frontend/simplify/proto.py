"""A model's nodes as an ONNX file again, for ONNX Runtime.

Needed once a rewrite has made tensors that the file does not have: calibration and reports ask for
tensors by name, so the network that they run must be the one that is compiled.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel

IR_VERSION = 8


def written(model: OnnxModel) -> onnx.ModelProto:
    """The network of `model.nodes`, from `input_tensor` to the outputs, which have four axes."""
    used = {name for node in model.nodes for name in node.inputs if name in model.constants}
    stored = [numpy_helper.from_array(model.constants[name], name) for name in sorted(used)]
    batch: int | str = model.batch or "N"
    size = [batch, model.channels, model.height, model.width]
    entry = helper.make_tensor_value_info(model.input_tensor, TensorProto.FLOAT, size)
    ends = [
        helper.make_tensor_value_info(output, TensorProto.FLOAT, [batch, None, None, None])
        for output in model.outputs
    ]
    nodes = [_node(node) for node in model.nodes]
    graph = helper.make_graph(nodes, model.proto.graph.name or "network", [entry], ends, stored)
    opsets = [helper.make_opsetid("", model.opset)]
    version = max(model.proto.ir_version, IR_VERSION)
    return helper.make_model(graph, opset_imports=opsets, ir_version=version)


def _node(node: Node) -> onnx.NodeProto:
    attributes = {k: v for k, v in node.attributes.items() if v is not None and v != []}
    return helper.make_node(node.op, node.inputs, node.outputs, node.name, **attributes)
