"""Networks that do not end in one vector of class scores: maps, several heads, both."""

from __future__ import annotations

from typing import Any

import onnx

from tests.nets.forms import model
from tests.nets.onnx_nets import Net

MAP, SCORES = "boxes", "scores"


def body(net: Net) -> str:
    """A convolution and a Fire module; 11 channels."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2])
    return net.fire(tensor, "fire2", (8, 4, 6, 5))


def several(net: Net, *names: str, **shape: Any) -> onnx.ModelProto:
    """The model with these outputs, in this order."""
    proto = model(net, names[0], **shape)
    for name in names[1:]:
        end = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        end.type.tensor_type.shape.SetInParent()
        proto.graph.output.append(end)
    return proto


def detector(net: Net, **shape: Any) -> onnx.ModelProto:
    """SqueezeDet's end: a convolution whose map leaves."""
    head = net.conv(body(net), "head", (9, 11, 3), pads=[1] * 4)
    net.node("Identity", [head], MAP)
    return several(net, MAP, **shape)


def two_heads(net: Net, **shape: Any) -> onnx.ModelProto:
    """Two vectors of scores of one body."""
    tensor = body(net)
    for name, classes in (("kind", 7), ("colour", 4)):
        scores = net.conv(tensor, f"{name}/conv", (classes, 11, 1))
        net.node("Flatten", [net.node("GlobalAveragePool", [scores], f"{name}/pool")], name)
    return several(net, "kind", "colour", **shape)


def read_on(net: Net, **shape: Any) -> onnx.ModelProto:
    """A map that leaves and that another head reads: what a heat map is besides its scores."""
    tensor = net.conv_relu(body(net), "features", (6, 11, 3), pads=[1] * 4)
    net.node("Identity", [tensor], MAP)
    scores = net.conv(tensor, "conv10", (7, 6, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], SCORES)
    return several(net, SCORES, MAP, **shape)
