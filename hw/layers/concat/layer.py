"""Concat: integer semantics.

    out[y, x] = the channels of source 0 at [y, x], then those of source 1, ...

Values pass as they are: what makes the sources has one scale for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hearth.hw.layers.concat import kernel, lowering
from hearth.hw.layers.joins import Join
from hearth.toolchain.ir import Array, Edge, Fold
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Concat(Join):
    """The channels of several maps one after another, pixel by pixel."""

    kind: ClassVar[str] = "concat"
    name: str
    inputs: tuple[Edge, ...]
    target: Edge

    def __post_init__(self) -> None:
        self.check_maps()
        channels = [edge.channels for edge in self.inputs]
        if sum(channels) != self.target.channels:
            raise HearthError(
                f"{self.name}: maps of {', '.join(map(str, channels))} channels do not make one of"
                f" {self.target.channels}"
            )
        for edge in self.inputs:
            if not self._carries(edge):
                raise HearthError(
                    f"{self.name}: integers of '{edge.name}' should mean the same as those of"
                    f" '{self.target.name}': {_meaning(self.target)} expected, found"
                    f" {_meaning(edge)}"
                )

    def _carries(self, edge: Edge) -> bool:
        """Whether the target holds every value of a source as it is."""
        target = self.target
        same = (edge.bits, edge.signed, edge.scale) == (target.bits, target.signed, target.scale)
        return same and target.low <= edge.low and edge.high <= target.high

    def golden(self, *sources: Array) -> Array:
        return np.concatenate(sources, axis=-1)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        """Beats that no two sources share."""
        if all(edge.channels % in_beat == 0 for edge in self.inputs[:-1]):
            yield Fold(1, 1, in_beat)

    kernel = kernel.kernel
    hls4ml = lowering.hls4ml


def _meaning(edge: Edge) -> str:
    return f"{edge.low} to {edge.high} in {edge.bits} bits, {edge.scale:.6g} a step"
