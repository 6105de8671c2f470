"""Mixed precision for the compiler: from a budget, or a tolerable loss, to bits per layer.

With a budget the knapsack (allocation.py) is solved once. With a tolerable loss the smallest budget
is searched whose network loses no more than that on the calibration photographs: budgets are
halved between the smallest and int8, each is built and measured. The loss is counted in points of
agreement with the float network's first class, beyond what int8 loses already; true classes are not
needed. Sensitivities are measured once for both (few_bits/sensitivity.py), and may be measured
beforehand: `Offer` makes any number of plans of them, for those who price a plan in something else
than bytes.

Formats are codebooks per layer; with `trellis`, trellis codes too, and the halves of an expand
stage have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.few_bits import allocation
from hearth.toolchain.few_bits.calibrated import Samples, few_bits
from hearth.toolchain.few_bits.sensitivity import Sensitivity, measure, offered
from hearth.toolchain.few_bits.trellis import offers
from hearth.toolchain.ir import Design, Graph, QGraph, convolutions
from hearth.toolchain.quantize.precision import CHANNEL_BITS, INT8, Format, Plan, Size, matrices
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

BITS = (2, 3, 4, 5, 6, 7, 8)
IMAGES = 64
"""Photographs over which sensitivities are averaged."""
TRIALS = 4
"""Networks built in the search for the smallest one within a loss."""
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
CURVE = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.75, 1.0)
"""Budgets of the accuracy curve in reports, as shares of int8."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """The choice, and what the report says about it."""

    plan: Plan
    qgraph: QGraph
    sensitivity: Sensitivity
    sizes: Mapping[str, Size]

    def notes(self) -> dict[str, object]:
        """Bits per layer, bytes, and expected loss against bytes."""
        return {
            "bits": {name: self.plan.format(name).bits for name in self.sizes},
            "formats": {name: self.plan.format(name).as_json() for name in self.sizes},
            "bytes": allocation.total_bytes(self.sizes, self.plan),
            "expected_loss_nats": round(allocation.expected_loss(self.sensitivity, self.plan), 5),
            "curve": curve(self.sensitivity, self.sizes),
        }


def formats_of(trellis: bool) -> list[Format]:
    """What a layer or matrix may be given; how long a trellis' groups are depends on it."""
    books = [Format(bits, True) for bits in BITS]
    if not trellis:
        return books
    return [*map(offered, books), *offers(channels=0)]


def sizes_in(design: Design) -> dict[str, Size]:
    """What every convolution stores in this folding: padding of lanes and words counted."""
    sizes = {}
    for stage in design.weighted:
        *weights, parameters = stage.roms
        stored = sum(rom.fields.size for rom in weights)
        sizes[stage.layer.name] = Size(stored, -(-parameters.bits // CHANNEL_BITS))
    return sizes


def parse_bytes(text: str, option: str = "--rom-budget") -> int:
    """'10MB', '468 KiB' or '1000000' as bytes."""
    value = text.strip().upper().removesuffix("B").strip()
    digits = value.rstrip("KMGI").strip()
    unit = value[len(digits) :].strip()
    if not digits.isascii() or not digits.isdigit() or unit not in UNITS:
        raise HearthError(f"{option}: expects a size such as 10MB or 468KiB, found '{text}'")
    return int(digits) * UNITS[unit]


def curve(sensitivity: Sensitivity, sizes: Mapping[str, Size]) -> list[dict[str, float]]:
    """Expected loss (nats) of the best plan at several budgets, smallest first."""
    whole = allocation.total_bytes(sizes, Plan(INT8))
    least = Offer(sensitivity, sizes).least
    budgets = sorted({max(least, int(share * whole)) for share in CURVE})
    plans = [allocation.allocate(sensitivity, sizes, budget) for budget in budgets]
    return [
        {
            "bytes": allocation.total_bytes(sizes, plan),
            "expected_loss_nats": round(allocation.expected_loss(sensitivity, plan), 5),
        }
        for plan in plans
    ]


def by_matrix(graph: Graph, sizes: Mapping[str, Size]) -> dict[str, Size]:
    """Sizes of layers shared out among their matrices, padding in proportion."""
    found = {}
    for name, layer in convolutions(graph).items():
        whole, stored = Size.of(layer), sizes[name]
        for part in matrices(layer):
            own = Size.of(part)
            found[part.name] = Size(
                -(-stored.weights * own.weights // whole.weights),
                -(-stored.channels * own.channels // whole.channels),
            )
    return found


@dataclass(frozen=True, eq=False)
class Offer:
    """What can be chosen from: losses of every layer or matrix, and what each of them stores."""

    sensitivity: Sensitivity
    sizes: Mapping[str, Size]

    @staticmethod
    def of(
        qgraph: QGraph,
        graph: Graph,
        samples: Samples,
        sizes: Mapping[str, Size],
        *,
        trellis: bool = False,
        report: progress.Report = progress.silent,
    ) -> Offer:
        """Measured on the int8 network; takes some minutes. `sizes` are those of layers."""
        table = measure(qgraph, graph, samples, BITS, True, IMAGES, report, trellis)
        return Offer(table, by_matrix(graph, sizes) if trellis else sizes)

    @property
    def least(self) -> int:
        """Bytes below which there is no plan."""
        formats = {name: list(losses) for name, losses in self.sensitivity.losses.items()}
        bits = sum(min(self.sizes[name].bits(f) for f in formats[name]) for name in formats)
        return -(-bits // 8)

    @property
    def most(self) -> int:
        """Bytes that leave nothing to choose."""
        return allocation.total_bytes(self.sizes, Plan(INT8)) + 8 * 256 * len(self.sizes)

    def plan(self, budget: int) -> Plan:
        """The least expected loss at `budget` bytes."""
        return allocation.allocate(self.sensitivity, self.sizes, budget)

    def bytes(self, plan: Plan) -> int:
        return allocation.total_bytes(self.sizes, plan)

    def fitting(self, fits: Callable[[Plan], bool]) -> Plan | None:
        """The plan of most bytes for which `fits` holds, by halving, down to a thousandth of the
        bytes; None when not even the one of least bytes fits."""
        low, high = self.least, self.most
        best = self.plan(low)
        if not fits(best):
            return None
        while high - low > max(1, low // 1000):
            middle = (low + high) // 2
            plan = self.plan(middle)
            if fits(plan):
                best, low = plan, middle
            else:
                high = middle
        return best


def within_budget(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    sizes: Mapping[str, Size],
    budget: int,
    report: progress.Report = progress.silent,
    *,
    trellis: bool = False,
) -> Mixture:
    """The least expected loss at `budget` bytes."""
    formats = formats_of(trellis)
    allocation.check(by_matrix(graph, sizes) if trellis else sizes, formats, budget)
    offer = Offer.of(qgraph, graph, samples, sizes, trellis=trellis, report=report)
    return rounded(qgraph, graph, samples, offer, offer.plan(budget), report)


def within_loss(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    sizes: Mapping[str, Size],
    points: float,
    agreement: Callable[[QGraph], float],
    report: progress.Report = progress.silent,
    *,
    trellis: bool = False,
) -> Mixture:
    """The smallest network found whose `agreement` (percent) is within `points` of int8's."""
    offer = Offer.of(qgraph, graph, samples, sizes, trellis=trellis, report=report)
    wanted = agreement(qgraph) - points
    low, high = offer.least, offer.most
    kept: Mixture | None = None
    for _ in range(TRIALS):
        budget = int(np.sqrt(float(low) * high))
        made = rounded(qgraph, graph, samples, offer, offer.plan(budget), report)
        if agreement(made.qgraph) >= wanted:
            kept, high = made, budget
        else:
            low = budget
    if kept is None:
        kept = rounded(qgraph, graph, samples, offer, offer.plan(high), report)
    return kept


def rounded(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    offer: Offer,
    plan: Plan,
    report: progress.Report,
) -> Mixture:
    """The network rounded by a plan."""
    found = few_bits(qgraph, graph, samples, plan, report)
    return Mixture(plan, found, offer.sensitivity, offer.sizes)
