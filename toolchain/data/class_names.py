"""What the classes are called: a JSON list, or a text file with one name per line.

Names are data from outside: they are kept as they are and made harmless where they are printed
(toolchain/support/text.py). How many there must be is known only when the network is (pipeline.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

LARGEST = 4 << 20


def read(path: Path) -> tuple[str, ...]:
    """The class names of a file, in the order of the classes."""
    if path.suffix.lower() == ".json":
        return checked(path, reading.json_value(path, LARGEST))
    names = tuple(line.strip() for line in lines(reading.text(path, LARGEST)) if line.strip())
    if not names:
        raise HearthError(f"{path}: holds no class names; one per line is expected")
    if path.suffix.lower() in (".csv", ".tsv"):
        _check_one_column(path, names)
    return names


def checked(path: Path, value: Any) -> tuple[str, ...]:
    """A list from JSON as class names."""
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise HearthError(f"{path}: class names should be a JSON list of strings")
    return tuple(value)


def lines(text: str) -> list[str]:
    """Lines as an editor shows them; str.splitlines would also cut at U+2028 and form feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _check_one_column(path: Path, names: tuple[str, ...]) -> None:
    """A table of numbers and names would become names that begin with a number."""
    for mark in ";\t,":
        if all(mark in name for name in names):
            raise HearthError(
                f"{path}: is a table of several columns; class names are expected alone, one per"
                " line (a .txt file) or as a JSON list"
            )
