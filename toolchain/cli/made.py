"""What `hearth bitstream` made of a build, board by board, in the words in which it told it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.serial.placed import FIGURES
from hearth.toolchain.targets.target import Figures, folder_of

_LARGEST = 1 << 20
"""Bytes of a board's figures."""


@dataclass(frozen=True)
class Made:
    """One board's configuration, or project: figures of its flow, and the same for people."""

    board: str
    figures: Figures
    lines: Sequence[str]


def of(build: Build) -> list[Made]:
    """All that was made of this very build. HearthError where figures are damaged."""
    found, name = [], f"{build_id(build):016x}"
    for target, board in registry.boards().values():
        file = folder_of(build, board) / FIGURES
        if not file.is_file():
            continue
        try:
            figures = json.loads(reading.content(file, _LARGEST))
            if figures["build_id"] == name:
                told = tuple(printable(line) for line in target.lines(figures))
                found.append(Made(board.name, figures, told))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            raise HearthError(
                f"{file}: damaged (it does not describe what was made for {board.name}); make the"
                " bitstream again"
            ) from None
    return found


def lines(made: Sequence[Made]) -> list[str]:
    """For people; nothing where nothing was made."""
    text = []
    for one in made:
        text += [f"made for {one.board} by hearth bitstream:", *(f"  {line}" for line in one.lines)]
        text += [""]
    return text
