"""ONNX Runtime computes operators on integers exactly, whatever instructions the processor has."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import Array

CHANNELS, COUNT, PIXELS = 8, 64, 25
STEP = 1 / 4096
"""A power of two, so that float32 multiplies a sum by it exactly."""
RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.integers(-128, 128, (CHANNELS, COUNT)).astype(np.int8)
VALUES = RANDOM.integers(0, 256, (PIXELS, COUNT)).astype(np.uint8)
VALUES[0] = 255  # pairs of products beyond 16 bits wherever two weights are large


def integer_operator(kind: str, weight_zero: Array, constants: bool = False) -> onnx.ModelProto:
    """values -> result, both uint8 [1, channels, PIXELS, 1], or [PIXELS, channels]."""
    convolves = kind == "QLinearConv"
    stored = {
        "one": np.float32(1),
        "none": np.uint8(0),
        "weights": WEIGHTS.reshape(CHANNELS, COUNT, 1, 1) if convolves else WEIGHTS.T.copy(),
        "step": np.full(np.shape(weight_zero), STEP, np.float32),
        "weight zero": weight_zero,
        "middle": np.uint8(128),
    }
    inputs = ["values", "one", "none", "weights", "step", "weight zero"]
    tail = ["", "one", "middle"] if kind == "QGemm" else ["one", "middle"]
    domain = "com.microsoft" if kind == "QGemm" else ""
    nodes = [helper.make_node(kind, [*inputs, *tail], ["result"], domain=domain)]
    tensors = [numpy_helper.from_array(np.asarray(value), key) for key, value in stored.items()]
    if constants:
        nodes = [helper.make_node("Constant", [], [t.name], value=t) for t in tensors] + nodes
    shape = [1, COUNT, PIXELS, 1] if convolves else [PIXELS, COUNT]
    value_info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "net",
        [value_info("values", onnx.TensorProto.UINT8, shape)],
        [value_info("result", onnx.TensorProto.UINT8, None)],
        [] if constants else tensors,
    )
    versions = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=8)


def expected(weight_zero: Array) -> Array:
    """[PIXELS, CHANNELS] in exact integers."""
    weights = WEIGHTS.astype(np.int64) - weight_zero.reshape(-1, 1)
    sums = VALUES.astype(np.int64) @ weights.T
    found: Array = (np.rint(sums * STEP) + 128).clip(0, 255)
    return found


@pytest.mark.parametrize("constants", [False, True])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("kind", ["QLinearConv", "QLinearMatMul", "QGemm"])
def test_sums_do_not_saturate(kind: str, per_channel: bool, constants: bool) -> None:
    zero: Any = np.zeros(CHANNELS, np.int8) if per_channel else np.int8(-3)
    proto = integer_operator(kind, zero, constants)
    before = proto.SerializeToString()
    session = runtime.session(proto, literal=True)
    shaped = VALUES.T.reshape(1, COUNT, PIXELS, 1) if kind == "QLinearConv" else VALUES
    (found,) = session.run(None, {"values": shaped})
    rows = found.reshape(CHANNELS, PIXELS).T if kind == "QLinearConv" else found
    assert np.array_equal(rows, expected(np.asarray(zero, np.int64)))
    assert proto.SerializeToString() == before, "the file itself stays as it is"


def test_only_signed_weights_of_unsigned_values_change() -> None:
    proto = integer_operator("QLinearConv", np.zeros(1, np.int8))
    written = runtime.unsigned_weights(proto)
    kinds = {tensor.name: tensor.data_type for tensor in written.graph.initializer}
    node = written.graph.node[0]
    assert kinds[node.input[3]] == kinds[node.input[5]] == onnx.TensorProto.UINT8
    assert runtime.unsigned_weights(written) is written
    for tensor in proto.graph.initializer:
        if tensor.name == "none":
            tensor.CopyFrom(numpy_helper.from_array(np.zeros((), np.int8), "none"))
    assert runtime.unsigned_weights(proto) is proto
