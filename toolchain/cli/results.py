"""What was found in each frame of a clip, as a CSV or as JSON, written while the clip goes on."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hearth.toolchain.support import files
from hearth.toolchain.support.errors import HearthError

Row = Mapping[str, Any]
"""A frame: `frame`, `seconds`, `cycles` (None off a board) and `top`, with `class`, `label`,
`score` and `share` of each of the best classes."""
KINDS = (".csv", ".json")
_COLUMNS = ("frame", "seconds", "cycles")
_OF_CLASS = ("class", "label", "score", "share")


def check(path: Path | None) -> None:
    """HearthError unless the name says how results are written."""
    if path is not None and path.suffix.lower() not in KINDS:
        raise HearthError(f"--results {path}: is written as {' or '.join(KINDS)}; give such a name")


@contextlib.contextmanager
def written(path: Path | None) -> Iterator[Callable[[Row], None]]:
    """Takes rows; the file is there when the block ends, and not if it fails."""
    if path is None:
        yield lambda _: None
        return
    begin, line, end = _JSON if path.suffix.lower() == ".json" else _CSV
    with files.growing(path) as stream:
        count = 0

        def add(row: Row) -> None:
            nonlocal count
            stream.write((begin(row) if not count else "").encode())
            stream.write(line(row, count).encode())
            count += 1

        yield add
        stream.write((end if count else begin({"top": []}) + end).encode())


def _csv_line(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _csv_head(row: Row) -> str:
    places = range(1, len(row["top"]) + 1)
    return _csv_line([*_COLUMNS, *(f"{key}{place}" for place in places for key in _OF_CLASS)])


def _csv_row(row: Row, count: int) -> str:
    found = [entry[key] for entry in row["top"] for key in _OF_CLASS]
    return _csv_line([*(row[key] for key in _COLUMNS), *found])


def _json_row(row: Row, count: int) -> str:
    return (",\n" if count else "") + json.dumps(row)


_CSV = (_csv_head, _csv_row, "")
_JSON = (lambda _: '{"frames": [\n', _json_row, "\n]}\n")
