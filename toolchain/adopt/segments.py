"""From quantizers to the integers of every edge, and tables where a stream is rounded again.

A segment is a convolution, or a sum, and the max-pools up to the next layer. Rounding, clipping and
ReLU are monotone functions of single values, and so change places with a max-pool freely: max(f(x))
= f(max(x)). The first quantizer of a segment, wherever it stands, becomes the requantizer of the
convolution, with the ReLU and Clip before it in its bounds:

    conv -> Relu -> MaxPool -> Q(s, -128..127)       conv to s * (0..127) -> MaxPool

What follows is a function of at most 256 integers, tried out on all of them in float32, as ONNX
Runtime computes it. If it only clips, it moves into the bounds; if it changes nothing, it is gone;
else it becomes a table. The halves of an expand stage may have quantizers of their own, one table
for each then brings both to the quantizer behind the Concat. Where integers are there already, in
front of a Concat or of a max-pool beside other readers, what follows is such a function of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.adopt.links import Link
from hearth.toolchain.frontend.quantized.kept import Quantizer, Step
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

CLOSE = 1e-6
"""Relative difference up to which two scales are the same number."""


@dataclass(frozen=True)
class Grid:
    """The values of an edge: scale * (low..high)."""

    scale: float
    low: int
    high: int

    @property
    def integers(self) -> Array:
        return np.arange(self.low, self.high + 1)

    @property
    def reals(self) -> Array:
        return self.integers.astype(np.float32) * np.float32(self.scale)


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table behind site `site` of a segment: integer k of half b becomes maps[b][k - low]."""

    site: int
    maps: tuple[Array, ...]
    target: Grid


@dataclass(frozen=True, eq=False)
class Segment:
    """What a convolution (or the halves of an expand stage) and the pools behind it produce."""

    grids: tuple[Grid, ...]
    lookup: Lookup | None
    first: int
    """The site behind which the file has its first quantizer: values before are not the file's."""

    @property
    def end(self) -> Grid:
        """What the next convolution reads."""
        return self.grids[0] if self.lookup is None else self.lookup.target


@dataclass(frozen=True, eq=False)
class Change:
    """What becomes of integers that are there already: k of source b becomes maps[b][k - low]."""

    maps: tuple[Array, ...]
    target: Grid


class _Flow:
    """One half of a segment on its way: before its first quantizer, then behind it; or integers of
    `grid` on theirs."""

    def __init__(self, grid: Grid | None = None) -> None:
        self.low, self.high = -math.inf, math.inf
        self.grid = grid
        self.scale = 1.0 if grid is None else grid.scale
        self.reals: Array = np.zeros(0, np.float32) if grid is None else grid.reals

    def take(self, step: Step) -> None:
        if self.grid is not None:
            self.reals = step.apply(self.reals)
            self.scale = step.scale if isinstance(step, Quantizer) else self.scale
        elif isinstance(step, Quantizer):
            low, high = step.levels(np.array([self.low, self.high]))
            self.grid = Grid(step.scale, int(low), int(high))
            self.reals, self.scale = self.grid.reals, step.scale
        else:
            self.low, self.high = max(self.low, step.low), min(self.high, step.high)

    def integers(self, name: str) -> Array:
        """What the integers of `grid` have become, in steps of `scale`."""
        steps = self.reals / np.float32(self.scale)
        if (np.abs(steps - np.rint(steps)) > 1e-3 + CLOSE * np.abs(steps)).any():
            raise HearthError(
                f"{name}: a Clip behind the last quantizer lies between two of its steps; quantize"
                " after it"
            )
        return np.rint(steps).astype(np.int64)

    def without_negatives(self, integers: Array) -> Array:
        """`integers`, the negative half dropped where it does the same as 0."""
        assert self.grid is not None
        zero = -self.grid.low
        if 0 < zero < len(integers) and (integers[:zero] == integers[zero]).all():
            self.grid = replace(self.grid, low=0)
            return integers[zero:]
        return integers


def segment(name: str, inner: Sequence[Link], shared: Sequence[Link]) -> Segment | None:
    """The integers of a segment; None when the file leaves it in float.

    `inner` has a link for each half of an expand stage and is one empty link for a convolution,
    `shared` one for the convolution and one for each pool behind it.
    """
    flows = [_Flow() for _ in inner]
    for flow, link in zip(flows, inner, strict=True):
        for step in link.steps:
            flow.take(step)
    first = 0
    last = 0
    for site, link in enumerate(shared):
        for step in link.steps:
            before = [flow.reals for flow in flows]
            if all(flow.grid is None for flow in flows):
                first = site
            for flow in flows:
                flow.take(step)
            if any(
                len(b) and not np.array_equal(b, f.reals)
                for b, f in zip(before, flows, strict=True)
            ):
                last = site
    if all(flow.grid is None for flow in flows):
        return None
    _check_halves(name, flows)
    return _settle(name, flows, first, last)


def change(name: str, grids: Sequence[Grid], shared: Sequence[Link]) -> Change:
    """What the links behind a Concat of sources on `grids` (or behind one max-pool) do to each:
    nothing to those that they have rounded already."""
    flows = [_Flow(grid) for grid in grids]
    for step in (step for link in shared for step in link.steps):
        for flow in flows:
            flow.take(step)
    scales = [flow.scale for flow in flows]
    if max(scales) - min(scales) > CLOSE * max(scales):
        raise HearthError(
            f"{name}: its sources have scales from {min(scales):g} to {max(scales):g}, and no"
            " quantizer behind the Concat makes them one; quantize its output"
        )
    maps = tuple(flow.integers(name) for flow in flows)
    low, high = min(int(m.min()) for m in maps), max(int(m.max()) for m in maps)
    return Change(maps, Grid(scales[0], low, high))


def _check_halves(name: str, flows: Sequence[_Flow]) -> None:
    if any(flow.grid is None for flow in flows):
        raise HearthError(
            f"{name}: one convolution of this expand stage is quantized and the other is not, and"
            " nothing behind the Concat quantizes both; quantize the whole network"
        )
    scales = [flow.scale for flow in flows]
    if max(scales) - min(scales) > CLOSE * max(scales):
        raise HearthError(
            f"{name}: the two convolutions of this expand stage have scales {scales[0]:g} and"
            f" {scales[1]:g}, and no quantizer behind the Concat makes them one; quantize its"
            " output"
        )


def _settle(name: str, flows: Sequence[_Flow], first: int, last: int) -> Segment:
    """Bounds alone where they are enough, else a table."""
    results = [flow.without_negatives(flow.integers(name)) for flow in flows]
    scale = flows[0].scale
    low, high = min(int(r.min()) for r in results), max(int(r.max()) for r in results)
    target = Grid(scale, low, high)
    grids = [flow.grid for flow in flows if flow.grid is not None]
    plain = all(
        abs(grid.scale - scale) <= CLOSE * scale
        and (int(r.min()), int(r.max())) == (low, high)
        and np.array_equal(r, np.arange(grid.low, grid.high + 1).clip(low, high))
        for grid, r in zip(grids, results, strict=True)
    )
    if plain:
        return Segment((target,) * len(flows), None, first)
    return Segment(tuple(grids), Lookup(last, tuple(results), target), first)
