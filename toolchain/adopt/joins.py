"""Where paths of a quantized file meet: sums and concatenations between the file's scales.

    Add, quantizer           Addition: multiplier[i] = scale[i] / scale of the result * 2^S
    Concat, quantizer        a Table for each source that it rounds once more, then Concat
    Concat of one scale      Concat

A sum is exact but for its multipliers of 16 bits, and rounds half up where the file rounds half to
even. Tables are exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hearth.hw.layers.addition import Addition
from hearth.hw.layers.concat import Concat
from hearth.toolchain.adopt.edges import fitted, grid_of
from hearth.toolchain.adopt.places import Place
from hearth.toolchain.adopt.segments import Change
from hearth.toolchain.ir import Array, Edge, Graph, Layer
from hearth.toolchain.quantize import shared
from hearth.toolchain.quantize.joins import addition


def signed(graph: Graph, standing: Mapping[str, Place]) -> set[str]:
    """Tensors that should have a sign, since what a Concat puts beside them has values below 0."""
    found: set[str] = set()
    for group in shared.groups(graph).values():
        ends = [standing[x.name].segment.end for x in group if x.name in standing]
        if any(grid.low < 0 for grid in ends):
            found.update(layer.tensor for layer in group)
    return found


def added(name: str, sources: tuple[Edge, ...], target: Edge) -> Addition:
    """The sum of two edges on the scale of `target`."""
    made, factors, shift = addition(name, sources, target, None)
    return Addition(name, sources, made, factors, shift)


def concatenated(layer: Layer, sources: Sequence[Edge], made: Change) -> Edge:
    """The edge behind a Concat; with a sign if one of its sources has one and needs no table."""
    same = [edge.signed for edge in sources if edge.scale == made.target.scale]
    return fitted(layer.name, layer.target, made.target, wide=False, signed=any(same))


def fits(source: Edge, target: Edge, levels: Array) -> bool:
    """Whether a Concat can take a source as it is, of whose integers it makes `levels`."""
    same = (source.bits, source.signed, source.scale) == (target.bits, target.signed, target.scale)
    return same and np.array_equal(levels, grid_of(source).integers)


def side_by_side(name: str, sources: Sequence[Edge], target: Edge) -> Concat:
    """The concatenation of edges that mean the same."""
    return Concat(name, tuple(sources), target)
