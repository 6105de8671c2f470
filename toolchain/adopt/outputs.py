"""An integer network with some of its classes alone: every score that is left stays what it was.

    conv10 (1000) -> GlobalPool -> TopK        conv10 (100) -> GlobalPool -> TopK

Multipliers, shifts and scales are those of the whole network, so cutting is exact. A float network
is cut before it is quantized instead, which fits ranges and bits to the classes that are left
(frontend/simplify/outputs.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.ir import Layer, QGraph
from hearth.toolchain.support.errors import HearthError


def keep_outputs(qgraph: QGraph, kept: Sequence[int]) -> QGraph:
    """The network that scores `kept` alone, in this order, its labels left behind. HearthError
    where the last layer with weights cannot be cut."""
    last = qgraph.layers.index(qgraph.weighted[-1])
    layers: list[Layer] = list(qgraph.layers[:last])
    source = qgraph.layers[last].source
    for layer in qgraph.layers[last:]:
        if len(layer.sources) > 1:
            raise HearthError(
                f"{layer.name}: several paths make the scores of an already quantized file here,"
                f" which cannot be cut to {len(kept)} classes; give the float file"
            )
        layers.append(layer.keeping(source, kept))
        source = layers[-1].target
    return replace(qgraph, layers=tuple(layers), labels=())
