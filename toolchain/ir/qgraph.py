"""The integer network: the single truth that the golden model and the hardware share.

Layers are one tuple in topological order, and an edge's name is the wire: a layer reads edges of
layers before it, an edge may have several readers. No adjacency is kept beside that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hearth.toolchain.ir.edge import Edge, Preprocessing
from hearth.toolchain.ir.layer import Layer, Weighted
from hearth.toolchain.support.errors import HearthError

Readers = tuple[tuple[int, int], ...]
"""Who reads an edge: numbers of the layers, and of their sources."""


@dataclass(frozen=True)
class Output:
    """What leaves a network: an edge, by the name that the model's file has for it."""

    name: str
    edge: Edge

    def __str__(self) -> str:
        edge = self.edge
        sign = "signed" if edge.signed else "unsigned"
        return (
            f"'{self.name}' ({edge.height}x{edge.width} pixels, {edge.channels} channels,"
            f" {edge.bits} bits {sign})"
        )


@dataclass(frozen=True, eq=False)
class QGraph:
    """The integer network, saved as one file (toolchain/saved/qgraph_file.py)."""

    name: str
    layers: tuple[Layer, ...]
    preprocessing: Preprocessing
    labels: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the report: source file and SHA-256, calibration, signal-to-noise per layer."""
    leaves: tuple[tuple[str, str], ...] = ()
    """Name and edge of every output, in the file's order; empty: the last layer's result, which is
    one vector of class scores and their ranking in every network that names classes."""

    def __post_init__(self) -> None:
        made = {self.input.name: self.input}
        for layer in self.layers:
            for source in layer.sources:
                if made.get(source.name) != source:
                    there = made.get(source.name, "no layer before it")
                    raise HearthError(f"{layer.name}: expects {source}, found {there}")
            if layer.target.name in made:
                raise HearthError(f"{layer.name}: '{layer.target.name}' has been made before it")
            made[layer.target.name] = layer.target
        self._check_ends(made)

    def _check_ends(self, made: Mapping[str, Edge]) -> None:
        """Every output is an edge that a layer makes, and every edge is read or is an output."""
        names, edges = ([pair[i] for pair in self.leaves] for i in (0, 1))
        wrong = [e for e in edges if e not in made or e == self.input.name]
        if wrong or len(set(names)) != len(names) or len(set(edges)) != len(edges):
            raise HearthError(
                f"{self.name}: outputs should be edges that layers make, each once and under a name"
                f" of its own, found {', '.join(f'{n} = {e}' for n, e in self.leaves)}"
            )
        ends = set(edges) or {self.layers[-1].target.name}
        read = self.readers
        unread = {layer.target.name: layer.name for layer in self.layers}
        unread = {edge: name for edge, name in unread.items() if not read[edge]}
        if not ends >= unread.keys():
            raise HearthError(
                f"{self.name}: the last layer alone should make what no other reads, found that"
                f" {', '.join(unread.values())} do"
            )

    @property
    def input(self) -> Edge:
        return self.layers[0].source

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What leaves the network, in the file's order."""
        made = {edge.name: edge for edge in self.edges}
        last = self.layers[-1].target
        pairs = self.leaves or ((last.name, last.name),)
        return tuple(Output(name, made[edge]) for name, edge in pairs)

    @property
    def output(self) -> Edge:
        """The first of them, of a network that names classes the only one."""
        return self.outputs[0].edge

    @property
    def classes(self) -> int:
        """Number of classes whose scores, and then the best of them, leave as the only output; 0
        for a network that ends in any other way."""
        return 0 if self.leaves else self.layers[-1].classes

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every stream in order: the input, then each layer's output."""
        return (self.input, *(layer.target for layer in self.layers))

    @cached_property
    def readers(self) -> Mapping[str, Readers]:
        """The readers of every edge, by its name."""
        found: dict[str, Readers] = {edge.name: () for edge in self.edges}
        for index, layer in enumerate(self.layers):
            for port, source in enumerate(layer.sources):
                found[source.name] += ((index, port),)
        return found

    @property
    def joins(self) -> tuple[Layer, ...]:
        """The layers with several sources, where paths meet."""
        return tuple(layer for layer in self.layers if len(layer.sources) > 1)

    @property
    def weighted(self) -> tuple[Weighted, ...]:
        """The layers with weights, in stream order."""
        return tuple(layer for layer in self.layers if isinstance(layer, Weighted))

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)
