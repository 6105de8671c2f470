"""Pools.

MaxPool                                                               FloatMaxPool
GlobalAveragePool, or AveragePool / ReduceMean over the whole map     FloatGlobalPool
"""

from __future__ import annotations

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.maps import Map, Step
from hearth.toolchain.frontend.layers.windows import pool_kernel, window
from hearth.toolchain.frontend.simplify.means import axes_of
from hearth.toolchain.ir import FloatGlobalPool, FloatMaxPool
from hearth.toolchain.support.errors import HearthError


def max_pool(node: Node, source: Map) -> Step:
    place = window(node, pool_kernel(node), source.height, source.width)
    if place.dilations != (1, 1):
        raise HearthError(
            f"{node.name}: dilations {list(place.dilations)} of a max-pool are not supported, only"
            " 1"
        )
    if any(pad >= side for pad, side in zip(place.pads, place.kernel * 2, strict=True)):
        raise HearthError(
            f"{node.name}: pads {list(place.pads)} should be smaller than the window"
            f" {list(place.kernel)}"
        )
    layer = FloatMaxPool(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=(source.tensor,),
        kernel=place.kernel,
        strides=place.strides,
        pads=place.pads,
        ceil=place.ceil,
    )
    return layer, Map(node.target, source.channels, place.height, place.width)


def global_pool(model: OnnxModel, node: Node, source: Map) -> Step:
    if node.op == "AveragePool":
        _check_covering(node, source)
    if node.op == "ReduceMean":
        raise HearthError(
            f"{node.name}: ReduceMean is supported over height and width (axes 2 and 3), found"
            f" {axes_of(model, node)}"
        )
    layer = FloatGlobalPool(
        name=node.name, nodes=(node.name,), tensor=node.target, inputs=(source.tensor,)
    )
    return layer, Map(node.target, source.channels, 1, 1)


def _check_covering(node: Node, source: Map) -> None:
    """An AveragePool counts as global when one unpadded window is exactly the map."""
    kernel = list(node.attributes.get("kernel_shape", ()))
    if kernel != [source.height, source.width] or any(node.attributes.get("pads") or ()):
        raise HearthError(
            f"{node.name}: AveragePool is supported over the whole map, here {source.height}x"
            f"{source.width} without pads, found kernel_shape {kernel} and pads"
            f" {list(node.attributes.get('pads') or [0, 0, 0, 0])}"
        )
