"""Opens an ONNX file from an untrusted source: parse, keep what is live, embed external weights.

What is live is decided in live.py, what it means in read_onnx.py. External weight files are
read only when they lie inside the model's own folder (symbolic links followed), and every size is
checked against the bytes that are really there before memory is spent on it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper

from hearth.toolchain.frontend.file import wire
from hearth.toolchain.frontend.file.live import live
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

LIMIT_BYTES = 256 << 20
"""Largest model accepted, external weights included. SqueezeNet takes 5 MB as float."""
LIMIT_FIELDS = 200_000
"""Most names, numbers, nodes, tensors and so on in the file; SqueezeNet v1.1 has 1,531."""


def read(path: Path) -> bytes:
    """The bytes of a model file; HearthError unless it is a regular file of bearable size."""
    return reading.content(path, LIMIT_BYTES)


def load(path: Path, data: bytes) -> onnx.ModelProto:
    """What leads to the model's output, every weight embedded; HearthError when that cannot be."""
    model = live(path, _parse(path, data))
    budget = _Budget(path, LIMIT_BYTES)
    for tensor in tensors(model.graph):
        if tensor.data_location == TensorProto.EXTERNAL:
            _embed(path, tensor, budget)
        _check_size(path, tensor)
    return model


def tensors(graph: onnx.GraphProto) -> Iterator[TensorProto]:
    """Every tensor that a graph stores: initializers and node attributes."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _parse(path: Path, data: bytes) -> onnx.ModelProto:
    model = onnx.ModelProto()
    try:
        if wire.fields(data, model.DESCRIPTOR, LIMIT_FIELDS) > LIMIT_FIELDS:
            raise HearthError(f"{path}: more than {LIMIT_FIELDS} entries; not a SqueezeNet")
        model.ParseFromString(data)
    except (DecodeError, RuntimeError, ValueError):
        raise HearthError(
            f"{path}: not an ONNX file, or a truncated one ({len(data)} bytes found);"
            " fetch or export it again"
        ) from None
    if not model.opset_import or not model.graph.node:
        raise HearthError(
            f"{path}: not a complete ONNX model: {len(data)} bytes hold no operator set or no node;"
            " fetch or export it again"
        )
    return model


@dataclass
class _Budget:
    """Bytes of external weights that may still be read."""

    path: Path
    left: int

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise HearthError(
                f"{self.path}: external weights exceed {LIMIT_BYTES >> 20} MiB; not a SqueezeNet"
            )


def _embed(path: Path, tensor: TensorProto, budget: _Budget) -> None:
    """Replace a tensor's reference to a neighbouring file by that file's bytes."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = str(entries.get("location", ""))
    file = _inside(path, tensor.name, location)
    try:
        with reading.opened(file, LIMIT_BYTES) as stream:
            offset = int(entries.get("offset", 0))
            present = stream.seek(0, os.SEEK_END) - offset
            length = int(entries.get("length", present))
            if offset < 0 or not 0 <= length <= present:
                raise HearthError(
                    f"{path}: weight '{tensor.name}' expects {length} bytes at offset {offset} of"
                    f" '{location}', but the file holds {max(present, 0)} there"
                )
            budget.spend(length)
            stream.seek(offset)
            tensor.raw_data = stream.read(length)
    except ValueError:
        raise HearthError(
            f"{path}: weight '{tensor.name}' has an external offset or length that is no number"
        ) from None
    except OSError as error:
        raise HearthError(f"{file}: cannot be read: {error.strerror or error}") from None
    del tensor.external_data[:]
    tensor.data_location = TensorProto.DEFAULT


def _inside(path: Path, tensor: str, location: str) -> Path:
    """The regular file `location` refers to, if it lies inside the model's folder."""
    folder = Path(os.path.realpath(path.parent))
    relative = Path(location)
    outside = not location or "\0" in location or relative.is_absolute() or ".." in relative.parts
    target = folder if outside else Path(os.path.realpath(folder / relative))
    if outside or not target.is_relative_to(folder) or target == folder:
        raise HearthError(
            f"{path}: weight '{tensor}' is kept in '{location}', outside the model's folder; Hearth"
            " reads external data only from beside the model"
        )
    return target


def _check_size(path: Path, tensor: TensorProto) -> None:
    """Refuse a tensor whose dimensions do not match the bytes it came with."""
    if min(tensor.dims, default=1) < 0:
        raise HearthError(f"{path}: weight '{tensor.name}' has a negative dimension")
    if not tensor.HasField("raw_data"):
        return  # typed fields: onnx compares their number with the dimensions itself
    try:
        item = helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except (KeyError, TypeError, ValueError):
        raise HearthError(
            f"{path}: weight '{tensor.name}' has the unknown data type {tensor.data_type}"
        ) from None
    expected = math.prod(tensor.dims) * item
    if tensor.data_type in (TensorProto.INT4, TensorProto.UINT4):
        return
    if expected != len(tensor.raw_data):
        raise HearthError(
            f"{path}: weight '{tensor.name}' of shape {list(tensor.dims)} expects {expected} bytes,"
            f" but {len(tensor.raw_data)} are there; the file is damaged"
        )
