"""A board's chip as the folding sees it, whatever its family, and what is wanted of a network.

Which design fits is the family's to say (targets/part.py); it comes as a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.mapping.search import LOSSES, Search
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

USUAL_FPS = 15
"""Frames per second that weights must leave room for where the user asks for no rate."""
_ANY = 1 << 62
"""Cycles per frame that every folding keeps below."""

Over = Callable[[Design], list[str]]
"""What a design takes too much of on a board, such as '220 block RAM of 208'; empty: it fits."""


@dataclass(frozen=True)
class Part:
    """board and name of the chip; mhz that is usual there; what is over."""

    board: str
    name: str
    mhz: float
    over: Over


@dataclass(frozen=True)
class Wish:
    """What a network on a part should be.

    cycles  per frame at most, as asked for: folded to that and no faster. None: USUAL_FPS if that
            can be had, and then as fast as fits
    lanes   at most, None for as many as fit
    loss    of cycles for shallower FIFOs; None: what is usual (LOSSES)
    budget  bytes of ROM at most
    asked   the options that this follows from
    """

    part: Part
    mhz: float
    cycles: int | None
    lanes: int | None
    loss: float | None
    budget: int
    asked: str

    @property
    def paces(self) -> tuple[int, ...]:
        """Cycles per frame at most, in the order of preference."""
        if self.cycles is not None:
            return (self.cycles,)
        return int(self.mhz * 1e6 / USUAL_FPS), _ANY

    def over(self, design: Design) -> list[str]:
        """What a design has too much of: of the part, or of what the user allows."""
        found = list(self.part.over(design))
        if self.lanes is not None and design.lanes > self.lanes:
            found.append(f"{design.lanes:,} MAC lanes of {self.lanes:,}")
        shapes = (shape for s in design.stages for shape in s.layer.rom_shapes(s.fold))
        stored = -(-sum(words * bits for words, bits in shapes) // 8)
        if stored > self.budget:
            found.append(f"{stored:,} bytes of ROM of {self.budget:,}")
        return found

    def search(self, report: progress.Report = progress.silent) -> Search:
        """For foldings that are not over."""
        losses = LOSSES if self.loss is None else (self.loss,)
        return Search(lambda design: not self.over(design), losses, report=report)

    def folded(self, qgraph: QGraph, search: Search) -> Design:
        """The network's design. HearthError that says what there is too little of."""
        for pace in self.paces:
            design = search.at(qgraph, pace)
            if design is not None and self.cycles is None:
                design = search.fastest(qgraph, pace) or design
            if design is not None:
                return design
        raise self.refusal(qgraph, search)

    def refusal(self, qgraph: QGraph, search: Search) -> HearthError:
        """For a network of which no folding fits."""
        lacking = self.over(search.smallest(qgraph, self.paces[-1], self.asked))
        named = f"--board {self.part.board} {self.asked}".strip()
        slower = "" if self.cycles is None else "a slower pace, "
        return HearthError(
            f"{named}: {qgraph.name} does not fit {self.part.name}, not even with the fewest lanes"
            f" at that pace: {' and '.join(lacking)}; take {slower}fewer weight bits, fewer classes"
            " (--classes) or a larger board"
        )
