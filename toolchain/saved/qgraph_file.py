"""A QGraph as one file: a ZIP of `header.json` and the arrays as .npy members. No pickle.

The format knows no layer kind. Each layer is stored as its kind's name and the fields of its
dataclass, so a new kind under hw/layers is saved and read back without a change here. What is read
must have the types that the dataclass states. The same QGraph always gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
import struct
import types
import typing
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hearth.hw.layers import kinds
from hearth.toolchain.ir import Coding, Edge, Layer, Preprocessing, QGraph
from hearth.toolchain.support import json_text, reading
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.files import write_file

FORMAT = "hearth-qgraph"
VERSION = 4
SINCE_OUTPUTS = 4
"""The first version that says what leaves; older ones end in one vector of class scores."""
OLDEST = 1
LARGEST_BYTES = 1 << 30
LARGEST_MAP = 1 << 31
MOST_BITS = 64
"""Of a value on an edge."""
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_FIRST = (1, 0)
"""Version of .npy that NumPy writes for every array without field names."""


def save(qgraph: QGraph, path: Path) -> None:
    """Write the file whole or not at all."""
    write_file(path, dumps(qgraph))


def load(path: Path) -> QGraph:
    """Read a QGraph; HearthError when the file is foreign, truncated or of another version."""
    return loads(reading.content(path, LARGEST_BYTES), path)


def loads(data: bytes, path: Path) -> QGraph:
    """As `load`, from the bytes of the file `path`."""
    try:
        return _loads(data, path)
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise HearthError(
            f"{path}: not a quantized network, or a damaged one ({reason[:100]}); compile the model"
            " again"
        ) from None


def dumps(qgraph: QGraph) -> bytes:
    """The bytes of the file."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    header = {
        "format": FORMAT,
        "version": SINCE_OUTPUTS if qgraph.leaves else SINCE_OUTPUTS - 1,
        "name": qgraph.name,
        "preprocessing": dataclasses.asdict(qgraph.preprocessing),
        "labels": list(qgraph.labels),
        "notes": dict(qgraph.notes),
        "layers": [_layer(i, layer, arrays) for i, layer in enumerate(qgraph.layers)],
        **({"outputs": [list(pair) for pair in qgraph.leaves]} if qgraph.leaves else {}),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        _add(archive, "header.json", json_text.dumps(header, indent=1).encode())
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            _add(archive, name, content.getvalue())
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """One member, with a fixed date so that equal networks give equal files."""
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)


def _layer(index: int, layer: Layer, arrays: dict[str, Any]) -> dict[str, Any]:
    fields = {}
    for name in _fields(type(layer)):
        fields[name] = _written(getattr(layer, name), f"layers/{index}/{name}", arrays)
    return {"kind": layer.kind, "fields": fields}


def _written(value: Any, place: str, arrays: dict[str, Any]) -> Any:
    """A value as JSON; arrays go to members called after `place`."""
    if isinstance(value, np.ndarray):
        arrays[f"{place}.npy"] = np.ascontiguousarray(value)
        return {"array": f"{place}.npy"}
    if isinstance(value, Edge):
        return {"edge": dataclasses.asdict(value)}
    if isinstance(value, Coding):
        table = _written(value.table, f"{place}.table", arrays)
        return {"coding": [value.bits, table, value.window, value.group]}
    if isinstance(value, tuple):
        inner = enumerate(value)
        return {"tuple": [_written(item, f"{place}.{i}", arrays) for i, item in inner]}
    return value


def _fields(kind: type) -> list[str]:
    assert dataclasses.is_dataclass(kind), f"{kind.__name__} must be a dataclass"
    return [field.name for field in dataclasses.fields(kind)]


def _loads(data: bytes, path: Path) -> QGraph:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_BYTES:
            raise ValueError("its content is too large")
        header = json.loads(archive.read("header.json"))
        if header["format"] != FORMAT:
            raise ValueError("its header names another format")
        version = header["version"]
        if version not in range(OLDEST, VERSION + 1):
            raise HearthError(
                f"{path}: format {version} is not the format {VERSION} of this version of"
                " Hearth; compile the model again"
            )
        layers = tuple(_read_layer(archive, entry, version) for entry in header["layers"])
    preprocessing = {k: _tuple(v) for k, v in header["preprocessing"].items()}
    _check(Preprocessing, preprocessing)
    return QGraph(
        name=str(header["name"]),
        layers=layers,
        preprocessing=Preprocessing(**preprocessing),
        labels=tuple(str(label) for label in header["labels"]),
        notes=dict(header["notes"]),
        leaves=_leaves(header.get("outputs", [])),
    )


def _leaves(content: Any) -> tuple[tuple[str, str], ...]:
    """Names and edges of the outputs."""
    pairs = [tuple(pair) for pair in content]
    if not all(len(pair) == 2 and all(type(x) is str for x in pair) for pair in pairs):
        raise ValueError("its outputs are no pairs of names")
    return tuple((name, edge) for name, edge in pairs)


def _read_layer(archive: zipfile.ZipFile, entry: Mapping[str, Any], version: int) -> Layer:
    kind = kinds()[entry["kind"]]
    fields = {k: _value(archive, value) for k, value in entry["fields"].items()}
    fields = kind.brought_up(fields, version)
    if set(fields) != set(_fields(kind)):
        raise ValueError(f"fields of a {entry['kind']} layer differ")
    _check(kind, fields)
    for name, dtype in kind.arrays.items():
        if not np.can_cast(fields[name].dtype, dtype):
            raise ValueError(f"{name} of a {entry['kind']} layer should be {dtype}")
    return kind(**fields)


def _value(archive: zipfile.ZipFile, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((form, content),) = value.items()
    if form == "array":
        return _array(archive.read(content))
    if form == "edge":
        _check(Edge, content)
        return _edge(Edge(**content))
    if form == "coding":
        bits, table, window, group = content
        return _coding(bits, _value(archive, table), window, group)
    if form == "tuple":
        return tuple(_value(archive, item) for item in content)
    raise ValueError(f"unknown value form '{form}'")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _coding(*values: Any) -> Coding:
    coding = dict(zip(_fields(Coding), values, strict=True))
    _check(Coding, coding)
    if not np.can_cast(coding["table"].dtype, np.int8):
        raise ValueError("the table of a coding should be int8")
    try:
        return Coding(**coding)
    except HearthError as error:
        raise ValueError(str(error)) from None


def _array(data: bytes) -> Any:
    """An .npy member; its header must describe exactly the bytes behind it."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != _FIRST:
        raise ValueError("an array of another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise ValueError("an array of another size than its header says")
    stream.seek(0)
    return np.lib.format.read_array(stream, allow_pickle=False)


def _edge(edge: Edge) -> Edge:
    if edge.pixels * edge.channels > LARGEST_MAP or edge.bits > MOST_BITS or edge.scale <= 0:
        raise ValueError(f"{edge.name}: no map of a network")
    return edge


def _check(kind: type, values: Mapping[str, Any]) -> None:
    """ValueError unless every value has the type that the dataclass `kind` states for it."""
    hints = typing.get_type_hints(kind)
    for name, value in values.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"{name} of {kind.__name__} should not be {str(value)[:40]}")


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, option) for option in inner)
    if origin is tuple:
        some = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if not isinstance(value, tuple) or len(value) != len(some):
            return False
        return all(_fits(*pair) for pair in zip(value, some, strict=True))
    if origin is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype.kind in "iu"
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    if hint is int:
        return type(value) is int and abs(value) < 1 << 62
    return type(value) is hint
