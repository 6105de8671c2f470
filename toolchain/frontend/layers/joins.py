"""Where paths meet.

Add -> Relu      of two maps of one shape                       FloatAdd(relu=True, cap)
Mul -> Relu      of a map and a pixel of as many channels       FloatMul(relu=True, cap)
                 (squeeze-and-excitation), or of two maps
Concat           over channels, of maps of one size             FloatConcat
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import CONSTANT
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.frontend.simplify.graph import not_negative
from hearth.toolchain.ir import FloatAdd, FloatConcat, FloatMul
from hearth.toolchain.support.errors import HearthError


def add(model: OnnxModel, node: Node, sources: Sequence[Map]) -> Step:
    """The sum of two maps, and the activation behind it."""
    first, *others = sources
    if not others:
        raise HearthError(f"{node.name}: Add is supported of two maps, or {CONSTANT}")
    if len(others) != 1 or replace(others[0], tensor=first.tensor) != first:
        raise HearthError(
            f"{node.name}: two maps of one shape are added, found {' and '.join(map(str, sources))}"
        )
    layer = FloatAdd(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=tuple(source.tensor for source in sources),
    )
    layer = with_relu(model, layer)
    return layer, replace(first, tensor=layer.tensor)


def multiply(model: OnnxModel, node: Node, sources: Sequence[Map]) -> Step:
    """The product of a map and a gate of one pixel, or of two maps, and the activation behind."""
    large, *others = sorted(sources, key=lambda source: -source.height * source.width)
    if not others:
        raise HearthError(f"{node.name}: Mul is supported of two maps, or {CONSTANT}")
    pixel = replace(large, tensor=others[0].tensor, height=1, width=1)
    if len(others) != 1 or others[0] not in (replace(large, tensor=others[0].tensor), pixel):
        raise HearthError(
            f"{node.name}: a map is multiplied by one of its shape, or by a pixel of as many"
            f" channels, found {' and '.join(map(str, sources))}"
        )
    positive = all(not_negative(model, source.tensor) for source in sources)
    layer = FloatMul(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=(large.tensor, others[0].tensor),
        relu=positive,
    )
    layer = with_relu(model, layer)
    return layer, replace(large, tensor=layer.tensor)


def concat(node: Node, sources: Sequence[Map]) -> Step:
    """Channels of several maps one after another."""
    if node.attributes.get("axis", 1) not in (1, -3):
        raise HearthError(
            f"{node.name}: Concat is supported over channels (axis 1), found axis"
            f" {node.attributes['axis']}"
        )
    first = sources[0]
    if len({(source.height, source.width) for source in sources}) > 1 or len(sources) < 2:
        raise HearthError(
            f"{node.name}: Concat joins several maps of one size, found"
            f" {' and '.join(map(str, sources))}"
        )
    layer = FloatConcat(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=tuple(source.tensor for source in sources),
    )
    return layer, Map(
        node.target, sum(source.channels for source in sources), first.height, first.width
    )
