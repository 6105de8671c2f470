"""Families of chips, found by themselves: every folder here that has a target.py,
with `TARGET` in it.

Adding a family means adding a folder (docs/adding/a_target.md); nothing else keeps a list.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from hearth.toolchain import targets as here
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.target import Board, Target

DEFAULT = "ulx3s-85f"
"""The board that is meant when none is named."""


@functools.cache
def targets() -> tuple[Target, ...]:
    """Every family, in alphabetical order."""
    folders = sorted(name for name, place in _folders() if (place / "target.py").is_file())
    return tuple(
        importlib.import_module(f"{here.__name__}.{name}.target").TARGET for name in folders
    )


def _folders() -> Iterator[tuple[str, Path]]:
    for root in here.__path__:
        for module in pkgutil.iter_modules([root]):
            if module.ispkg:
                yield module.name, Path(root) / module.name


def boards() -> dict[str, tuple[Target, Board]]:
    """Every board by name, with its family."""
    return {board.name: (target, board) for target in targets() for board in target.boards}


def find(name: str) -> tuple[Target, Board]:
    """The board called `name` and its family; HearthError that lists all when there is none."""
    known = boards()
    if name not in known:
        raise HearthError(f"--board: no board is called '{name}'; known are {', '.join(known)}")
    return known[name]


def fitted(build: Build, name: str) -> Build:
    """The build with the RTL that the board called `name` gets (Target.fitted)."""
    target, board = find(name)
    return target.fitted(build, board)
