"""Networks for their sizes alone: what ROMs would hold in other formats, before any rounding.

Weights are zero and mean nothing; bits, groups, windows and tables are as many and as long as those
of a network rounded so, and no two tables are equal, as lanes behind equal ones would be one
module. So foldings, memories and multipliers are those of that network, but for the widths of sums,
which are as large as any weights of these formats need (hw/layers/conv/sums.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hearth.toolchain.few_bits.reformat import Chosen
from hearth.toolchain.ir import Array, Coding, Graph, Layer, QGraph, Weighted, convolutions
from hearth.toolchain.quantize.precision import Format, Plan

_MOST = 128
"""Of the values of a codebook from zero on."""


class Blanks:
    """Blank networks of one shape. A layer in one format is the very same object in all of them, so
    that what was found out about it is found out once (mapping/fold.py, Menu)."""

    def __init__(self, qgraph: QGraph) -> None:
        self._qgraph = qgraph
        self._made: dict[tuple[str, Chosen], Layer] = {}

    def of(self, chosen: Mapping[str, Chosen]) -> QGraph:
        """The network with layers in these formats, by name; others stay as they are."""
        blank = {
            layer.name: self._layer(layer, index, chosen[layer.name])
            for index, layer in enumerate(self._qgraph.weighted)
            if layer.name in chosen
        }
        layers = self._qgraph.layers
        return replace(self._qgraph, layers=tuple(blank.get(x.name, x) for x in layers))

    def planned(self, plan: Plan, graph: Graph) -> QGraph:
        """The network in the formats of a plan."""
        layers = convolutions(graph)
        return self.of({name: Chosen.of(plan, layer) for name, layer in layers.items()})

    def _layer(self, layer: Weighted, index: int, chosen: Chosen) -> Layer:
        known = self._made.get((layer.name, chosen))
        if known is None:
            known = self._made[layer.name, chosen] = _blank(layer, index, chosen)
        return known


def narrowed(qgraph: QGraph, bits: int) -> QGraph:
    """A network with codebooks of `bits` bits throughout."""
    chosen = Format(bits, True)
    layers = qgraph.weighted
    alike = {layer.name: Chosen.alike(chosen, len(layer.matrices)) for layer in layers}
    return Blanks(qgraph).of(alike)


def _blank(layer: Weighted, index: int, chosen: Chosen) -> Layer:
    codings = [
        _coding(format_, 2 * index + (0 if chosen.shared else part))
        for part, format_ in enumerate(chosen.formats)
    ]
    zeros = [np.zeros_like(matrix) for matrix in layer.matrices]
    return layer.with_matrices(zeros, codings=tuple(codings))


def _coding(chosen: Format, number: int) -> Coding:
    """With a table that has a zero in the first place and differs from those of other numbers, as
    far as its values allow."""
    if not chosen.codebook:
        return Coding(chosen.bits)
    if chosen.window:
        table: Array = np.arange(1 << chosen.window) % _MOST
        table[-1] = number % _MOST
        return Coding(chosen.bits, table.astype(np.int8), chosen.window, chosen.group)
    values = np.arange(1 << chosen.bits)
    if len(values) <= _MOST:
        values[-1] = min(_MOST - 1, values[-1] + number)
    else:
        values -= _MOST
    return Coding(chosen.bits, values.astype(np.int8))
