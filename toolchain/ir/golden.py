"""The golden model: an interpreter over the integer network that returns every edge.

What a layer computes is in hw/layers/<kind>/layer.py; this file only passes frames from layer to
layer. Whatever disagrees with these values, hardware included, is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hearth.toolchain.ir import Array, Edge, Layer, QGraph
from hearth.toolchain.support.errors import HearthError

TOP = 5
"""Most classes that the last layer ranks."""


def run(qgraph: QGraph, frames: Array) -> list[Array]:
    """Every edge of every frame, in the order of `qgraph.edges`.

    frames is uint8 [n, height, width, 3]; result i is [n, *qgraph.edges[i].shape]. One frame of
    SqueezeNet v1.1 takes about 3 MB.
    """
    values = {qgraph.input.name: _checked(qgraph.input, frames)}
    for layer in qgraph.layers:
        values[layer.target.name] = layer.golden(*(values[edge.name] for edge in layer.sources))
    return list(values.values())


def seen(qgraph: QGraph, frames: Array) -> QGraph:
    """The same network whose layers know what these frames bring them (Layer.seeing)."""
    values = dict(zip((edge.name for edge in qgraph.edges), run(qgraph, frames), strict=True))
    layers = (
        layer.seeing(*(values[edge.name] for edge in layer.sources)) for layer in qgraph.layers
    )
    return replace(qgraph, layers=tuple(layers))


def results(qgraph: QGraph, frames: Array) -> tuple[Array, ...]:
    """The outputs alone, [n, *edge.shape] each, in the order of `qgraph.outputs`: for many frames,
    one at a time."""
    rows = [_leaving(qgraph, frames[i : i + 1]) for i in range(len(frames))]
    return tuple(np.concatenate(parts) for parts in zip(*rows, strict=True))


def outputs(qgraph: QGraph, frames: Array) -> Array:
    """`results` of a network that has one output."""
    (found,) = results(qgraph, frames)
    return found


def stream(qgraph: QGraph, batches: Iterable[Array]) -> Iterator[Array]:
    """`outputs` for each batch of frames."""
    return (outputs(qgraph, batch) for batch in batches)


INTEGERS = "take its integers as they are, in Python by hearth.load(BUILD).results(IMAGES)"


def classes(qgraph: QGraph, asked: str = "class scores", instead: str = INTEGERS) -> int:
    """Number of classes: the output carries their logits and then the top-k indices.

    HearthError for a network that names none, with what was `asked` for and what to do `instead`.
    """
    if not qgraph.classes:
        ends = " and ".join(map(str, qgraph.outputs))
        raise HearthError(f"{asked}: {qgraph.name} names no classes, it ends in {ends}; {instead}")
    return qgraph.classes


def logits(qgraph: QGraph, output: Array) -> Array:
    """Real-valued class scores [n, classes] of the last edge."""
    return output[:, 0, 0, : classes(qgraph)] * np.float64(qgraph.output.scale)


def top(qgraph: QGraph, output: Array) -> Array:
    """Indices of the best classes [n, k] of the last edge, best first."""
    return output[:, 0, 0, classes(qgraph) :].astype(np.int64)


def dequantized(edge: Edge, values: Array) -> Array:
    """Real values that an edge's integers stand for."""
    return values.astype(np.float64) * edge.scale


class Values:
    """What edges hold, as long as a layer still has to read it: those of many frames are large.

    given   values of edges by name, all that `layers` read and do not make themselves
    kept    names of edges that someone reads at the end
    """

    def __init__(
        self, layers: Sequence[Layer], given: Mapping[str, Array], kept: Sequence[str] = ()
    ) -> None:
        self._reads = Counter(edge.name for layer in layers for edge in layer.sources)
        self._reads.update(kept)
        self._held = dict(given)

    def first(self, frames: int) -> Mapping[str, Array]:
        """What there is now of the first frames, by the edge's name."""
        return {name: values[:frames] for name, values in self._held.items()}

    def of(self, layer: Layer) -> list[Array]:
        """The values of a layer's sources."""
        return [self._held[edge.name] for edge in layer.sources]

    def named(self, edges: Sequence[str]) -> list[Array]:
        """The values of edges by name."""
        return [self._held[name] for name in edges]

    def add(self, layer: Layer, result: Array) -> Array:
        """Note what a layer has made of its sources; those that no other waits for are let go."""
        for edge in layer.sources:
            self._reads[edge.name] -= 1
            if not self._reads[edge.name]:
                self._held.pop(edge.name, None)
        self._held[layer.target.name] = result
        return result


def _leaving(qgraph: QGraph, frame: Array) -> list[Array]:
    ends = [output.edge.name for output in qgraph.outputs]
    values = Values(qgraph.layers, {qgraph.input.name: _checked(qgraph.input, frame)}, ends)
    for layer in qgraph.layers:
        values.add(layer, layer.golden(*values.of(layer)))
    return values.named(ends)


def _checked(edge: Edge, frames: Array) -> Array:
    if frames.ndim != 4 or frames.shape[1:] != edge.shape or frames.dtype != edge.dtype:
        raise HearthError(
            f"{edge.name}: frames should be {edge.dtype} [n, {edge.height}, {edge.width},"
            f" {edge.channels}], found {frames.dtype} {list(frames.shape)}"
        )
    return frames
