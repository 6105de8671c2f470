"""Mutations of stored tensors: sizes, types, values, bytes, where they are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.fuzz.mutate.choices import FLOATS, INTEGERS, NothingToDoError, Rng, pick, some


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


def tensor_spelled(rng: Rng, model: onnx.ModelProto) -> str:
    """Typed fields instead of bytes: another spelling of the same."""
    tensor = some(rng, model.graph.initializer)
    array = _array(tensor)
    if array.dtype.kind not in "fiu":
        raise NothingToDoError
    numbers = array.reshape(-1).tolist()
    tensor.CopyFrom(helper.make_tensor(tensor.name, tensor.data_type, array.shape, numbers))
    return f"{tensor.name}: in typed fields"


def tensors_as_nodes(rng: Rng, model: onnx.ModelProto) -> str:
    """Every initializer in a Constant node, or some of them."""
    share = rng.integers(1, 4)
    chosen = [t for t in model.graph.initializer if rng.integers(3) < share]
    kept = [TensorProto.FromString(t.SerializeToString()) for t in model.graph.initializer]
    names = {tensor.name for tensor in chosen}
    entries = [e for e in model.graph.input if e.name not in names]
    copies = [onnx.ValueInfoProto.FromString(e.SerializeToString()) for e in entries]
    del model.graph.initializer[:], model.graph.input[:]
    model.graph.input.extend(copies)
    model.graph.initializer.extend(tensor for tensor in kept if tensor.name not in names)
    for tensor in kept:
        if tensor.name in names:
            node = helper.make_node("Constant", [], [tensor.name], f"{tensor.name}/c", value=tensor)
            model.graph.node.insert(0, node)
    return f"{len(names)} stored tensors in Constant nodes"


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
