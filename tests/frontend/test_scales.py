"""A gain and an offset for each channel anywhere in a network: near its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.ir import Array, FloatConv
from hearth.toolchain.support.errors import HearthError
from tests.frontend.test_graphs import SAME, scored
from tests.nets.forms import Outcome, measured, model, outcome
from tests.nets.onnx_nets import Net


def norm(net: Net, source: str, name: str, channels: int) -> str:
    scale, shift, mean = (net.rng.uniform(-0.5, 1, channels) for _ in range(3))
    values = {"scale": scale + 0.7, "shift": shift, "mean": mean}
    values["variance"] = net.rng.uniform(0.5, 2, channels)
    names = [net.constant(f"{name}.{key}", value) for key, value in values.items()]
    return net.node("BatchNormalization", [source, *names], name)


def column(net: Net, name: str, channels: int) -> str:
    return net.constant(name, net.rng.uniform(0.5, 1.5, (channels, 1, 1)))


def pre_activation(net: Net) -> None:
    """ResNet v2: BatchNormalization and ReLU behind a sum that a later sum reads too."""
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    for number in (1, 2):
        inner = net.relu(norm(net, tensor, f"na{number}", 8), f"ra{number}")
        inner = norm(net, net.conv(inner, f"a{number}", (8, 8, 3), **SAME), f"nb{number}", 8)
        inner = net.conv(net.relu(inner, f"rb{number}"), f"b{number}", (8, 8, 3), **SAME)
        tensor = net.node("Add", [inner, tensor], f"sum{number}")
    scored(net, net.relu(norm(net, tensor, "last", 8), "out"), 8)


def dense_block(net: Net) -> None:
    """DenseNet: each layer reads all before it, through a BatchNormalization of its own."""
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), strides=[2, 2])
    for number, channels in ((1, 6), (2, 10)):
        inner = net.relu(norm(net, tensor, f"n{number}", channels), f"r{number}")
        inner = net.conv(inner, f"a{number}", (5, channels, 1))
        inner = net.relu(norm(net, inner, f"m{number}", 5), f"s{number}")
        inner = net.conv(inner, f"b{number}", (4, 5, 3), **SAME)
        tensor = net.node("Concat", [tensor, inner], f"both{number}", axis=1)
    tensor = net.conv(net.relu(norm(net, tensor, "t", 14), "tr"), "transition", (8, 14, 1))
    tensor = net.node("AveragePool", [tensor], "half", kernel_shape=[2, 2], strides=[2, 2])
    scored(net, net.relu(norm(net, tensor, "last", 8), "out"), 8)


def behind_a_pool(net: Net) -> None:
    """A shift in front of padding, which stays where it is: zeros are padded behind it."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[2, 2], strides=[2, 2])
    tensor = norm(net, tensor, "n", 8)
    scored(net, net.conv_relu(tensor, "padded", (8, 8, 3), **SAME), 8)


def arithmetic(net: Net) -> None:
    """Constants on either side, several in a row, and one that begins an activation."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[2, 2], strides=[2, 2])
    tensor = net.node("Mul", [column(net, "c", 8), tensor], "mul")
    tensor = net.node("Sub", [net.constant("two", 2), tensor], "sub")
    tensor = net.node("Div", [tensor, column(net, "d", 8)], "div")
    more = net.node("Add", [tensor, net.constant("one", 1)], "more")
    tensor = net.node("Tanh", [more], "tanh")
    tensor = net.node("Add", [tensor, column(net, "e", 8)], "end")
    scored(net, net.conv_relu(tensor, "padded", (8, 8, 3), **SAME), 8)


FORMS: dict[Callable[[Net], None], int] = {
    pre_activation: 3,
    dense_block: 4,
    behind_a_pool: 1,
    arithmetic: 2,
}
"""How many layers of their own each has."""


def scales(found: Outcome) -> list[FloatConv]:
    layers = found.state.front.graph.layers
    convs = [layer for layer in layers if isinstance(layer, FloatConv)]
    return [x for x in convs if x.groups == len(x.weights) and x.kernel == (1, 1)]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_near_its_file(form: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(13)
    form(net)
    found = outcome(model(net), tmp_path)
    found.check(33)
    assert len(scales(found)) == FORMS[form]


def test_gains_are_not_rounded_to_weights(tmp_path: Path) -> None:
    net = Net(13)
    behind_a_pool(net)
    found = outcome(model(net), tmp_path)
    (layer,) = (x for x in found.state.qgraph.weighted if x.name == "n")
    (matrix,) = layer.matrices
    assert (np.abs(matrix) == 127).all()


BEHIND: dict[str, tuple[Callable[[Net, str], str], int]] = {
    "pointwise": (lambda net, x: net.conv_relu(x, "a", (8, 8, 1)), 0),
    "in groups": (lambda net, x: net.conv_relu(x, "a", (8, 2, 3), group=4), 0),
    "two readers": (
        lambda net, x: net.node(
            "Add", [net.conv(x, "a", (8, 8, 1)), net.conv(x, "b", (8, 8, 1), bias=False)], "sum"
        ),
        0,
    ),
    "padded": (lambda net, x: net.conv_relu(x, "a", (8, 8, 3), auto_pad="SAME_UPPER"), 1),
    "one reader of two": (lambda net, x: net.node("Add", [net.conv(x, "a", (8, 8, 1)), x], "s"), 1),
}


@pytest.mark.parametrize("case", BEHIND)
def test_into_the_convolutions_behind(case: str, tmp_path: Path) -> None:
    """Where that is exact: the same function, but for float's last bits."""
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[2, 2], strides=[2, 2])
    behind, own = BEHIND[case]
    scored(net, behind(net, norm(net, tensor, "n", 8)), 8)
    found = outcome(model(net), tmp_path)
    found.check(33)
    assert len(scales(found)) == own


def test_a_gain_alone_may_stand_in_front_of_padding(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[2, 2], strides=[2, 2])
    tensor = net.node("Mul", [tensor, column(net, "c", 8)], "mul")
    scored(net, net.conv_relu(tensor, "padded", (8, 8, 3), **SAME), 8)
    found = outcome(model(net), tmp_path)
    found.check(35)
    assert not scales(found)


def test_a_map_of_constants_is_refused(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    values: Array = np.ones((8, 15, 15))
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[1, 1], strides=[1, 1])
    scored(net, net.node("Mul", [tensor, net.constant("c", values)], "mul"), 8)
    with pytest.raises(HearthError, match=r"^mul: Mul should be by one number or one per channel"):
        measured(model(net), tmp_path)


def test_as_many_numbers_as_channels(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "smaller", kernel_shape=[2, 2], strides=[2, 2])
    scored(net, net.relu(norm(net, tensor, "n", 7), "r"), 8)
    with pytest.raises(HearthError, match=r"^n: has 7 channels, but 8 arrive"):
        measured(model(net), tmp_path)
