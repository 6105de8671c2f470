"""Where every layer stands among the file's quantizers.

A path is a layer and the max-pools behind it, as long as nobody else reads: what happens to values
on the way may happen anywhere on it. A convolution and a sum begin a segment, which is their path;
where the file rounds nothing on it and a Concat alone reads its end, the Concat's path, too, so
that branches are rounded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hearth.toolchain.adopt.links import Link, Links, links
from hearth.toolchain.adopt.segments import Segment, segment
from hearth.toolchain.frontend.quantized.kept import Kept
from hearth.toolchain.ir import (
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    Graph,
)
from hearth.toolchain.ir.graph import readers

Path = tuple[FloatLayer, ...]


@dataclass(frozen=True, eq=False)
class Place:
    """The segment that a layer belongs to, and which of its sites the layer is.

    `wide` says whether only the global pool or sums follow, which take more than 8 bits, `centre`
    how many channels come from the first half of an expand stage (0: there are no halves).
    """

    segment: Segment
    site: int
    wide: bool
    centre: int

    @property
    def tabled(self) -> bool:
        """Whether the segment's table stands right behind the layer."""
        return self.segment.lookup is not None and self.segment.lookup.site == self.site


def paths(graph: Graph) -> dict[str, Path]:
    """Every path by the name of its first layer; each layer is on one."""
    found: dict[str, Path] = {}
    taken: set[str] = set()
    for layer in graph.layers:
        if layer.name not in taken:
            path = found[layer.name] = _path(graph, layer)
            taken.update(x.name for x in path)
    return found


def _path(graph: Graph, layer: FloatLayer) -> Path:
    path = [layer]
    while isinstance(read := _only_reader(graph, path[-1]), FloatMaxPool):
        path.append(read)
    return tuple(path)


def _only_reader(graph: Graph, layer: FloatLayer) -> FloatLayer | None:
    read = readers(graph, layer.tensor)
    return read[0] if len(read) == 1 else None


def places(graph: Graph, found: Links) -> dict[str, Place]:
    """The place of every convolution and sum and of every pool on their paths; none where nothing
    is quantized."""
    made: dict[str, Place] = {}
    every = paths(graph)
    for path in every.values():
        head = path[0]
        if isinstance(head, FloatConv | FloatExpand | FloatAdd):
            begun = _segment(graph, every, path, found)
            if begun is not None:
                wide = len(path) == 1 and all(
                    isinstance(x, FloatAdd | FloatGlobalPool) for x in readers(graph, head.tensor)
                )
                centre = len(head.centre.weights) if isinstance(head, FloatExpand) else 0
                for site, layer in enumerate(path):
                    made[layer.name] = Place(begun, site, wide, centre)
    return made


def _segment(graph: Graph, every: Mapping[str, Path], path: Path, found: Links) -> Segment | None:
    """The segment of a path, beyond a Concat where nothing on it is quantized."""
    inner = found.inner.get(path[0].name, (Link(),))
    shared = [found.after[x.name] for x in path]
    made = segment(path[0].name, inner, shared)
    join = _only_reader(graph, path[-1])
    if made is not None or not isinstance(join, FloatConcat):
        return made
    shared += [found.after[x.name] for x in every[join.name]]
    made = segment(path[0].name, inner, shared)
    if made is not None and made.lookup is not None:
        site = min(made.lookup.site, len(path) - 1)
        made = replace(made, lookup=replace(made.lookup, site=site))
    return made


def views(graph: Graph, kept: Kept) -> dict[str, str]:
    """The tensor that holds a layer's result in the file, by the layer's name.

    None for a layer whose result the file rounds only behind a later max-pool or Concat, while
    hardware has rounded it already.
    """
    found = links(graph, kept)
    standing = places(graph, found)
    result = {}
    for layer in graph.layers:
        place = standing.get(layer.name)
        if place is None or place.site >= place.segment.first:
            result[layer.name] = found.after[layer.name].tensor
    return result
