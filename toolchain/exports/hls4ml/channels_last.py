"""Operations as a channels-last ONNX model, the form hls4ml's ONNX front end reads.

NHWC tensors, OHWI weights, a shape for every tensor, constants as float64 so that every integer of
32 bits is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.exports.hls4ml.lower import INPUT
from hearth.toolchain.ir import Edge, Operation


def model(name: str, source: Edge, operations: Sequence[Operation]) -> onnx.ModelProto:
    """The ONNX model of a chain of operations that reads frames of `source`."""
    constants = [
        (f"{operation.name}_{key}", np.asarray(value, np.float64))
        for operation in operations
        for key, value in operation.weights.items()
    ]
    values = [_value(item.name, (1, *item.shape)) for item in operations]
    shapes = [_value(key, value.shape) for key, value in constants]
    graph = helper.make_graph(
        [_node(operation) for operation in operations],
        name,
        [_value(INPUT, (1, *source.shape))],
        [values[-1]],
        [numpy_helper.from_array(value, key) for key, value in constants],
        value_info=[*values[:-1], *shapes],
    )
    domains = sorted({operation.domain for operation in operations} | {""})
    opsets = [helper.make_opsetid(domain, 13 if not domain else 1) for domain in domains]
    return helper.make_model(graph, opset_imports=opsets, producer_name="hearth")


def _node(operation: Operation) -> onnx.NodeProto:
    constants = [f"{operation.name}_{key}" for key in operation.weights]
    attributes: dict[str, Any] = dict(operation.attributes)
    return helper.make_node(
        operation.kind,
        [*operation.inputs, *constants],
        [operation.name],
        name=operation.name,
        domain=operation.domain,
        **attributes,
    )


def _value(name: str, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.DOUBLE, shape)
