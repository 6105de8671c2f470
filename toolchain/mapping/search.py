"""The fastest folding that fits a part, whatever the part is short of.

    before   QGraphs, and what a target says of a design: it fits, or it does not
    after    the Design with the fewest cycles per frame found to fit; None when none does

Lanes alone first. Where memories bind, block RAM gets a price, then a higher one: of the foldings
that are fast enough each kernel takes one whose memories are cheaper. A price is tried at the pace
next to the best so far, and only where it fits there does bisection go on, so that a price that
does not help costs one look. FIFOs are as deep as they should be, unless nothing fits so.

What a layer's foldings cost is remembered, so that many networks that share layers can be asked
about: the same one in other formats (few_bits/blank.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.mapping.fold import Chooser, Menu, foldings
from hearth.toolchain.mapping.prices import Price, Prices, lanes_alone
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.support import progress

PRICES: tuple[Price, ...] = (lanes_alone, *(Prices(block) for block in (1.0, 2.0, 4.0, 8.0)))
LOSSES = (None, 0.5)
"""Percent of the cycles that shallower FIFOs may cost, where nothing fits with those that cost
none (None)."""
Fits = Callable[[Design], bool]


class Search:
    """Foldings that fit one part.

    fits    asked of a design with shallow FIFOs first, which is quick to make, then of the real one
    losses  of cycles for shallower FIFOs, as `schedule` takes them; the first that helps
    prices  in the order in which they are tried
    """

    def __init__(
        self,
        fits: Fits,
        losses: Sequence[float | None] = (None,),
        prices: Sequence[Price] = PRICES,
        report: progress.Report = progress.silent,
    ) -> None:
        self._fits, self._losses, self._report = fits, losses, report
        self._usual = Menu()
        self._menus = [self._usual if price is lanes_alone else Menu(price) for price in prices]

    def at(self, qgraph: QGraph, cycles: int) -> Design | None:
        """A folding of at most so many cycles per frame that fits, FIFOs and all."""
        for loss in self._losses:
            wanted = _folded_to(cycles, loss)
            found = (self._fitting(chooser, wanted, loss) for chooser in self._choosers(qgraph))
            design = next((design for design in found if design is not None), None)
            if design is not None:
                return design
        return None

    def fastest(self, qgraph: QGraph, slowest: int | None = None) -> Design | None:
        """Of every price's foldings the fastest that fits; `slowest`: no more cycles than these."""
        paces = foldings(qgraph, self._usual)
        for loss in self._losses:
            wanted = paces
            if slowest is not None:
                limit = min(_folded_to(slowest, loss), paces[-1])
                wanted = [*(pace for pace in paces if pace < limit), limit]
            found = self._bisected(qgraph, wanted, loss)
            if found is not None:
                return found
        return None

    def smallest(self, qgraph: QGraph, cycles: int, asked: str) -> Design:
        """The folding of fewest lanes of at most so many cycles, whether it fits or not, with the
        shallowest FIFOs allowed. HearthError when there is none; `asked` as in `fold`."""
        loss = self._losses[-1]
        chooser = Chooser(qgraph, menu=self._usual)
        return schedule(chooser.design(_folded_to(cycles, loss), asked), loss)

    def _bisected(self, qgraph: QGraph, wanted: Sequence[int], loss: float | None) -> Design | None:
        """`wanted`: cycles per frame, fewest first."""
        best: Design | None = None
        high = len(wanted)  # what is from here on is no gain
        for chooser in self._choosers(qgraph):
            low = 0
            at = high - 1  # would this price be any gain?
            while low < high:
                self._report(f"fit: {wanted[at]:,} cycles per frame", 0, 0)
                found = self._fitting(chooser, wanted[at], loss)
                if found is not None:
                    best, high = found, at
                elif at == high - 1:
                    break
                else:
                    low = at + 1
                at = (low + high) // 2
        return best

    def _choosers(self, qgraph: QGraph) -> Iterator[Chooser]:
        return (Chooser(qgraph, menu=menu) for menu in self._menus)

    def _fitting(self, chooser: Chooser, cycles: int, loss: float | None) -> Design | None:
        """The chooser's design at a pace, if it fits."""
        shallow = chooser.try_design(cycles)
        if shallow is None or not self._fits(shallow):
            return None
        design = schedule(shallow, loss)
        return design if self._fits(design) else None


def _folded_to(cycles: int, loss: float | None) -> int:
    """Cycles to fold to, so that with what FIFOs cost there are at most so many."""
    return int(cycles / (1 + loss / 100)) if loss else cycles
