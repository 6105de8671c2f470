"""A QGraph as one file: a ZIP of `header.json` and the arrays as .npy members. No pickle.

The format knows no layer kind. Each layer is stored as its kind's name and the fields of its
dataclass, so a new kind under hw/layers is saved and read back without a change here. The same
QGraph always gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hw.layers import kinds
from toolchain import json_text
from toolchain.errors import HearthError
from toolchain.files import write_file
from toolchain.ir import Edge, Layer, Preprocessing, QGraph

FORMAT = "hearth-qgraph"
VERSION = 1
LARGEST_BYTES = 1 << 30
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def save(qgraph: QGraph, path: Path) -> None:
    """Write the file whole or not at all."""
    write_file(path, dumps(qgraph))


def load(path: Path) -> QGraph:
    """Read a QGraph; HearthError when the file is foreign, truncated or of another version."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HearthError(f"{path}: cannot be read: {error.strerror or error}") from None
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
        "version": VERSION,
        "name": qgraph.name,
        "preprocessing": dataclasses.asdict(qgraph.preprocessing),
        "labels": list(qgraph.labels),
        "notes": dict(qgraph.notes),
        "layers": [_layer(i, layer, arrays) for i, layer in enumerate(qgraph.layers)],
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
        value = getattr(layer, name)
        if isinstance(value, np.ndarray):
            member = f"layers/{index}/{name}.npy"
            arrays[member] = np.ascontiguousarray(value)
            value = {"array": member}
        elif isinstance(value, Edge):
            value = {"edge": dataclasses.asdict(value)}
        elif isinstance(value, tuple):
            value = {"tuple": list(value)}
        fields[name] = value
    return {"kind": layer.kind, "fields": fields}


def _fields(kind: type[Layer]) -> list[str]:
    assert dataclasses.is_dataclass(kind), f"{kind.__name__} must be a dataclass"
    return [field.name for field in dataclasses.fields(kind)]


def _loads(data: bytes, path: Path) -> QGraph:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST_BYTES:
            raise ValueError("its content is too large")
        header = json.loads(archive.read("header.json"))
        if header["format"] != FORMAT:
            raise ValueError("its header names another format")
        if header["version"] != VERSION:
            raise HearthError(
                f"{path}: format {header['version']} is not the format {VERSION} of this version of"
                " Hearth; compile the model again"
            )
        layers = tuple(_read_layer(archive, entry) for entry in header["layers"])
    preprocessing = {k: _tuple(v) for k, v in header["preprocessing"].items()}
    return QGraph(
        name=str(header["name"]),
        layers=layers,
        preprocessing=Preprocessing(**preprocessing),
        labels=tuple(str(label) for label in header["labels"]),
        notes=dict(header["notes"]),
    )


def _read_layer(archive: zipfile.ZipFile, entry: Mapping[str, Any]) -> Layer:
    kind = kinds()[entry["kind"]]
    if set(entry["fields"]) != set(_fields(kind)):
        raise ValueError(f"fields of a {entry['kind']} layer differ")
    return kind(**{k: _value(archive, value) for k, value in entry["fields"].items()})


def _value(archive: zipfile.ZipFile, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((form, content),) = value.items()
    if form == "array":
        return np.lib.format.read_array(io.BytesIO(archive.read(content)), allow_pickle=False)
    if form == "edge":
        return Edge(**content)
    if form == "tuple":
        return _tuple(content)
    raise ValueError(f"unknown value form '{form}'")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
