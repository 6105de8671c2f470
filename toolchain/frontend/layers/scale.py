"""A gain and an offset for each channel, where no convolution takes them.

BatchNormalization, Mul, Add, Sub, Div by constants, several in a row -> Relu or not     FloatConv

Every channel alone is multiplied by one weight: a depthwise convolution of one tap, whose weight is
the largest integer there is and whose multiplier is the gain, so that nothing is lost to 8 bits.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.activations import activation
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.frontend.simplify.affine import of_constant, step
from hearth.toolchain.ir import FloatConv


def scale(model: OnnxModel, node: Node, source: Map) -> Step:
    """A step, those that follow it at once, and the activation behind them."""
    gain, offset = step(model, node, source.channels)
    nodes, made = [node.name], replace(source, tensor=node.target)
    while (after := _next(model, made)) is not None:
        times, plus = step(model, after, source.channels)
        gain, offset = gain * times, offset * times + plus
        nodes.append(after.name)
        made = replace(made, tensor=after.target)
    layer = FloatConv(
        name=nodes[-1],
        nodes=tuple(nodes),
        tensor=made.tensor,
        inputs=(source.tensor,),
        weights=gain.reshape(-1, 1, 1, 1).astype(np.float32),
        bias=offset.astype(np.float32),
        strides=(1, 1),
        pads=(0, 0, 0, 0),
        relu=False,
        groups=source.channels,
    )
    layer = with_relu(model, layer)
    return layer, replace(made, tensor=layer.tensor)


def _next(model: OnnxModel, made: Map) -> Node | None:
    """The step that alone reads a tensor, unless it begins an activation."""
    readers = model.consumers(made.tensor)
    if len(readers) != 1 or model.uses()[made.tensor] != 1 or not of_constant(model, readers[0]):
        return None
    return None if activation(model, readers[0], made) else readers[0]
