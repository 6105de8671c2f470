"""Pass: the integers of an already quantized file take the place of freshly chosen ones.

    Conv, weights and scales by quantize.py      Conv, the file's integers, scales and bounds
    nothing                                      Table, where the file rounds a stream once more
    GlobalPool -> TopK                           GlobalPool -> Rescale -> TopK, where scores round
    Addition, Concat                             the same, between the file's scales (joins.py)

Every quantizer of the file is honoured: in the bounds of a requantizer, in a table, or by proof
that it changes nothing (toolchain/adopt/segments.py). Weights that are no longer the file's
integers, because preprocessing scales colours differently or the file left them in float, are
rounded here, to 8 bits per channel; the report says so. Biases follow from scales. A layer whose
integers take few distinct values gets a codebook of them, when indices are shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from hearth.toolchain.adopt import joins
from hearth.toolchain.adopt.convolution import (
    Ends,
    even,
    kept_conv,
    matched,
    parts_of,
    rounded_conv,
    told,
    why_rounded,
)
from hearth.toolchain.adopt.edges import fitted, grid_of, table
from hearth.toolchain.adopt.entry import Entry, border, entry, entry_links, entry_table
from hearth.toolchain.adopt.links import links
from hearth.toolchain.adopt.places import Place, paths, places
from hearth.toolchain.adopt.scores import rescaled, rounded_to
from hearth.toolchain.adopt.segments import Change, Grid, change
from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import (
    Array,
    Edge,
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatMaxPool,
    Graph,
    Layer,
    QGraph,
    Weighted,
    convolutions,
)
from hearth.toolchain.quantize.int8 import NO_PADS, in_bytes_order, in_pixels

SUMS = "/sums"
"""Behind the name of the global pool's sums where a file rounds them: the tensor is rounded."""


def adopt(qgraph: QGraph, graph: Graph, kept: Kept) -> QGraph:
    """The network with the file's integers; HearthError where they cannot be kept."""
    work = _Adoption(qgraph, graph, kept)
    for layer in qgraph.layers:
        work.take(layer)
    notes = {**qgraph.notes, "quantized_file": work.notes}
    return replace(qgraph, layers=tuple(work.layers), notes=notes)


class _Adoption:
    """Goes through the layers and keeps every edge that was made, by the old one's name."""

    def __init__(self, qgraph: QGraph, graph: Graph, kept: Kept) -> None:
        self.preprocessing = qgraph.preprocessing
        self.kept = kept
        self.floats: Mapping[str, FloatConv | FloatExpand] = convolutions(graph)
        self.real = {layer.name: layer for layer in graph.layers}
        self.names = {layer.name for layer in qgraph.layers} | {e.name for e in qgraph.edges}
        self.layers: list[Layer] = []
        self.notes: list[str] = []
        self.edge = qgraph.input
        self.edges: dict[str, Edge] = {}
        self.pixels = {qgraph.input.name}
        """Edges of quantize.py in front of the first convolutions."""
        self.links = found = links(graph, kept)
        last = graph.layers[-1]
        self.scored = last.name if isinstance(last, FloatGlobalPool) else ""
        """The layer that makes the scores."""
        self.scores = rounded_to(found.after[last.name]) if self.scored else None
        self.paths = paths(graph)
        self.places = places(graph, found)
        self.signed = joins.signed(graph, self.places)
        before = entry_links(graph, found)
        self.entry = entry(qgraph.preprocessing, before, graph.channels)
        self.offset = np.zeros(graph.channels, np.int64)
        """What integers in front of the first convolutions are too large by, per channel."""
        if self.entry is not None:
            self._enter(self.entry)
        self.edges[qgraph.input.name] = self.edge

    def take(self, layer: Layer) -> None:
        """Append what one layer of quantize.py becomes."""
        self.edge, real = self.edges[layer.source.name], self.real.get(layer.name)
        if isinstance(layer, Weighted):
            self._conv(layer)
        elif isinstance(real, FloatAdd):
            self._addition(layer)
        elif isinstance(real, FloatConcat):
            self._concat(layer)
        else:
            self._carry(layer)
        if layer.name == self.scored:
            self._round_scores()
        place = self.places.get(layer.name)
        if place is not None and place.tabled:
            self._table(layer, place)
        self.edges[layer.target.name] = self.edge

    def _carry(self, layer: Layer) -> None:
        """A layer without weights, and a table where the file rounds what others read, too."""
        if self._in_pixels(layer):
            self.pixels.add(layer.target.name)
            zero = self.offset if self.entry is not None else None
            self._append(layer.on(self.edge, self._edge_name(layer), zero))
            return
        changed = self._changed(layer)
        if changed is None:
            self._append(layer.on(self.edge, self._edge_name(layer)))
            return
        self._append(layer.on(self.edge, f"{layer.target.name}/levels"))
        target = replace(self.edge, name=layer.target.name)
        target = fitted(layer.name, target, changed.target, wide=False)
        self._lookup(layer.name, target, (grid_of(self.edge),), changed.maps)

    def _changed(self, layer: Layer) -> Change | None:
        """What the file does behind a max-pool whose source has other readers; None for nothing."""
        path = self.paths.get(layer.name)
        if path is None or not isinstance(path[0], FloatMaxPool):
            return None
        grid = grid_of(self.edge)
        steps = [self.links.after[x.name] for x in path]
        made = change(layer.name, [grid], steps)
        same = made.target == grid and np.array_equal(made.maps[0], grid.integers)
        return None if same else made

    def _in_pixels(self, layer: Layer) -> bool:
        return self.pixels.issuperset(edge.name for edge in layer.sources)

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
        if layer.name == self.scored and self.scores is not None:
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
            self._append(entry_table(found, source, self._unique(f"{source.name}/levels")))

    def _table(self, layer: Layer, place: Place) -> None:
        """The table behind a layer: one for each half of an expand stage."""
        lookup, source = place.segment.lookup, self.edge
        assert lookup is not None
        target = replace(source, name=layer.target.name)
        signed = layer.target.name in self.signed
        target = fitted(layer.name, target, lookup.target, wide=place.wide, signed=signed)
        group = np.zeros(source.channels, np.int32)
        group[place.centre :] = len(lookup.maps) - 1
        self._lookup(layer.name, target, place.segment.grids, lookup.maps, group)

    def _lookup(
        self,
        name: str,
        target: Edge,
        grids: Sequence[Grid],
        maps: Sequence[Array],
        group: Array | None = None,
    ) -> None:
        """A table from the edge reached to `target`."""
        group = np.zeros(target.channels, np.int32) if group is None else group
        name = self._unique(f"{name}/table")
        self._append(table(name, (self.edge, target), grids, maps, group))

    # ---------------------------------------------------------------- where paths meet

    def _addition(self, layer: Layer) -> None:
        sources = tuple(self.edges[edge.name] for edge in layer.sources)
        place, target = self.places.get(layer.name), layer.target
        if place is not None:
            target, _ = self._target(layer, place)
        self._append(joins.added(layer.name, sources, target))

    def _concat(self, layer: Layer) -> None:
        """Sources that the file rounds once more behind the Concat get a table each, in front."""
        sources = [self.edges[edge.name] for edge in layer.sources]
        steps = [self.links.after[x.name] for x in self.paths[layer.name]]
        made = change(layer.name, [grid_of(edge) for edge in sources], steps)
        target = joins.concatenated(layer, sources, made)
        ready: list[Edge] = []
        for source, levels in zip(sources, made.maps, strict=True):
            self.edge = source
            if not joins.fits(source, target, levels):
                name = self._unique(f"{source.name}/{layer.name}")
                own = replace(target, name=name, channels=source.channels)
                self._lookup(name, own, (grid_of(source),), (levels,))
            ready.append(self.edge)
        self._append(joins.side_by_side(layer.name, ready, target))

    def _round_scores(self) -> None:
        """The quantizer behind the global pool."""
        if self.scores is not None:
            tensor = self.edge.name.removesuffix(SUMS)
            name = self._unique(f"{tensor}/rescale")
            self._append(rescaled(name, self.edge, tensor, self.scores))

    # ---------------------------------------------------------------- convolutions

    def _conv(self, layer: Weighted) -> None:
        real, place = self.floats[layer.name], self.places.get(layer.name)
        first = self._in_pixels(layer)
        if any(layer.pads) and self.offset.any() and first:
            name = self._unique(f"{layer.name}/border")
            self._append(border(name, self.edge, layer.pads, self.offset))
            layer = layer.with_matrices(layer.matrices, source=self.edge, pads=NO_PADS)
        target, scale = layer.target, np.full(layer.target.channels, layer.target.scale)
        if place is not None:
            target, scale = self._target(layer, place)
        offset = self.offset if first else np.zeros(self.edge.channels, np.int64)
        ends = Ends(self.edge, offset, target, scale)
        parts = self._parts(real, first)
        found = matched(parts, self.kept)
        if found is not None:
            self._append(kept_conv(layer, found, ends, told(parts, found, self.kept)))
            return
        if place is None and self.edge == layer.source:
            self._append(layer)  # nothing around it is the file's
        else:
            self._append(rounded_conv(layer, parts, ends))
        if not even(parts):
            self.notes.append(why_rounded(layer.name, parts, self.kept, first))

    def _target(self, layer: Layer, place: Place) -> tuple[Edge, Array]:
        """The edge of the file, and the scale of every channel: halves may differ."""
        grids = place.segment.grids
        union = Grid(grids[0].scale, min(g.low for g in grids), max(g.high for g in grids))
        named = replace(layer.target, name=self._edge_name(layer))
        scale = np.full(layer.target.channels, grids[-1].scale)
        scale[: place.centre] = grids[0].scale
        signed = layer.target.name in self.signed
        return fitted(layer.name, named, union, wide=place.wide, signed=signed), scale

    def _parts(self, real: FloatConv | FloatExpand, first: bool) -> list[FloatConv]:
        """The float convolutions as hardware orders their input: RGB, in steps or in pixels."""
        parts = parts_of(real)
        if not first:
            return parts
        if self.entry is None:
            return [in_pixels(part, self.preprocessing) for part in parts]
        return [in_bytes_order(part, self.preprocessing) for part in parts]
