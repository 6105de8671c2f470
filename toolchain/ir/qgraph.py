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


@dataclass(frozen=True, eq=False)
class QGraph:
    """The integer network, saved as one file (toolchain/saved/qgraph_file.py)."""

    name: str
    layers: tuple[Layer, ...]
    preprocessing: Preprocessing
    labels: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the report: source file and SHA-256, calibration, signal-to-noise per layer."""

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
        read = self.readers
        unread = [layer.name for layer in self.layers if not read[layer.target.name]]
        if unread != [self.layers[-1].name]:
            raise HearthError(
                f"{self.name}: the last layer alone should make what no other reads, found that"
                f" {', '.join(unread)} do"
            )

    @property
    def input(self) -> Edge:
        return self.layers[0].source

    @property
    def output(self) -> Edge:
        return self.layers[-1].target

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
