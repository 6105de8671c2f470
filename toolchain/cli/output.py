"""What every command prints: results to standard output, what comes next to standard error."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hearth.toolchain.support import advice, json_text
from hearth.toolchain.support.text import printable

COLUMNS = 80


def print_json(figures: Mapping[str, Any]) -> None:
    """One JSON object and nothing else."""
    print(json_text.dumps(figures))


def print_lines(*parts: Iterable[str] | Table) -> None:
    """Lines of text and tables, no wider than the terminal: 80 columns where there is none."""
    console = Console(highlight=False)
    console.width = max(console.width, COLUMNS)
    for part in parts:
        if isinstance(part, Table):
            console.print(part)
        else:
            for line in part:
                print(wrapped(line, console.width))


def print_records(records: Iterable[str]) -> None:
    """One line each, as a script wants them; broken for people, on a terminal."""
    if sys.stdout.isatty():
        print_lines(records)
    else:
        print("\n".join(records))


def wrapped(line: str, width: int) -> str:
    """A line of text as several, broken at spaces, the later ones indented; long words stay."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return "\n".join(
        textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    )


def as_argument(path: Path) -> str:
    """A path that no command takes for an option."""
    return f"./{path}" if str(path).startswith("-") else str(path)


def tell_next(done: str, *words: object) -> None:
    """What was made, and the command of ours that goes on from here."""
    say_next(done, advice.command(*words))


def say_next(done: str, command: str) -> None:
    """What was made, and any command line that goes on from here."""
    print(f"{printable(done)}; next: {printable(command)}", file=sys.stderr)
