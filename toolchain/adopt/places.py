"""Where every layer of the chain stands among the file's quantizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.adopt.links import Link, Links, links
from hearth.toolchain.adopt.segments import Segment, segment
from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import FloatConv, FloatExpand, FloatLayer, FloatMaxPool, Graph


@dataclass(frozen=True, eq=False)
class Place:
    """The segment that a layer belongs to, and which of its sites the layer is.

    `last` says whether the global pool follows, `centre` how many channels come from the first
    half of an expand stage (0: there are no halves).
    """

    segment: Segment
    site: int
    last: bool
    centre: int

    @property
    def tabled(self) -> bool:
        """Whether the segment's table stands right behind the layer."""
        return self.segment.lookup is not None and self.segment.lookup.site == self.site


def places(layers: Sequence[FloatLayer], found: Links) -> dict[str, Place]:
    """The place of every convolution and of every pool behind one; none where nothing is
    quantized."""
    places: dict[str, Place] = {}
    starts = [i for i, x in enumerate(layers) if isinstance(x, FloatConv | FloatExpand)]
    for start in starts:
        end = start + 1
        while end < len(layers) and isinstance(layers[end], FloatMaxPool):
            end += 1
        head = layers[start]
        made = segment(head.name, found.inner.get(head.name, (Link(),)), found.after[start:end])
        last = start == starts[-1] and end == start + 1
        if made is not None:
            centre = len(head.centre.weights) if isinstance(head, FloatExpand) else 0
            for site, layer in enumerate(layers[start:end]):
                places[layer.name] = Place(made, site, last, centre)
    return places


def views(graph: Graph, kept: Kept) -> dict[str, str]:
    """The tensor that holds a layer's result in the file, by the layer's name.

    None for a layer whose result the file rounds only behind a later max-pool, while hardware has
    rounded it already.
    """
    found = links(graph, kept)
    standing = places(graph.layers, found)
    result = {}
    for layer, link in zip(graph.layers, found.after, strict=True):
        place = standing.get(layer.name)
        if place is None or place.site >= place.segment.first:
            result[layer.name] = link.tensor
    return result
