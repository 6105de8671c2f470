"""Upsample: integer semantics.

    out[y, x, c] = a[y // down, x // across, c]

The nearest pixel of a map that is a whole number of times smaller along each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from hearth.hw.layers.upsample import cost, kernel
from hearth.toolchain.ir import Array, Edge, Layer, Pair
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Upsample(Layer):
    """Every pixel `factors` times, down and across."""

    kind: ClassVar[str] = "upsample"
    implied: ClassVar[bool] = False
    name: str
    source: Edge
    target: Edge
    factors: Pair

    def __post_init__(self) -> None:
        (down, across), source, target = self.factors, self.source, self.target
        size = (source.height * down, source.width * across, source.channels)
        same = (source.bits, source.signed) == (target.bits, target.signed)
        if min(self.factors) < 1 or size != target.shape or not same:
            raise HearthError(
                f"{self.name}: each pixel of {source.shape} {down}x{across} times does not make"
                f" {target.shape}"
            )

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        down, across = self.factors
        return frames.repeat(down, axis=1).repeat(across, axis=2)

    def on(self, source: Edge, target: str, zero: Array | None = None) -> Upsample:
        """Values pass through as they are."""
        return replace(self, source=source, target=source.carried(target, self.target.shape))

    def keeping(self, source: Edge, kept: Sequence[int]) -> Upsample:
        return replace(self, source=source, target=replace(self.target, channels=len(kept)))

    folds = cost.folds
    cycles = cost.cycles
    timing = cost.timing
    memories = cost.memories
    kernel = kernel.kernel
