"""The share of each known board's chip that a design takes, by rules and without tools.

Block RAM and multipliers are exact for every family, before the tools have run; LUTs are a model
where the family has one, and otherwise None. Flip-flops are the tools' to count.
"""

from __future__ import annotations

from dataclasses import dataclass

from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.targets.registry import targets
from hearth.toolchain.targets.target import Board, Target

ASKED = ("dsp", "bram", "lut")


@dataclass(frozen=True)
class Use:
    """One resource of a chip, by the family's name for it; `used` is None without a model."""

    name: str
    used: float | None
    available: float

    @property
    def share(self) -> float | None:
        """Of what the chip holds; 1 is all of it."""
        return None if self.used is None else self.used / self.available


@dataclass(frozen=True)
class Share:
    """What a design takes of one board's chip.

    fits     False when there is too little of something, or `refused` says why no size would do;
             True when all of `uses` is known and there is enough, None when there is enough of what
             is known
    over     names of what there is too little of
    refused  why boards do not take the network, whatever they hold; empty where they do
    """

    board: str
    title: str
    target: str
    part: str
    fits: bool | None
    over: tuple[str, ...]
    uses: tuple[Use, ...]
    refused: str = ""


def shares(design: Design) -> tuple[Share, ...]:
    """One for every known board, family by family."""
    needs, why = needs_of.of(design), refused(design.qgraph)
    every = [(target, board) for target in targets() for board in target.boards]
    return tuple(_share(needs, target, board, why) for target, board in every)


def refused(qgraph: QGraph) -> str:
    """Why no board takes a network, whatever it holds; empty where boards do."""
    if qgraph.classes:
        return ""
    ends = " and ".join(map(str, qgraph.outputs))
    return f"boards send class scores alone, and {qgraph.name} ends in {ends}"


def _share(needs: Needs, target: Target, board: Board, why: str) -> Share:
    taken = target.estimate(needs, board)
    uses = tuple(
        Use(target.units[name], getattr(taken, name), getattr(board.limits, name)) for name in ASKED
    )
    over = tuple(target.units[name] for name in taken.exceeded(target.usable(board)))
    known = all(use.used is not None for use in uses)
    fits = False if over or why else (True if known else None)
    return Share(board.name, board.title, target.title, board.part, fits, over, uses, why)
