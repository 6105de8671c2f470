"""Concat: integer semantics.

    out[y, x] = the channels of source 0 at [y, x], then those of source 1, ...

Values pass as they are: what makes the sources has one scale for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hearth.hw.layers.concat import kernel
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
            if edge.carried("", self.target.shape) != self.target.carried("", self.target.shape):
                raise HearthError(
                    f"{self.name}: {edge} and {self.target} should hold integers that mean the same"
                )

    def golden(self, *sources: Array) -> Array:
        return np.concatenate(sources, axis=-1)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        """Beats that no two sources share."""
        if all(edge.channels % in_beat == 0 for edge in self.inputs[:-1]):
            yield Fold(1, 1, in_beat)

    kernel = kernel.kernel
