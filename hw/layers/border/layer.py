"""Border: integer semantics.

Surrounds a map with pixels of a constant value per channel. Used where a convolution cannot simply
skip its padding: padding as wide as the kernel (SqueezeNet v1.0's conv10: 1x1 with padding 1), and
padded first convolutions whose zero is not pixel value 0 (mean subtraction).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.hw.layers.border import cost, kernel, lowering
from hearth.toolchain.ir import Array, Edge, Layer, Pads
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Border(Layer):
    """Adds `pads` pixels around the map; `values` [channels] is the pixel that is added."""

    kind: ClassVar[str] = "border"
    name: str
    source: Edge
    target: Edge
    pads: Pads
    values: Array

    def __post_init__(self) -> None:
        top, left, bottom, right = self.pads
        height, width, channels = self.source.shape
        wanted = (height + top + bottom, width + left + right, channels)
        if min(self.pads) < 0 or self.target.shape != wanted or self.values.shape != (channels,):
            raise HearthError(
                f"{self.name}: pads {self.pads} and {self.values.size} values do not make"
                f" {self.target.shape} of {self.source.shape}"
            )

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        top, left, _, _ = self.pads
        out = np.empty((len(frames), *self.target.shape), frames.dtype)
        out[...] = self.values
        out[:, top : top + self.source.height, left : left + self.source.width] = frames
        return out

    def on(self, source: Edge, target: str, zero: Array | None = None) -> Border:
        """The pixels added stand for zero there too."""
        values = self.values if zero is None else zero
        made = source.carried(target, self.target.shape)
        return replace(self, source=source, target=made, values=values.astype(source.dtype))

    folds = cost.folds
    cycles = cost.cycles
    timing = cost.timing
    kernel = kernel.kernel
    hls4ml = lowering.hls4ml
