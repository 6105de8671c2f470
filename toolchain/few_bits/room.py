"""The weights that a board has room for: the mixture of least expected loss whose network fits.

    before   the int8 network, losses of formats (mixed.Offer), what is wanted on a part
    after    a Plan; nothing has been rounded yet

Candidates are plans of more or fewer bytes; each is asked for as a blank network (blank.py), for
which a folding is searched that is fast enough and fits, memories, lanes and all.
"""

from __future__ import annotations

from collections.abc import Callable

from hearth.toolchain.few_bits.blank import Blanks
from hearth.toolchain.few_bits.mixed import Offer
from hearth.toolchain.ir import Graph, QGraph
from hearth.toolchain.mapping.part import Wish
from hearth.toolchain.mapping.search import Search
from hearth.toolchain.quantize.precision import Plan
from hearth.toolchain.support import progress


def chosen(
    offer: Offer,
    qgraph: QGraph,
    graph: Graph,
    wish: Wish,
    search: Search,
    report: progress.Report = progress.silent,
) -> Plan:
    """The plan of most bytes at the pace preferred; the next pace only where none fits at that.
    HearthError where none fits at any."""
    blanks = Blanks(qgraph)

    def fits(pace: int) -> Callable[[Plan], bool]:
        def asked(plan: Plan) -> bool:
            report(f"room: weights of {offer.bytes(plan):,} bytes", 0, 0)
            return search.at(blanks.planned(plan, graph), pace) is not None

        return asked

    found = (offer.fitting(fits(pace)) for pace in wish.paces)
    plan = next((plan for plan in found if plan is not None), None)
    if plan is None:
        raise wish.refusal(blanks.planned(offer.plan(offer.least), graph), search)
    return plan
