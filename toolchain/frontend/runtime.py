"""ONNX Runtime, made to compute what a file says on every processor.

Left alone it computes 8-bit products of unsigned values and signed weights in pairs that saturate
at 16 bits where the processor has no instruction for four of them (VNNI), so that the same file
has other results from one machine to the next
(https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "Saturation issue").
Two things prevent it: quantizers are not fused into such operators (no graph optimization), and
operators on integers that the file has itself get unsigned weights with a zero point 128 higher,
which is the same number for every weight and is computed exactly.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

from hearth.toolchain.frontend.quantized.constants import Constants
from hearth.toolchain.frontend.quantized.names import of_tensors

THREADS = 2
WEIGHTS = {"QLinearConv": 3, "QLinearMatMul": 3, "QGemm": 3}
"""Where an operator on integers has its weights; scale and zero point follow, x's come before."""


def session(proto: onnx.ModelProto, *, literal: bool = False) -> onnxruntime.InferenceSession:
    """The model ready to run, operator by operator and exactly if `literal`.

    ONNX Runtime's own errors are raised for what it cannot load.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Threads that wait do not keep a processor busy, which others may need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if literal:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        proto = unsigned_weights(proto)
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def unsigned_weights(proto: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with uint8 weights where uint8 values meet int8 weights; itself if none do.

    Weights that are computed, rather than stored, stay as they are.
    """
    stored = Constants(proto.graph).values
    found = {}
    for index, node in enumerate(proto.graph.node):
        at = WEIGHTS.get(node.op_type)
        if at is None or len(node.input) <= at + 2:
            continue
        value_zero, weights, weight_zero = (
            stored.get(name) for name in (node.input[at - 1], node.input[at], node.input[at + 2])
        )
        if value_zero is None or weights is None or weight_zero is None:
            continue
        if value_zero.dtype == np.uint8 and weights.dtype == np.int8:
            found[index] = (weights, weight_zero)
    if not found:
        return proto
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    names = of_tensors(proto.graph)
    for index, tensors in found.items():
        at = WEIGHTS[copy.graph.node[index].op_type]
        for position, tensor in zip((at, at + 2), tensors, strict=True):
            raised = (tensor.astype(np.int16) + 128).astype(np.uint8)
            name = names.fresh(f"{copy.graph.node[index].input[position]}/unsigned")
            copy.graph.initializer.append(numpy_helper.from_array(raised, name))
            copy.graph.node[index].input[position] = name
    return copy
