"""Integers of layers without weights: multipliers of a sum, the edge that a concatenation makes,
tables, means.

sum = (a * Ma + b * Mb + 2^(S-1)) >> S        Ma = scale_a / scale_sum * 2^S, Mb likewise
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hearth.hw.layers.addition.scales import largest_shift, natural_shift, ratios
from hearth.hw.layers.gating import Gating
from hearth.hw.layers.gating import layer as gating
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.rescale import LARGEST_FACTOR as LARGEST_SUM_FACTOR
from hearth.hw.layers.rescale import LARGEST_SHIFT as LARGEST_SUM_SHIFT
from hearth.hw.layers.rescale import Rescale
from hearth.hw.layers.table import Table
from hearth.toolchain.ir import Array, Edge, FloatMean, FloatTable
from hearth.toolchain.quantize.requantize import shift_for
from hearth.toolchain.support.errors import HearthError


def addition(
    name: str, sources: tuple[Edge, ...], target: Edge, shift: int | None
) -> tuple[Edge, Array, int]:
    """Target, multipliers int32 [2] and shift of a sum. The shift is as large as the multipliers
    allow, unless hardware demands one: then a wider range makes up for what it shifts too far.

    HearthError when the scales are so far apart that one source would vanish.
    """
    steps = ratios(sources, target)
    room = largest_shift(steps)
    if room < 1:
        worst = sources[int(steps.argmax())]
        raise HearthError(
            f"{name}: one step of '{worst.name}' is {steps.max():.3g} steps of the sum, more than"
            " multipliers of 16 bits can hold; are these trained weights?"
        )
    if shift is None:
        shift = natural_shift(steps)
    wider = 2.0 ** max(0, shift - room)
    target = replace(target, scale=target.scale * wider)
    factors = np.rint(steps / wider * 2.0**shift).astype(np.int32)
    if factors.min() < 1:
        small, large = (sources[int(i)] for i in np.argsort(steps))
        raise HearthError(
            f"{name}: '{small.name}' and '{large.name}' are added, but a step of one is"
            f" {large.scale / small.scale:.3g} times that of the other, more than multipliers of"
            " 16 bits can hold; are these trained weights?"
        )
    return target, factors, shift


def gated(name: str, sources: tuple[Edge, ...], target: Edge, shift: int | None) -> Gating:
    """A product, its multiplier as large as 16 bits hold, unless hardware demands a shift: then a
    wider range makes up for what that is too far.

    HearthError when the scales of sources and result are so far apart that none holds them.
    """
    ratio = math.prod(float(edge.scale) for edge in sources) / target.scale
    room = shift_for(ratio, gating.LARGEST_FACTOR, gating.MOST_SHIFT)
    shift = room if shift is None else shift
    wider = 2.0 ** max(0, shift - room)
    factor = round(ratio / wider * 2.0**shift)
    if not 1 <= factor <= gating.LARGEST_FACTOR:
        raise HearthError(
            f"{name}: '{sources[0].name}' and '{sources[1].name}' are multiplied, but a step of"
            f" both is {ratio:.3g} steps of the product, which a multiplier of 16 bits cannot hold;"
            " are these trained weights?"
        )
    return Gating(name, sources, replace(target, scale=target.scale * wider), factor, shift)


def looked_up(layer: FloatTable, source: Edge, target: Edge) -> Table:
    """The table of a function: what it makes of every integer of an 8-bit edge, rounded."""
    codes = np.arange(1 << source.bits)
    half = 1 << (source.bits - 1)
    values = (codes + half) % (2 * half) - half if source.signed else codes
    exact = layer.function(values * source.scale) / target.scale
    tables = np.rint(exact).clip(target.low, target.high).astype(np.int32)
    group = np.minimum(np.arange(source.channels), len(tables) - 1).astype(np.int32)
    return Table(layer.name, source, target, tables, group)


def mean(
    layer: FloatMean, sums_name: str, source: Edge, target: Edge
) -> tuple[GlobalPool, Rescale]:
    """The sums of a map's channels, and these rounded to `target`; the number of pixels is part of
    the sums' scale."""
    scale = source.scale / source.pixels
    sums = Edge(sums_name, 1, 1, source.channels, 32, signed=True, scale=scale)
    ratio = sums.scale / target.scale
    shift = shift_for(ratio, LARGEST_SUM_FACTOR, LARGEST_SUM_SHIFT)
    factor = int(np.rint(ratio * 2.0**shift))
    if not 1 <= factor <= LARGEST_SUM_FACTOR:
        raise HearthError(
            f"{layer.name}: a step of '{source.name}' is {source.scale / target.scale:.3g} times"
            f" that of the mean '{target.name}', more than a multiplier can hold; are these trained"
            " weights?"
        )
    pool = GlobalPool(sums_name, source, sums)
    return pool, Rescale(layer.name, sums, target, factor, shift)


def concatenated(tensor: str, sources: tuple[Edge, ...]) -> Edge:
    """The edge that carries the channels of all sources, whose integers mean the same."""
    first = sources[0]
    channels = sum(edge.channels for edge in sources)
    made = first.carried(tensor, (first.height, first.width, channels))
    return replace(made, minimum=None, maximum=None)
