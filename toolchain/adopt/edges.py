"""The edges of hardware that hold a file's integers, and the tables from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hearth.hw.layers.table import Table
from hearth.toolchain.adopt.segments import Grid
from hearth.toolchain.ir import Array, Edge
from hearth.toolchain.support.errors import HearthError

WIDE = 16
"""Bits of results that the global pool or a sum reads, where 8 do not hold them."""


def grid_of(edge: Edge) -> Grid:
    """The values of an edge."""
    return Grid(edge.scale, edge.low, edge.high)


def fitted(name: str, edge: Edge, grid: Grid, *, wide: bool, signed: bool = False) -> Edge:
    """The edge that holds a grid: 8 bits, or what the global pool and sums take where it is `wide`;
    `signed` where it should have a sign though no value is below zero, as far as 8 bits allow."""
    signed = grid.low < 0 or (signed and grid.high <= 127)
    narrow = (-128, 127) if signed else (0, 255)
    bits = 8 if narrow[0] <= grid.low and grid.high <= narrow[1] else WIDE
    if bits > 8 and not wide:
        raise HearthError(
            f"{name}: its results are integers from {grid.low} to {grid.high}; only what the global"
            f" pool or a sum alone reads may have more than 8 bits, which hold {narrow[0]} to"
            f" {narrow[1]}"
        )
    limits = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if grid.low < limits[0] or grid.high > limits[1]:
        raise HearthError(
            f"{name}: its results are integers from {grid.low} to {grid.high}, which {WIDE} bits do"
            " not hold; quantize activations to 8 bits"
        )
    bounds: dict[str, Any] = {"minimum": None, "maximum": None}
    if (grid.low, grid.high) != limits:
        bounds = {"minimum": grid.low, "maximum": grid.high}
    return replace(edge, bits=bits, signed=signed, scale=grid.scale, **bounds)


def table(
    name: str,
    ends: tuple[Edge, Edge],
    grids: Sequence[Grid],
    maps: Sequence[Array],
    group: Array,
) -> Table:
    """The table `name` from one edge to another: integer k of a channel in group b becomes
    maps[b][k - grids[b].low]."""
    source, target = ends
    if source.bits > 8:
        raise HearthError(
            f"{name}: what it reads is rounded twice, the first time to {source.low}.."
            f"{source.high}; hardware has tables of 8 bits only, so quantize once"
        )
    address = np.arange(1 << source.bits)
    values = address - np.where(source.signed & (address > source.high), len(address), 0)
    tables = [
        levels[values.clip(grid.low, grid.high) - grid.low]
        for levels, grid in zip(maps, grids, strict=True)
    ]
    return Table(name, source, target, np.array(tables, np.int32), group.astype(np.int32))
