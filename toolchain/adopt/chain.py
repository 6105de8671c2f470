"""Pass: the integers of an already quantized file take the place of freshly chosen ones.

    Conv, weights and scales by quantize.py      Conv, the file's integers, scales and bounds
    nothing                                      Table, where the file rounds a stream once more
    GlobalPool -> TopK                           GlobalPool -> Rescale -> TopK, where scores round

Every quantizer of the file is honoured: in the bounds of a requantizer, in a table, or by proof
that it changes nothing (toolchain/adopt/segments.py). Weights that are no longer the file's
integers, because preprocessing scales colours differently or the file left them in float, are
rounded here, to 8 bits per channel; the report says so. Biases follow from scales. A layer whose
integers take few distinct values gets a codebook of them, when indices are shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hearth.hw.layers.border import Border
from hearth.hw.layers.rescale import LARGEST_FACTOR, LARGEST_SHIFT, Rescale
from hearth.hw.layers.table import Table
from hearth.toolchain.adopt.convolution import (
    Ends,
    kept_conv,
    matched,
    parts_of,
    rounded_conv,
    told,
)
from hearth.toolchain.adopt.entry import Entry, entry
from hearth.toolchain.adopt.links import Link, links
from hearth.toolchain.adopt.places import Place, places
from hearth.toolchain.adopt.segments import Grid, Segment, segment
from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import (
    Array,
    Edge,
    FloatConv,
    FloatExpand,
    Graph,
    Layer,
    Pads,
    QGraph,
    Weighted,
    convolutions,
)
from hearth.toolchain.quantize.int8 import NO_PADS, in_pixels
from hearth.toolchain.quantize.requantize import shift_for
from hearth.toolchain.support.errors import HearthError

WIDE = 16
"""Bits of the last convolution's results where 8 do not hold them."""

SUMS = "/sums"
"""Behind the name of the global pool's sums where a file rounds them: the tensor is rounded."""


def adopt(qgraph: QGraph, graph: Graph, kept: Kept) -> QGraph:
    """The network with the file's integers; HearthError where they cannot be kept."""
    for join in qgraph.joins:
        raise HearthError(
            f"{join.name}: {len(join.sources)} paths of a quantized file meet here, and only"
            " the integers of a chain of layers can be kept; give the float model"
        )
    work = _Adoption(qgraph, graph, kept)
    for layer in qgraph.layers:
        work.take(layer)
    notes = {**qgraph.notes, "quantized_file": work.notes}
    return replace(qgraph, layers=tuple(work.layers), notes=notes)


class _Adoption:
    """Goes along the chain and keeps the edge that was reached."""

    def __init__(self, qgraph: QGraph, graph: Graph, kept: Kept) -> None:
        self.preprocessing = qgraph.preprocessing
        self.kept = kept
        self.floats: Mapping[str, FloatConv | FloatExpand] = convolutions(graph)
        self.tensors = {layer.name: layer.tensor for layer in graph.layers}
        self.names = {layer.name for layer in qgraph.layers}
        self.layers: list[Layer] = []
        self.notes: list[str] = []
        self.edge = qgraph.input
        found = links(graph, kept)
        self.scores = found.after[-1]
        self.scored = graph.layers[-1].name
        """The layer that makes the scores."""
        self.places = places(graph.layers, found)
        lead = next(i for i, x in enumerate(graph.layers) if x.name in self.floats)
        before = (found.entry, *found.after[:lead])
        self.entry = entry(qgraph.preprocessing, before, graph.channels)
        self.offset = np.zeros(graph.channels, np.int64)
        """What integers in front of the first convolution are too large by, per channel."""
        if self.entry is not None:
            self._enter(self.entry)

    def take(self, layer: Layer) -> None:
        """Append what one layer of quantize.py becomes."""
        if isinstance(layer, Weighted):
            self._conv(layer)
        else:
            known = self.entry is not None and not self._deep
            zero = self.offset if known else None
            self._append(layer.on(self.edge, self._edge_name(layer), zero))
        if layer.name == self.scored:
            self._round_scores()
        place = self.places.get(layer.name)
        if place is not None and place.tabled:
            self._table(layer, place)

    @property
    def _deep(self) -> bool:
        """Whether the first convolution is behind us."""
        return any(isinstance(layer, Weighted) for layer in self.layers)

    def _append(self, layer: Layer) -> None:
        self.layers.append(layer)
        self.edge = layer.target

    def _unique(self, name: str) -> str:
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name

    def _edge_name(self, layer: Layer) -> str:
        """The tensor's name, or another where its values are still to be made of these."""
        if layer.name == self.scored and self._scores_segment() is not None:
            return f"{layer.target.name}{SUMS}"
        place = self.places.get(layer.name)
        tabled = place is not None and place.tabled
        return f"{layer.target.name}/levels" if tabled else layer.target.name

    # ---------------------------------------------------------------- layers without weights

    def _enter(self, found: Entry) -> None:
        """The file's quantizer of the input."""
        source = self.edge
        self.edge = replace(source, scale=found.scale)
        self.offset = found.offset
        if found.needed:
            tables, group = np.unique(found.tables, axis=0, return_inverse=True)
            name = self._unique(f"{source.name}/levels")
            target = replace(self.edge, name=name)
            self._append(Table(name, source, target, tables, group.reshape(-1).astype(np.int32)))

    def _border(self, name: str, pads: Pads, values: Array) -> None:
        top, left, bottom, right = pads
        height, width = self.edge.height + top + bottom, self.edge.width + left + right
        target = self.edge.carried(name, (height, width, self.edge.channels))
        self._append(Border(name, self.edge, target, pads, values.astype(self.edge.dtype)))

    def _table(self, layer: Layer, place: Place) -> None:
        """The table behind a layer: one for each half of an expand stage."""
        found, source = place.segment, self.edge
        assert found.lookup is not None
        name = self._unique(f"{layer.name}/table")
        tensor = self.tensors[layer.name]
        target = _fitted(layer.name, replace(source, name=tensor), found.lookup.target, place.last)
        if source.bits > 8:
            raise HearthError(
                f"{layer.name}: its results are rounded twice, the first time to {source.low}.."
                f"{source.high}; hardware has tables of 8 bits only, so quantize once"
            )
        address = np.arange(1 << source.bits)
        values = address - np.where(source.signed & (address > source.high), len(address), 0)
        tables = [
            levels[values.clip(grid.low, grid.high) - grid.low]
            for levels, grid in zip(found.lookup.maps, found.grids, strict=True)
        ]
        group = np.zeros(source.channels, np.int32)
        group[place.centre :] = len(tables) - 1
        self._append(Table(name, source, target, np.array(tables, np.int32), group))

    def _scores_segment(self) -> Segment | None:
        """What the file does to the scores, if anything."""
        return segment("the scores", (Link(),), (self.scores,))

    def _round_scores(self) -> None:
        """The quantizer behind the global pool."""
        made = self._scores_segment()
        if made is None:
            return
        (grid,) = made.grids
        if made.lookup is not None:
            last = self.scores.quantizers[-1]
            raise HearthError(
                f"{last.name}: rounds the scores a second time, to another scale; quantize them"
                " once"
            )
        source, ratio = self.edge, self.edge.scale / grid.scale
        shift = shift_for(ratio, LARGEST_FACTOR, LARGEST_SHIFT)
        multiplier = int(np.rint(ratio * 2.0**shift).clip(1, LARGEST_FACTOR))
        tensor = source.name.removesuffix(SUMS)
        name = self._unique(f"{tensor}/rescale")
        bounds: dict[str, Any] = {"minimum": grid.low, "maximum": grid.high}
        target = replace(source, name=tensor, scale=grid.scale, **bounds)
        self._append(Rescale(name, source, target, multiplier, shift))

    # ---------------------------------------------------------------- convolutions

    def _conv(self, layer: Weighted) -> None:
        real, place = self.floats[layer.name], self.places.get(layer.name)
        if any(layer.pads) and self.offset.any() and not self._deep:
            self._border(self._unique(f"{layer.name}/border"), layer.pads, self.offset)
            layer = layer.with_matrices(layer.matrices, source=self.edge, pads=NO_PADS)
        target, scale = layer.target, np.full(layer.target.channels, layer.target.scale)
        if place is not None:
            target, scale = self._target(layer, place)
        offset = np.zeros(self.edge.channels, np.int64) if self._deep else self.offset
        ends = Ends(self.edge, offset, target, scale)
        parts = self._parts(real)
        found = matched(parts, self.kept)
        if found is not None:
            self._append(kept_conv(layer, found, ends, told(parts, found, self.kept)))
            return
        if place is None and self.edge == layer.source:
            self._append(layer)  # nothing around it is the file's
        else:
            self._append(rounded_conv(layer, parts, ends))
        self.notes.append(self._why_rounded(layer.name, parts))

    def _target(self, layer: Weighted, place: Place) -> tuple[Edge, Array]:
        """The edge of the file, and the scale of every channel: halves may differ."""
        grids = place.segment.grids
        union = Grid(grids[0].scale, min(g.low for g in grids), max(g.high for g in grids))
        named = replace(layer.target, name=self._edge_name(layer))
        scale = np.full(layer.target.channels, grids[-1].scale)
        scale[: place.centre] = grids[0].scale
        return _fitted(layer.name, named, union, place.last), scale

    def _parts(self, real: FloatConv | FloatExpand) -> list[FloatConv]:
        """The float convolutions as hardware orders their input: RGB, in steps or in pixels."""
        parts = parts_of(real)
        if self._deep:
            return parts
        if self.entry is None:
            return [in_pixels(part, self.preprocessing) for part in parts]
        if self.preprocessing.channel_order == "BGR":
            return [replace(part, weights=part.weights[..., ::-1]) for part in parts]
        return parts

    def _why_rounded(self, name: str, parts: Sequence[FloatConv]) -> str:
        if not any(node in self.kept.weights for part in parts for node in part.nodes):
            reason = "the file left them in float"
        elif not self._deep_before(name):
            reason = "the preprocessing scales colours differently"
        else:
            reason = "they were changed after they were quantized"
        return f"{name}: weights rounded to 8 bits here, since {reason}"

    def _deep_before(self, name: str) -> bool:
        return next(iter(self.floats)) != name


def _fitted(name: str, edge: Edge, grid: Grid, last: bool) -> Edge:
    """The edge that holds a grid: 8 bits, or what the global pool can add up."""
    signed = grid.low < 0
    narrow = (-128, 127) if signed else (0, 255)
    bits = 8 if narrow[0] <= grid.low and grid.high <= narrow[1] else WIDE
    if bits > 8 and not last:
        raise HearthError(
            f"{name}: its results are integers from {grid.low} to {grid.high}; only the last"
            f" convolution's may have more than 8 bits, which hold {narrow[0]} to {narrow[1]}"
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
