"""Pools.

MaxPool                                                               FloatMaxPool
GlobalAveragePool, or AveragePool / ReduceMean over the whole map     FloatGlobalPool at the end,
                                                                      FloatMean elsewhere
AveragePool over smaller windows -> Relu or not                       FloatConv, depthwise

The mean of a window is a convolution of every channel alone whose weights are equal, so hardware
has no kernel of its own for it. Behind a Relu it is never below zero, and unsigned like one.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.frontend.layers.windows import Window, pool_kernel, window
from hearth.toolchain.frontend.simplify.graph import not_negative
from hearth.toolchain.frontend.simplify.means import axes_of
from hearth.toolchain.ir import FloatConv, FloatGlobalPool, FloatMaxPool, FloatMean
from hearth.toolchain.ir.window import Windows
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


def average_pool(model: OnnxModel, node: Node, source: Map) -> Step:
    """The mean of windows; of one window that is the map, the global pool."""
    kernel = list(node.attributes.get("kernel_shape", ()))
    if kernel == [source.height, source.width] and not any(node.attributes.get("pads") or ()):
        return global_pool(model, node, source)
    place = window(node, pool_kernel(node), source.height, source.width)
    _check_divisor(node, place, source)
    down, across = place.kernel
    layer = FloatConv(
        name=node.name,
        nodes=(node.name,),
        tensor=node.target,
        inputs=(source.tensor,),
        weights=np.full((source.channels, down, across, 1), 1 / (down * across), np.float32),
        bias=np.zeros(source.channels, np.float32),
        strides=place.strides,
        pads=place.pads,
        relu=not_negative(model, node.source),
        dilations=place.dilations,
        groups=source.channels,
    )
    layer = with_relu(model, layer)
    return layer, Map(layer.tensor, source.channels, place.height, place.width)


def global_pool(model: OnnxModel, node: Node, source: Map) -> Step:
    if node.op == "ReduceMean":
        raise HearthError(
            f"{node.name}: ReduceMean is supported over height and width (axes 2 and 3), found"
            f" {axes_of(model, node)}"
        )
    made = Map(node.target, source.channels, 1, 1)
    place = (node.name, (node.name,), node.target, (source.tensor,))
    if node.target in model.outputs and not model.consumers(node.target):
        return FloatGlobalPool(*place), made
    return FloatMean(*place, relu=not_negative(model, node.source)), made


def _check_divisor(node: Node, place: Window, source: Map) -> None:
    """Every window is divided by its number of taps, none by those that lie on the map."""
    if any(place.pads) and not node.flag("count_include_pad"):
        raise HearthError(
            f"{node.name}: AveragePool with pads {list(place.pads)} is supported where padding is"
            " counted (count_include_pad=1), as windows at the border have another divisor"
            " otherwise"
        )
    inside = Windows(place.kernel, place.strides, place.dilations, place.pads)
    size = (place.height, place.width)
    if inside.count((source.height, source.width)) != size:
        raise HearthError(
            f"{node.name}: AveragePool with ceil_mode=1 is supported where windows fit the map,"
            f" here {source}; the last ones reach beyond it and have another divisor"
        )
