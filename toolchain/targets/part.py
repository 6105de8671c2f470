"""A known board as the compiler's passes see it, which know no family (mapping/part.py)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.part import Part
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs, registry
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.target import Board, Target, scarce

ROOMY = 0.88
"""Of the LUTs that a family thinks usable: where weights are chosen to fill a part, block RAM is
full to the last, LUTs take what does not fit there, and a part that is full of both is hard to
route."""


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
    return Part(board.name, board.part, board.mhz, partial(over, target, roomy(board)))


def roomy(board: Board) -> Board:
    """The board with fewer LUTs, so that place and route keeps some to spare."""
    return replace(board, limits=replace(board.limits, lut=int(ROOMY * (board.limits.lut or 0))))


def over(target: Target, board: Board, design: Design) -> list[str]:
    """What a design takes too much of, such as '220 block RAM of 208'."""
    taken = target.estimate(needs.of(design), board)
    return scarce(taken, target.usable(board), target.units)


def _has_model(target: Target, board: Board) -> bool:
    return target.estimate(Needs((), (), (), 0), board).lut is not None
