"""Mixed precision for the compiler: from a budget, or a tolerable loss, to bits per layer.

With a budget the knapsack (allocation.py) is solved once. With a tolerable loss the smallest budget
is searched whose network loses no more than that on the calibration photographs: budgets are
halved between the smallest and int8, each is built and measured. The loss is counted in points of
agreement with the float network's first class, beyond what int8 loses already; true classes are not
needed. Sensitivities are measured once for both (few_bits/sensitivity.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.few_bits import allocation
from hearth.toolchain.few_bits.calibrated import Samples, few_bits
from hearth.toolchain.few_bits.sensitivity import Sensitivity, measure
from hearth.toolchain.ir import Design, Graph, QGraph
from hearth.toolchain.quantize.precision import CHANNEL_BITS, INT8, Format, Plan, Size
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
            "bytes": allocation.total_bytes(self.sizes, self.plan),
            "expected_loss_nats": round(allocation.expected_loss(self.sensitivity, self.plan), 5),
            "curve": curve(self.sensitivity, self.sizes),
        }


def sizes_in(design: Design) -> dict[str, Size]:
    """What every convolution stores in this folding: padding of lanes and words counted."""
    sizes = {}
    for stage in design.weighted:
        weights, parameters = stage.roms
        sizes[stage.layer.name] = Size(weights.fields.size, -(-parameters.bits // CHANNEL_BITS))
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
    least = allocation.smallest(sizes, list(next(iter(sensitivity.losses.values()))))
    budgets = sorted({max(least, int(share * whole)) for share in CURVE})
    plans = [allocation.allocate(sensitivity, sizes, budget) for budget in budgets]
    return [
        {
            "bytes": allocation.total_bytes(sizes, plan),
            "expected_loss_nats": round(allocation.expected_loss(sensitivity, plan), 5),
        }
        for plan in plans
    ]


def within_budget(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    sizes: Mapping[str, Size],
    budget: int,
    codebook: bool = True,
    report: progress.Report = progress.silent,
) -> Mixture:
    """The least expected loss at `budget` bytes."""
    allocation.check(sizes, [Format(bits, codebook) for bits in BITS], budget)
    table = measure(qgraph, graph, samples, BITS, codebook, IMAGES, report)
    plan = allocation.allocate(table, sizes, budget)
    return Mixture(plan, few_bits(qgraph, graph, samples, plan, report), table, sizes)


def within_loss(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    sizes: Mapping[str, Size],
    points: float,
    agreement: Callable[[QGraph], float],
    codebook: bool = True,
    report: progress.Report = progress.silent,
) -> Mixture:
    """The smallest network found whose `agreement` (percent) is within `points` of int8's."""
    table = measure(qgraph, graph, samples, BITS, codebook, IMAGES, report)
    wanted = agreement(qgraph) - points
    high = allocation.total_bytes(sizes, Plan(INT8)) + 8 * 256 * len(sizes)
    low = allocation.smallest(sizes, list(next(iter(table.losses.values()))))
    kept: Mixture | None = None
    for _ in range(TRIALS):
        budget = int(np.sqrt(float(low) * high))
        plan = allocation.allocate(table, sizes, budget)
        found = few_bits(qgraph, graph, samples, plan, report)
        if agreement(found) >= wanted:
            kept, high = Mixture(plan, found, table, sizes), budget
        else:
            low = budget
    if kept is None:
        plan = allocation.allocate(table, sizes, high)
        kept = Mixture(plan, few_bits(qgraph, graph, samples, plan, report), table, sizes)
    return kept
