"""A CSV that lists pictures: columns file,label, or file alone, or one column without a header.

Separated by commas, semicolons or tabs (what spreadsheets write), in UTF-8 or UTF-16. Files are
relative to the CSV; a list may also name them absolutely or above its folder, since it is the
user's own and only pictures are read from there. Backslashes separate folders, as on Windows, where
no file has that very name. Other columns are ignored.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from hearth.toolchain.data.pictures import labels
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

SUFFIXES = (".csv", ".tsv")
LARGEST = 64 << 20
_LONE_HEADERS = ("file", "filename", "filepath", "image", "path")


def read(path: Path) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Files and labels; no labels if the CSV has none."""
    text = reading.text(path, LARGEST)
    rows = _rows(path, text)
    first = next(rows, None)
    header = [cell.strip().lower() for cell in first[1]] if first else None
    if first is None or header is None:
        raise _no_columns(path, None)
    if len(header) == 1:
        names = rows if header[0] in _LONE_HEADERS else itertools.chain([first], rows)
        return _files(path, [(line, row[0]) for line, row in names]), ()
    if "file" not in header:
        raise _no_columns(path, first[1])
    at, label = header.index("file"), header.index("label") if "label" in header else None
    cells, found = [], []
    for line, row in rows:
        if label is not None:
            value = row[label] if label < len(row) else None
            found.append(labels.index(str(path), "line", line, value))
        cells.append((line, row[at] if at < len(row) else ""))
    return _files(path, cells), tuple(found)


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise HearthError(f"{path}: line {reader.line_num}: not a CSV file: {error}") from None


def _separator(text: str) -> str:
    """What separates the first line that is not empty."""
    line = text.lstrip("\r\n")[:4096].splitlines()[:1]
    return next((mark for mark in ",;\t" if line and mark in line[0]), ",")


def _files(path: Path, cells: list[tuple[int, str]]) -> tuple[str, ...]:
    if not cells:
        raise HearthError(f"{path}: lists no image")
    for line, name in cells:
        if not name.strip():
            raise HearthError(f"{path}: line {line}: names no file")
    folder = os.path.dirname(path)
    files = (os.path.join(folder, name) for _, name in cells)
    return tuple(_slashed(file) if "\\" in file else file for file in files)


def _slashed(file: str) -> str:
    """A path as Windows writes it, unless a file is really called so."""
    return file if os.path.lexists(file) else file.replace("\\", "/")


def _no_columns(path: Path, found: list[str] | None) -> HearthError:
    shown = str(found)
    return HearthError(
        f"{path}: columns 'file' and 'label' are expected, found"
        f" {shown if len(shown) <= 80 else f'{shown[:80]}...'}"
    )
