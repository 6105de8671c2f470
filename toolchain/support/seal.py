"""Checksums of a folder's files, so that damage is told in one sentence instead of showing later.

A record lists every sealed file with its size and SHA-256 and is itself sealed by a digest over
all it says. Damage is found, not malice: whoever can write the folder can seal it again, and a
build is a program anyway (docs/design/architecture.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hearth.toolchain.support import json_text, reading
from hearth.toolchain.support.errors import HearthError

LARGEST_RECORD = 64 << 20
LARGEST_FILE = 1 << 30
AGAIN = "compile the model again"


def sealed(content: Mapping[str, str | bytes], facts: Mapping[str, Any]) -> str:
    """The text of a record: `facts`, the checksums of `content`, and the record's own digest."""
    files = {}
    for path, data in sorted(content.items()):
        raw = data.encode() if isinstance(data, str) else data
        files[path] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    record = json.loads(json_text.dumps({**facts, "files": files}))
    return json_text.dumps({"sha256": _digest(record), **record}, indent=1) + "\n"


def read(path: Path) -> dict[str, Any]:
    """A record's facts and files. HearthError unless it is whole and unchanged."""
    content = _content(path, LARGEST_RECORD)
    try:
        record = dict(json.loads(content, parse_constant=_no_number))
        digest = record.pop("sha256", None)
        intact = digest == _digest(record) or (digest is None and "files" not in record)
        files = record.get("files", {})
        legal = all(_legal(*item) for item in files.items())
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise HearthError(f"{path}: damaged ({str(error)[:100]}); {AGAIN}") from None
    if not intact or not legal:
        raise HearthError(f"{path}: damaged (its own checksum does not match); {AGAIN}")
    return record


def check(folder: Path, files: Mapping[str, Any], closed: Sequence[str]) -> dict[str, bytes]:
    """The content of every recorded file. HearthError names the first that is missing, damaged or,
    in the folders named in `closed`, not recorded."""
    _surplus(folder, files, closed)
    found = {}
    for path, entry in files.items():
        if not (folder / path).exists():
            raise HearthError(f"{folder / path}: missing from this build; {AGAIN}")
        data = _content(folder / path, LARGEST_FILE)
        if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise HearthError(
                f"{folder / path}: damaged ({len(data):,} bytes that are not the {entry['bytes']:,}"
                f" that were compiled); {AGAIN}"
            )
        found[path] = data
    return found


def _content(path: Path, largest: int) -> bytes:
    try:
        return reading.content(path, largest)
    except HearthError as error:
        raise HearthError(f"{error}; {AGAIN}") from None


def _surplus(folder: Path, files: Mapping[str, Any], closed: Sequence[str]) -> None:
    for name in closed:
        inner = folder / name
        try:
            entries = sorted(inner.iterdir()) if inner.is_dir() else []
        except OSError as error:
            raise HearthError(f"{inner}: cannot be read: {error.strerror}") from None
        for path in entries:
            if f"{name}/{path.name}" not in files:
                raise HearthError(
                    f"{path}: does not belong to this build, whose hardware would be made of it;"
                    f" remove it, or {AGAIN}"
                )


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _legal(path: str, entry: Mapping[str, Any]) -> bool:
    parts = path.split("/")
    inside = all(part not in ("", ".", "..") for part in parts) and "\0" not in path
    return inside and type(entry["bytes"]) is int and type(entry["sha256"]) is str


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number in JSON")
