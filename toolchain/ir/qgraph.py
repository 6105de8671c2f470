"""The integer network: the single truth that the golden model and the hardware share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hearth.toolchain.ir.edge import Edge, Preprocessing
from hearth.toolchain.ir.layer import Layer, Weighted
from hearth.toolchain.support.errors import HearthError


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
        for before, after in zip(self.layers, self.layers[1:], strict=False):
            if before.target != after.source:
                raise HearthError(
                    f"{after.name}: expects {after.source}, but {before.name} produces"
                    f" {before.target}"
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

    @property
    def weighted(self) -> tuple[Weighted, ...]:
        """The layers with weights, in stream order."""
        return tuple(layer for layer in self.layers if isinstance(layer, Weighted))

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)
