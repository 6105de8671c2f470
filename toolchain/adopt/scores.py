"""The quantizer behind the global pool: scores tie where they tie in the file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.hw.layers.rescale import LARGEST_FACTOR, LARGEST_SHIFT, Rescale
from hearth.toolchain.adopt.links import Link
from hearth.toolchain.adopt.segments import Grid, segment
from hearth.toolchain.ir import Edge
from hearth.toolchain.quantize.requantize import shift_for
from hearth.toolchain.support.errors import HearthError


def rounded_to(link: Link) -> Grid | None:
    """What the file rounds the scores to, `link` being behind them; None where it does not."""
    made = segment("the scores", (Link(),), (link,))
    if made is None:
        return None
    if made.lookup is not None:
        raise HearthError(
            f"{link.quantizers[-1].name}: rounds the scores a second time, to another scale;"
            " quantize them once"
        )
    return made.grids[0]


def rescaled(name: str, source: Edge, tensor: str, grid: Grid) -> Rescale:
    """The layer `name` that brings sums to a grid, as the edge `tensor`."""
    ratio = source.scale / grid.scale
    shift = shift_for(ratio, LARGEST_FACTOR, LARGEST_SHIFT)
    multiplier = int(np.rint(ratio * 2.0**shift).clip(1, LARGEST_FACTOR))
    target = replace(source, name=tensor, scale=grid.scale, minimum=grid.low, maximum=grid.high)
    return Rescale(name, source, target, multiplier, shift)
