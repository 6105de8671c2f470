"""Mutations of nodes: gone, doubled, rewired, of another kind, new ones on an edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.fuzz.mutate.choices import NothingToDoError, Rng, pick, some

OPERATORS = (
    "Add",
    "ArgMax",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "ConstantOfShape",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "DequantizeLinear",
    "Dropout",
    "Expand",
    "Flatten",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Identity",
    "LeakyRelu",
    "LogSoftmax",
    "Loop",
    "LRN",
    "MatMul",
    "MaxPool",
    "Mul",
    "NoSuchOperator",
    "Pad",
    "QLinearConv",
    "QuantizeLinear",
    "ReduceMean",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Resize",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Split",
    "Squeeze",
    "Tile",
    "TopK",
    "Transpose",
    "Unsqueeze",
    "Upsample",
)


def node_bypassed(rng: Rng, model: onnx.ModelProto) -> str:
    index = int(rng.integers(max(1, len(model.graph.node))))
    node = some(rng, model.graph.node[index : index + 1])
    if not node.input or not node.output:
        raise NothingToDoError
    for reader in model.graph.node:
        for i, name in enumerate(reader.input):
            if name == node.output[0]:
                reader.input[i] = node.input[0]
    text = f"{node.op_type} {node.name} taken out"
    del model.graph.node[index]
    return text


def node_gone(rng: Rng, model: onnx.ModelProto) -> str:
    index = int(rng.integers(max(1, len(model.graph.node))))
    node = some(rng, model.graph.node[index : index + 1])
    text = f"{node.op_type} {node.name} deleted"
    del model.graph.node[index]
    return text


def node_doubled(rng: Rng, model: onnx.ModelProto) -> str:
    node = onnx.NodeProto()
    node.CopyFrom(some(rng, model.graph.node))
    if rng.integers(2):
        node.output[:] = [f"{name}_again" for name in node.output]
    model.graph.node.append(node)
    return f"{node.op_type} {node.name} doubled"


def node_in_series(rng: Rng, model: onnx.ModelProto) -> str:
    """A copy of a node behind itself."""
    node, copy = some(rng, model.graph.node), onnx.NodeProto()
    if not node.input or not node.output:
        raise NothingToDoError
    copy.CopyFrom(node)
    middle = f"{node.output[0]}/first"
    copy.input[0], node.output[0] = middle, middle
    index = next(i for i, other in enumerate(model.graph.node) if middle in other.output)
    model.graph.node.insert(index + 1, copy)
    return f"{copy.op_type} {copy.name} twice in a row"


def nodes_swapped(rng: Rng, model: onnx.ModelProto) -> str:
    first, second = some(rng, model.graph.node), pick(rng, model.graph.node)
    kept = onnx.NodeProto()
    kept.CopyFrom(first)
    first.op_type, second.op_type = second.op_type, first.op_type
    attributes = [list(kept.attribute), list(second.attribute)]
    for node, new in ((second, attributes[0]), (first, attributes[1])):
        copies = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in new]
        del node.attribute[:]
        node.attribute.extend(copies)
    return f"{first.name} and {second.name} have changed places"


def node_order(rng: Rng, model: onnx.ModelProto) -> str:
    nodes = [onnx.NodeProto.FromString(n.SerializeToString()) for n in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes[i] for i in rng.permutation(len(nodes)))
    return "nodes in another order"


def rewired(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.input])
    tensors = [t for n in model.graph.node for t in n.output]
    stored = [t.name for t in model.graph.initializer]
    new = pick(rng, [*tensors, *stored, "data", "nothing", ""])
    index = int(rng.integers(len(node.input)))
    node.input[index] = new
    return f"{node.op_type} {node.name}: input {index} is '{new}'"


def inputs_changed(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.input])
    match int(rng.integers(4)):
        case 0:
            node.input[:] = list(reversed(node.input))
        case 1:
            node.input[:] = list(node.input)[:-1]
        case 2:
            node.input.append(pick(rng, node.input))
        case _:
            node.output.append(f"{node.name}/more")
    return f"{node.op_type} {node.name}: inputs {list(node.input)}"


def operator(rng: Rng, model: onnx.ModelProto) -> str:
    node, new = some(rng, model.graph.node), pick(rng, OPERATORS)
    text = f"{node.op_type} {node.name} is a {new}"
    node.op_type = new
    return text


def domain(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, model.graph.node)
    node.domain = pick(
        rng, ("ai.onnx", "com.microsoft", "qonnx.custom_op.general", "a.b", "\x1b[2J")
    )
    if rng.integers(2):
        model.opset_import.add(domain=node.domain, version=1)
    return f"{node.op_type} {node.name}: domain {node.domain!r}"


INSERTED: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("Identity", (), {}),
    ("Relu", (), {}),
    ("Dropout", (), {}),
    ("Neg", (), {}),
    ("Sigmoid", (), {}),
    ("Cast", (), {"to": 1}),
    ("Cast", (), {"to": 10}),
    ("Clip", (np.float32(0), np.float32(6)), {}),
    ("Clip", (np.float32(0),), {}),
    ("Clip", (np.float32(-1), np.float32(1)), {}),
    ("Transpose", (), {"perm": [0, 1, 3, 2]}),
    ("Pad", (np.asarray([0, 0, 1, 1, 0, 0, 1, 1]),), {}),
    ("Pad", (np.asarray([0, 0, 1 << 20, 1, 0, 0, 1, 1]),), {}),
    ("Tile", (np.asarray([1, 1, 1 << 16, 1 << 16]),), {}),
    ("Expand", (np.asarray([1, 1, 1, 1]),), {}),
    ("Expand", (np.asarray([1 << 12, 1 << 12, 1, 1]),), {}),
    ("Mul", (np.float32(0.5),), {}),
    ("Add", (np.float32(0.25),), {}),
    ("QDQ", (np.float32(0.01), np.uint8(0)), {}),
    ("QDQ", (np.float32(0.02), np.uint8(128)), {}),
    ("QDQ", (np.float32(0.01), np.int8(-128)), {}),
    ("QDQ", (np.float32(0.01), np.int8(0)), {}),
    ("QDQ", (np.float32(-1), np.uint8(0)), {}),
    ("QDQ", (np.float32(1e30), np.uint8(0)), {}),
    ("QDQ", (np.float32(np.nan), np.uint8(0)), {}),
    ("Quant", (np.float32(0.01), np.float32(0), np.float32(8)), {"signed": 0}),
    ("Quant", (np.float32(0.05), np.float32(0), np.float32(4)), {"signed": 0}),
    ("Quant", (np.float32(0.05), np.float32(0), np.float32(np.inf)), {"signed": 0}),
    ("Quant", (np.float32(0.05), np.float32(1), np.float32(3)), {"signed": 1}),
    ("Quant", (np.zeros(0, np.float32), np.float32(0), np.float32(4)), {"signed": 1}),
)


def inserted(rng: Rng, model: onnx.ModelProto) -> str:
    """A node, or a quantizer and its inverse, in the middle of an edge."""
    readers = [(n, i) for n in model.graph.node for i, name in enumerate(n.input) if name]
    reader, position = some(rng, readers)
    op, constants, attributes = pick(rng, INSERTED)
    source = reader.input[position]
    count = len(model.graph.initializer)
    names = [f"new{count + i}" for i in range(len(constants))]
    for name, value in zip(names, constants, strict=True):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    target = f"{source}/{op}{count}"
    made = _inserted(op, source, names, target, attributes)
    if op == "Quant":
        model.opset_import.add(domain="qonnx.custom_op.general", version=1)
    index = next(i for i, n in enumerate(model.graph.node) if n is reader or n == reader)
    reader.input[position] = target
    for node in reversed(made):
        model.graph.node.insert(index, node)
    return f"{op} {attributes} in front of {reader.op_type} {reader.name}, input {position}"


def _inserted(
    op: str, source: str, names: list[str], target: str, attributes: dict[str, Any]
) -> list[onnx.NodeProto]:
    if op == "QDQ":
        return [
            helper.make_node("QuantizeLinear", [source, *names], [f"{target}/q"], f"{target}/Q"),
            helper.make_node("DequantizeLinear", [f"{target}/q", *names], [target], f"{target}/DQ"),
        ]
    place = "qonnx.custom_op.general" if op == "Quant" else ""
    return [helper.make_node(op, [source, *names], [target], target, domain=place, **attributes)]
