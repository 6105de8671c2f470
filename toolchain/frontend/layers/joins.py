"""Where paths meet.

Add -> Relu      of two maps of one shape                       FloatAdd(relu=True, cap)
Concat           over channels, of maps of one size             FloatConcat
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import CONSTANT
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.ir import FloatAdd, FloatConcat
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
