"""Mutations of a model: each changes one thing and says in a few words what.

Attributes, dimensions, types, stored values and those of quantizers above all, nodes gone, doubled,
rewired or of another kind, operator sets, inputs and outputs, names, hostile extras, and at the end
single bytes of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

T = TypeVar("T")
Rng = np.random.Generator
Mutation = Callable[[Rng, onnx.ModelProto], str]

INTEGERS = (
    0,
    1,
    2,
    3,
    4,
    7,
    15,
    16,
    255,
    -1,
    -2,
    1 << 31,
    (1 << 31) - 1,
    1 << 32,
    1 << 62,
    -(1 << 63),
)
FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-6,
    1e-40,
    1e30,
    -1e30,
    3e38,
    float("nan"),
    float("inf"),
    float("-inf"),
    127.0,
    1e5,
)
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
ATTRIBUTES: tuple[tuple[str, Any], ...] = (
    ("ceil_mode", 1),
    ("ceil_mode", 1 << 32),
    ("auto_pad", "SAME_LOWER"),
    ("auto_pad", "VALID"),
    ("auto_pad", "ANY"),
    ("dilations", [2, 2]),
    ("dilations", [1, 1]),
    ("group", 1),
    ("group", 0),
    ("axis", 0),
    ("axis", 1),
    ("axis", -1),
    ("axis", 9),
    ("keepdims", 0),
    ("epsilon", 0.1),
    ("epsilon", float("nan")),
    ("count_include_pad", 1),
    ("storage_order", 1),
    ("strides", [1, 1]),
    ("strides", [2, 2]),
    ("strides", []),
    ("pads", [1, 1, 1, 1]),
    ("pads", [0, 1, 0, 1]),
    ("pads", [-1, 0, 0, 0]),
    ("kernel_shape", [1, 1]),
    ("kernel_shape", [3]),
    ("training_mode", 1),
    ("allowzero", 1),
    ("noop_with_empty_axes", 1),
    ("axes", [2]),
    ("axes", []),
    ("signed", 0),
    ("narrow", 1),
    ("rounding_mode", "FLOOR"),
    ("saturate", 0),
    ("block_size", 2),
    ("to", 1),
    ("no_such_attribute", 1),
)
NAMES = (
    "",
    "same",
    "a b",
    "x\n\x1b[31my",
    "ü",
    "module",
    "../../etc",
    "'; rm -rf",
    "x" * 3000,
    "1",
)


def pick(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]


def some(rng: Rng, items: Sequence[T]) -> T:
    """One of the items, or an end of this mutation where there is none."""
    if not len(items):
        raise NothingToDoError
    return pick(rng, items)


class NothingToDoError(Exception):
    """The model has nothing that this mutation could change."""


# ------------------------------------------------------------------------------- attributes


def attribute_value(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.attribute])
    attribute = pick(rng, node.attribute)
    match attribute.type:
        case onnx.AttributeProto.INT:
            attribute.i = pick(rng, INTEGERS)
        case onnx.AttributeProto.FLOAT:
            attribute.f = pick(rng, FLOATS)
        case onnx.AttributeProto.STRING:
            attribute.s = pick(
                rng, (b"", b"SAME_UPPER", b"VALID", b"FLOOR", b"\xff\xfe", b"x" * 100)
            )
        case onnx.AttributeProto.INTS if attribute.ints:
            attribute.ints[int(rng.integers(len(attribute.ints)))] = pick(rng, INTEGERS)
        case _:
            attribute.type = pick(rng, (0, 1, 2, 3, 4, 7, 99))
    return f"{node.op_type}.{attribute.name} changed"


def attribute_all(rng: Rng, model: onnx.ModelProto) -> str:
    """All numbers of a list alike, so that windows stay square."""
    found = [a for n in model.graph.node for a in n.attribute if a.ints]
    attribute, value = some(rng, found), pick(rng, INTEGERS)
    attribute.ints[:] = [value] * len(attribute.ints)
    return f"{attribute.name} = {value} everywhere"


def attribute_length(rng: Rng, model: onnx.ModelProto) -> str:
    attribute = some(rng, [a for n in model.graph.node for a in n.attribute if a.ints])
    attribute.ints[:] = [*attribute.ints, 1] if rng.integers(2) else list(attribute.ints)[1:]
    return f"{attribute.name} has {len(attribute.ints)} numbers"


def attribute_gone(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, [n for n in model.graph.node if n.attribute])
    index = int(rng.integers(len(node.attribute)))
    name = node.attribute[index].name
    del node.attribute[index]
    return f"{node.op_type}.{name} deleted"


def attribute_new(rng: Rng, model: onnx.ModelProto) -> str:
    node = some(rng, model.graph.node)
    name, value = pick(rng, ATTRIBUTES)
    kept = [a for a in node.attribute if a.name != name or rng.integers(8) == 0]
    rest = [*kept, helper.make_attribute(name, value, attr_type=_kind(value))]
    copies = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in rest]
    del node.attribute[:]
    node.attribute.extend(copies)
    return f"{node.op_type}.{name} = {value}"


def _kind(value: Any) -> int | None:
    return onnx.AttributeProto.INTS if value == [] else None


# ---------------------------------------------------------------------------- stored tensors


def tensor_dims(rng: Rng, model: onnx.ModelProto) -> str:
    tensor = some(rng, model.graph.initializer)
    before = list(tensor.dims)
    match int(rng.integers(6)):
        case 0 if tensor.dims:
            tensor.dims[int(rng.integers(len(tensor.dims)))] = pick(rng, INTEGERS)
        case 1:
            tensor.dims[:] = list(rng.permutation(before))
        case 2:
            tensor.dims[:] = [int(np.prod(before))]
        case 3:
            tensor.dims[:] = [1, *before]
        case 4:
            tensor.dims[:] = []
        case _:
            tensor.dims[:] = [0, *before[1:]]
            tensor.raw_data = b""
    return f"{tensor.name}: dims {before} -> {list(tensor.dims)}"


def tensor_cut(rng: Rng, model: onnx.ModelProto) -> str:
    """Consistent, but with one channel less along an axis."""
    tensor = some(rng, [t for t in model.graph.initializer if t.dims and max(t.dims) > 1])
    array = _array(tensor)
    axis = pick(rng, [i for i, d in enumerate(array.shape) if d > 1])
    _store(tensor, np.delete(array, int(rng.integers(array.shape[axis])), axis))
    return f"{tensor.name}: one less along axis {axis}"


def tensor_type(rng: Rng, model: onnx.ModelProto) -> str:
    tensor = some(rng, model.graph.initializer)
    tensor.data_type = int(rng.integers(0, 26))
    return f"{tensor.name}: said to be of type {tensor.data_type}"


def tensor_converted(rng: Rng, model: onnx.ModelProto) -> str:
    """Another type with its data converted, as another exporter would write it."""
    tensor = some(rng, model.graph.initializer)
    array, kind = (
        _array(tensor),
        pick(rng, ["float64", "float16", "float32", "int8", "uint8", "int32", "int64"]),
    )
    with np.errstate(all="ignore"):
        _store(tensor, array.astype(kind))
    return f"{tensor.name}: converted to {kind}"


def tensor_values(rng: Rng, model: onnx.ModelProto) -> str:
    tensor = some(rng, model.graph.initializer)
    return _special(rng, tensor)


def quantizer_values(rng: Rng, model: onnx.ModelProto) -> str:
    """Scales, zero points and widths of quantizers."""
    quantizers = [n for n in model.graph.node if "Linear" in n.op_type or n.op_type == "Quant"]
    node = some(rng, quantizers)
    named = {t.name: t for t in model.graph.initializer}
    tensor = named.get(some(rng, node.input[1:]))
    if tensor is None:
        raise NothingToDoError
    return f"{node.op_type} {node.name}: {_special(rng, tensor)}"


def _special(rng: Rng, tensor: TensorProto) -> str:
    array = _array(tensor).copy()
    if not array.size:
        raise NothingToDoError
    with np.errstate(all="ignore"):
        if array.dtype.kind != "f":
            value: float = pick(rng, INTEGERS[:11])
        elif rng.integers(2):
            _store(tensor, array * array.dtype.type(pick(rng, (0.5, 2, 10, 1e-3, 1e20, 1e-20, -1))))
            return f"{tensor.name}: scaled"
        else:
            value = pick(rng, FLOATS)
        changed = (
            np.asarray(value).astype(array.dtype)
            if abs(value) < 1 << 63 or value != value
            else value
        )
        if rng.integers(3):
            array.reshape(-1)[int(rng.integers(array.size))] = changed
        else:
            array[...] = changed
    _store(tensor, array)
    return f"{tensor.name}: {value} put in"


def tensor_bytes(rng: Rng, model: onnx.ModelProto) -> str:
    tensor = some(rng, [t for t in model.graph.initializer if t.raw_data])
    tensor.raw_data = pick(rng, (b"", tensor.raw_data[:-1], tensor.raw_data + b"\0" * 4))
    return f"{tensor.name}: {len(tensor.raw_data)} bytes"


def tensor_moved(rng: Rng, model: onnx.ModelProto) -> str:
    """External data that is elsewhere or nowhere."""
    tensor = some(rng, model.graph.initializer)
    place = pick(rng, ("/etc/passwd", "../x", "nowhere.bin", "", "/dev/zero", "."))
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=place)
    return f"{tensor.name}: kept in '{place}'"


def tensor_twice(rng: Rng, model: onnx.ModelProto) -> str:
    tensor = some(rng, model.graph.initializer)
    model.graph.initializer.append(tensor)
    return f"{tensor.name}: stored twice"


def tensor_gone(rng: Rng, model: onnx.ModelProto) -> str:
    index = int(rng.integers(max(1, len(model.graph.initializer))))
    name = some(rng, model.graph.initializer[index : index + 1]).name
    del model.graph.initializer[index]
    return f"{name}: deleted"


def _array(tensor: TensorProto) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except Exception:
        raise NothingToDoError from None  # an earlier mutation broke it


def _store(tensor: TensorProto, array: np.ndarray[Any, Any]) -> None:
    try:
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))
    except Exception:
        raise NothingToDoError from None


# ------------------------------------------------------------------------------------- nodes


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


# -------------------------------------------------------------------------------- the frame


def opset(rng: Rng, model: onnx.ModelProto) -> str:
    if rng.integers(4) == 0:
        model.opset_import.add(domain="", version=int(rng.integers(1, 30)))
        return "a second operator set"
    entry = some(rng, model.opset_import)
    entry.version = pick(rng, (0, 1, 6, 7, 9, 10, 11, 12, 13, 14, 18, 20, 21, 22, 24, 99, 1 << 62))
    return f"operator set '{entry.domain}' {entry.version}"


def ir_version(rng: Rng, model: onnx.ModelProto) -> str:
    model.ir_version = pick(rng, (0, 1, 3, 4, 7, 10, 12, 13, 99, -1))
    return f"IR version {model.ir_version}"


def entry(rng: Rng, model: onnx.ModelProto) -> str:
    kind = some(rng, model.graph.input).type.tensor_type
    match int(rng.integers(5)):
        case 0:
            kind.elem_type = int(rng.integers(0, 24))
        case 1 if kind.shape.dim:
            kind.shape.dim[int(rng.integers(len(kind.shape.dim)))].dim_value = pick(rng, INTEGERS)
        case 2 if kind.shape.dim:
            pick(rng, kind.shape.dim).Clear()
        case 3:
            kind.ClearField("shape")
        case _:
            kind.shape.dim.add(dim_value=1)
    return f"input: {str(kind).split()}"


def more_ends(rng: Rng, model: onnx.ModelProto) -> str:
    """Further inputs and outputs, or fewer."""
    value = helper.make_tensor_value_info("extra", 1, [1])
    names = [t for n in model.graph.node for t in n.output] or ["x"]
    match int(rng.integers(6)):
        case 0:
            model.graph.input.append(value)
        case 1:
            stored = some(rng, model.graph.initializer)
            model.graph.input.append(
                helper.make_tensor_value_info(stored.name, stored.data_type, list(stored.dims))
            )
        case 2:
            model.graph.output.add(name=pick(rng, names))
        case 3 if model.graph.output:
            model.graph.output[0].name = pick(rng, [*names, "data", "nothing"])
        case 4:
            del model.graph.output[:]
        case _:
            del model.graph.input[:]
    return f"{len(model.graph.input)} inputs, outputs {[o.name for o in model.graph.output]}"


def named(rng: Rng, model: onnx.ModelProto) -> str:
    node, new = some(rng, model.graph.node), pick(rng, NAMES)
    if rng.integers(2):
        for other in model.graph.node:
            other.name = new
    node.name = new
    return f"{node.op_type} named {new[:20]!r}"


def tensor_named(rng: Rng, model: onnx.ModelProto) -> str:
    """A tensor renamed wherever it occurs."""
    old = some(rng, [t for n in model.graph.node for t in n.output if t])
    new = pick(rng, NAMES[1:])
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in model.graph.output:
        value.name = new if value.name == old else value.name
    return f"tensor {old} named {new[:20]!r}"


def metadata(rng: Rng, model: onnx.ModelProto) -> str:
    model.metadata_props.add(key=pick(rng, NAMES), value="x")
    model.producer_name = pick(rng, NAMES)
    model.graph.doc_string = "y" * 1000
    model.graph.value_info.append(helper.make_tensor_value_info("conv1", 7, [1 << 40]))
    return "metadata and a wrong value_info"


def dead_loop(rng: Rng, model: onnx.ModelProto) -> str:
    body = helper.make_graph([helper.make_node("Identity", ["c"], ["d"])], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["endless"], body=body))
    if rng.integers(2):
        some(rng, [n for n in model.graph.node if n.input]).input[0] = "endless"
    return "a Loop"


def function(rng: Rng, model: onnx.ModelProto) -> str:
    """One node becomes a call of a function that holds it; sometimes one that calls itself."""
    node = some(rng, model.graph.node)
    inner = onnx.NodeProto()
    inner.CopyFrom(node)
    if rng.integers(3) == 0:
        inner.op_type, inner.domain = "Wrapped", "local"
    made = helper.make_function(
        "local", "Wrapped", list(node.input), list(node.output), [inner], list(model.opset_import)
    )
    made.opset_import.add(domain="local", version=1)
    model.functions.append(made)
    text = f"{node.op_type} {node.name} in a function"
    node.op_type, node.domain = "Wrapped", "local"
    del node.attribute[:]
    model.opset_import.add(domain="local", version=1)
    return text


MUTATIONS: tuple[Mutation, ...] = (
    attribute_value,
    attribute_value,
    attribute_all,
    attribute_length,
    attribute_gone,
    attribute_new,
    attribute_new,
    tensor_dims,
    tensor_cut,
    tensor_type,
    tensor_converted,
    tensor_values,
    tensor_values,
    quantizer_values,
    quantizer_values,
    quantizer_values,
    tensor_bytes,
    tensor_moved,
    tensor_twice,
    tensor_gone,
    node_bypassed,
    node_bypassed,
    node_gone,
    node_doubled,
    node_in_series,
    nodes_swapped,
    node_order,
    rewired,
    rewired,
    inputs_changed,
    operator,
    domain,
    inserted,
    inserted,
    inserted,
    inserted,
    opset,
    ir_version,
    entry,
    more_ends,
    named,
    tensor_named,
    metadata,
    dead_loop,
    function,
)


def flipped(rng: Rng, data: bytes) -> tuple[bytes, str]:
    """A few bytes of the file changed, gone or new."""
    if not data:
        return data, "nothing"
    array = bytearray(data)
    place = int(rng.integers(len(array)))
    match int(rng.integers(4)):
        case 0:
            array[place] ^= 1 << int(rng.integers(8))
        case 1:
            array[place : place + 1 + int(rng.integers(8))] = b""
        case 2:
            array[place:place] = rng.bytes(1 + int(rng.integers(8)))
        case _:
            del array[place:]
    return bytes(array), f"bytes changed at {place}"
