"""Which layers must make integers of one scale, because a Concat puts their results side by side.

    conv a -> Relu ------------+
    conv b -> Relu -> MaxPool -+-> Concat        a and b: one scale, and one sign

A max-pool hands on the scale of what it reads, and a Concat that of its sources. That costs
nothing: a convolution and an addition have multipliers of their own.
"""

from __future__ import annotations

import math

from hearth.toolchain.ir import (
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatLayer,
    FloatMaxPool,
    FloatMean,
    FloatMul,
    FloatTable,
    FloatUpsample,
    Graph,
    main_part,
)
from hearth.toolchain.ir.graph import readers
from hearth.toolchain.support.errors import HearthError

Rectified = FloatAdd | FloatMean | FloatMul | FloatTable
"""Layers without weights that say whether a result is ever below zero."""


def groups(graph: Graph) -> dict[str, tuple[FloatLayer, ...]]:
    """The layers that share their scale with others, by the tensor of each."""
    made = {layer.tensor: layer for layer in graph.layers}
    group: dict[str, frozenset[str]] = {}
    for layer in graph.layers:
        if isinstance(layer, FloatConcat):
            found = {t for tensor in layer.inputs for t in _makers(layer, tensor, made)}
            together = frozenset(found.union(*(group.get(tensor, ()) for tensor in found)))
            group.update(dict.fromkeys(together, together))
    order = list(made)
    return {
        tensor: tuple(made[other] for other in sorted(others, key=order.index))
        for tensor, others in group.items()
    }


def _makers(join: FloatLayer, tensor: str, made: dict[str, FloatLayer]) -> list[str]:
    """The tensors whose scales reach a source of a Concat."""
    layer = made.get(tensor)
    if layer is None:
        raise HearthError(
            f"{join.name}: joins the image itself with other maps, which has no scale"
        )
    if isinstance(layer, FloatMaxPool | FloatUpsample | FloatConcat):
        return [found for source in layer.inputs for found in _makers(join, source, made)]
    return [tensor]


def cap(layer: FloatLayer) -> float:
    """The largest value that a layer's Relu lets through."""
    if isinstance(layer, FloatConv | FloatExpand):
        return main_part(layer).cap
    return layer.cap if isinstance(layer, Rectified) else math.inf


def reach(graph: Graph, layer: FloatLayer) -> float:
    """The largest magnitude of a layer's result that those who read it tell from larger ones;
    whoever reads the network tells all."""
    if layer.tensor in graph.outputs:
        return math.inf
    read = readers(graph, layer.tensor)
    return max((x.reach if isinstance(x, FloatTable) else math.inf for x in read), default=math.inf)


def rectified(layer: FloatLayer) -> bool:
    """Whether no value of a layer's result is below zero."""
    if isinstance(layer, FloatConv | FloatExpand):
        return main_part(layer).relu
    return isinstance(layer, Rectified) and layer.relu
