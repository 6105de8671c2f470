"""A known board as the compiler's passes see it, which know no family (mapping/part.py)."""

from __future__ import annotations

from functools import partial

from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.part import Part
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, registry
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Board, Target, scarce


def find(name: str) -> Part:
    """The part of the board called `name`. HearthError where there is no such board, or no model of
    what a design takes there."""
    target, board = registry.find(name)
    if not _has_model(target, board):
        known = (name for name, found in registry.boards().items() if _has_model(*found))
        raise HearthError(
            f"--board {name}: what a network takes of {board.part} is known only after synthesis,"
            f" so nothing can be chosen by it; leave --board out, or take one of {', '.join(known)}"
        )
    return Part(board.name, board.part, board.mhz, partial(over, target, board))


def over(target: Target, board: Board, design: Design) -> list[str]:
    """What a design takes too much of, such as '220 block RAM of 208'. ROMs that would have to be
    logic are too much as well: nothing is chosen whose weights cannot be changed afterwards."""
    asked = needs.of(design)
    found = scarce(target.estimate(asked, board), target.usable(board), target.units)
    fixed = 0 if found else target.fixed(asked, board)
    return [*found, *([f"{fixed} ROMs without block RAM of 0"] if fixed else [])]


def _has_model(target: Target, board: Board) -> bool:
    return target.estimate(Needs((), (), (), 0), board).lut is not None
