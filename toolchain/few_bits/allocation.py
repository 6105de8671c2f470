"""Mixed precision: bits per layer so that the loss is least and the ROMs fit a budget.

A multiple-choice knapsack, solved exactly by dynamic programming over bytes: every layer takes one
of its formats, losses add up. Where the losses come from: few_bits/sensitivity.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hearth.toolchain.few_bits.sensitivity import Sensitivity
from hearth.toolchain.ir import Array
from hearth.toolchain.quantize.precision import Format, Plan, Size
from hearth.toolchain.support.errors import HearthError

GRAIN = 128
"""Bytes are rounded up to multiples of GRAIN bits."""


def smallest(sizes: Mapping[str, Size], formats: Sequence[Format]) -> int:
    """Bytes of the network with every layer in its shortest format."""
    bits = sum(min(size.bits(f) for f in formats) for size in sizes.values())
    return -(-bits // 8)


def check(sizes: Mapping[str, Size], formats: Sequence[Format], budget: int) -> None:
    """HearthError when even the shortest formats do not fit."""
    _check(smallest(sizes, formats), min(f.bits for f in formats), budget)


def _check(least: int, bits: int, budget: int) -> None:
    if budget < least:
        raise HearthError(
            f"--rom-budget: {budget:,} bytes are too few for this network; the smallest reachable"
            f" is {least:,} bytes, with {bits} bits in every layer"
        )


def total_bytes(sizes: Mapping[str, Size], plan: Plan) -> int:
    """Bytes of all ROMs under a plan, everything counted but padding of the folding."""
    return -(-sum(size.bits(plan.format(name)) for name, size in sizes.items()) // 8)


def expected_loss(sensitivity: Sensitivity, plan: Plan) -> float:
    """Sum of the measured losses of a plan, nats."""
    return sum(losses[plan.format(name)] for name, losses in sensitivity.losses.items())


def allocate(sensitivity: Sensitivity, sizes: Mapping[str, Size], budget: int) -> Plan:
    """The plan with the least expected loss that takes at most `budget` bytes."""
    names = list(sensitivity.losses)
    formats = {name: list(sensitivity.losses[name]) for name in names}
    least = sum(min(sizes[name].bits(f) for f in formats[name]) for name in names)
    _check(-(-least // 8), min(f.bits for offer in formats.values() for f in offer), budget)
    room = (budget * 8 - least) // GRAIN
    extra = {
        name: [_grains(sizes[name], f, formats[name]) for f in formats[name]] for name in names
    }
    best, choices = np.zeros(room + 1), list[Array]()
    for name in names:
        costs = np.full((len(formats[name]), room + 1), np.inf)
        for row, (chosen, grains) in enumerate(zip(formats[name], extra[name], strict=True)):
            if grains <= room:
                costs[row, grains:] = best[: room + 1 - grains] + sensitivity.losses[name][chosen]
        choices.append(costs.argmin(axis=0))
        best = costs.min(axis=0)
    layers, left = dict[str, Format](), room
    for name, choice in zip(reversed(names), reversed(choices), strict=True):
        row = int(choice[left])
        layers[name] = formats[name][row]
        left -= extra[name][row]
    return Plan(layers={name: layers[name] for name in names})


def _grains(size: Size, chosen: Format, formats: Sequence[Format]) -> int:
    """Bits beyond the layer's shortest format, in grains, rounded up."""
    return -(-(size.bits(chosen) - min(size.bits(f) for f in formats)) // GRAIN)
