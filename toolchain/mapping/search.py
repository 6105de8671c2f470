"""The fastest folding that fits a part, whatever the part is short of.

    before   QGraph, and what a target says of a design: it fits, or it does not
    after    the Design with the fewest cycles per frame found to fit; None when none does

Lanes alone first. Where memories bind, block RAM gets a price, then a higher one: of the foldings
that are fast enough each kernel takes one whose memories are cheaper. A price is tried at the pace
next to the best so far, and only where it fits there does bisection go on, so that a price that
does not help costs one look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.mapping.fold import Chooser, foldings
from hearth.toolchain.mapping.prices import Price, Prices, lanes_alone
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.support import progress

PRICES: tuple[Price, ...] = (lanes_alone, *(Prices(block) for block in (1.0, 2.0, 4.0, 8.0)))


def fastest(
    qgraph: QGraph,
    fits: Callable[[Design], bool],
    prices: Sequence[Price] = PRICES,
    loss: float | None = None,
    report: progress.Report = progress.silent,
) -> Design | None:
    """Of every price's foldings the fastest that fits, scheduled.

    fits   asked of a design with shallow FIFOs first, which is quick to make, then of the real one
    loss   of cycles for shallower FIFOs, as `schedule` takes it
    """
    wanted = foldings(qgraph)
    best: Design | None = None
    high = len(wanted)  # fastest first: what is from here on is no gain
    for price in prices:
        chooser = Chooser(qgraph, price)
        low = 0
        at = high - 1  # would this price be any gain?
        while low < high:
            report(f"fit: {wanted[at]:,} cycles per frame", 0, 0)
            found = _fitting(chooser, wanted[at], fits, loss)
            if found is not None:
                best, high = found, at
            elif at == high - 1:
                break
            else:
                low = at + 1
            at = (low + high) // 2
    return best


def _fitting(
    chooser: Chooser, cycles: int, fits: Callable[[Design], bool], loss: float | None
) -> Design | None:
    """The chooser's design at a pace, if it fits."""
    shallow = chooser.try_design(cycles)
    if shallow is None or not fits(shallow):
        return None
    design = schedule(shallow, loss)
    return design if fits(design) else None
