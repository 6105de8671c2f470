"""Networks whose paths part and meet: recognised, quantized, near their file; refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.addition import Addition
from hearth.toolchain.ir import Edge, FloatAdd, FloatConcat, FloatConv, FloatExpand
from hearth.toolchain.quantize.joins import addition
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, measured, model, outcome
from tests.nets.onnx_nets import Net

SAME: dict[str, Any] = {"pads": [1] * 4}


def scored(net: Net, tensor: str, channels: int) -> None:
    """The head, without a Relu in front of the pool."""
    scores = net.conv(tensor, "conv10", (CLASSES, channels, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")


def bypass(net: Net) -> None:
    """A Fire module of as many channels out as in, with SqueezeNet's simple bypass."""
    tensor = net.conv_relu("data", "conv1", (11, 3, 3), strides=[2, 2])
    fire = net.fire(tensor, "fire2", (11, 4, 6, 5))
    scored(net, net.node("Add", [tensor, fire], "bypass"), 11)


def complex_bypass(net: Net) -> None:
    """The same with a convolution on the bypass, whose results are signed."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    past = net.conv(tensor, "past", (11, 8, 1))
    scored(net, net.node("Add", [net.fire(tensor, "fire2", (8, 4, 6, 5)), past], "bypass"), 11)


def residual(net: Net) -> None:
    """ResNet's block: a ReLU behind the sum only, of which a later sum reads again."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    for number in (1, 2):
        inner = net.conv_relu(tensor, f"a{number}", (8, 8, 3), **SAME)
        inner = net.conv(inner, f"b{number}", (8, 8, 3), **SAME)
        total = net.node("Add", [inner, tensor], f"sum{number}")
        tensor = net.relu(total, f"out{number}")
    scored(net, tensor, 8)


def inception(net: Net) -> None:
    """Four branches, one of them a pool, side by side."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    pooled = net.node("MaxPool", [tensor], "pooled", kernel_shape=[3, 3], strides=[1, 1], **SAME)
    branches = [
        net.conv_relu(tensor, "one", (4, 8, 1)),
        net.conv_relu(net.conv_relu(tensor, "in3", (3, 8, 1)), "three", (6, 3, 3), **SAME),
        net.conv_relu(net.conv_relu(tensor, "in5", (2, 8, 1)), "five", (3, 2, 5), pads=[2] * 4),
        net.conv_relu(pooled, "behind", (2, 8, 1)),
    ]
    scored(net, net.node("Concat", branches, "joined", axis=1), 15)


def half_rectified(net: Net) -> None:
    """A Relu in front of one source of a Concat only: their one scale is signed, yet it clips."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    branches = [
        net.conv(tensor, "one", (6, 8, 1)),
        net.conv_relu(tensor, "three", (5, 8, 3), **SAME),
    ]
    scored(net, net.node("Concat", branches, "joined", axis=1), 11)


def shuffled(net: Net) -> None:
    """ShuffleNet's shuffle of three groups between two grouped convolutions."""
    tensor = net.conv_relu("data", "conv1", (12, 3, 3), strides=[2, 2])
    split = net.constant("split", [-1, 3, 4, 15, 15], np.int64)
    whole = net.constant("whole", [-1, 12, 15, 15], np.int64)
    turned = net.node(
        "Transpose", [net.node("Reshape", [tensor, split], "s")], "t", perm=[0, 2, 1, 3, 4]
    )
    scored(
        net, net.conv_relu(net.node("Reshape", [turned, whole], "w"), "g", (12, 4, 1), group=3), 12
    )


FORMS = (bypass, complex_bypass, residual, inception, half_rectified, shuffled)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_near_its_file(form: Any, tmp_path: Path) -> None:
    net = Net(13)
    form(net)
    outcome(model(net), tmp_path).check(40)


def test_a_fire_module_stays_one_kernel_beside_its_bypass(tmp_path: Path) -> None:
    net = Net(13)
    bypass(net)
    state = measured(model(net), tmp_path)
    kinds = [type(layer) for layer in state.front.graph.layers]
    assert kinds[1:4] == [FloatConv, FloatExpand, FloatAdd]
    assert [layer.kind for layer in state.qgraph.layers][3] == "addition"
    readers = state.qgraph.readers[state.qgraph.layers[0].target.name]
    assert readers == ((1, 0), (3, 0))


def test_what_is_concatenated_has_one_scale(tmp_path: Path) -> None:
    """A pool hands on that of its source, so the network's first map has it too."""
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    pooled = net.node("MaxPool", [tensor], "pooled", kernel_shape=[3, 3], strides=[1, 1], **SAME)
    signed = net.conv(tensor, "signed", (4, 8, 1))
    scored(net, net.node("Concat", [pooled, signed], "joined", axis=1), 12)
    state = measured(model(net), tmp_path)
    assert any(isinstance(layer, FloatConcat) for layer in state.front.graph.layers)
    edges = {edge.name: edge for edge in state.qgraph.edges}
    alike = [edges[name] for name in (tensor, pooled, signed, "joined")]
    assert {(edge.scale, edge.signed) for edge in alike} == {(alike[0].scale, True)}


def test_a_sum_of_different_maps_is_refused(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    small = net.conv_relu(tensor, "small", (8, 8, 1), strides=[2, 2])
    scored(net, net.node("Add", [tensor, small], "sum"), 8)
    with pytest.raises(
        HearthError, match=r"two maps of one shape are added, found '.*' .* and '.*'"
    ):
        measured(model(net), tmp_path)


def test_a_node_that_reads_constants_alone_is_refused(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    scored(net, net.node("Add", [tensor, net.relu("conv1.weight", "w")], "sum"), 8)
    with pytest.raises(HearthError, match="should read a map, found constants alone"):
        measured(model(net), tmp_path)


def test_a_concat_of_different_sizes_is_refused(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    small = net.conv_relu(tensor, "small", (8, 8, 1), strides=[2, 2])
    scored(net, net.node("Concat", [tensor, small], "joined", axis=1), 16)
    with pytest.raises(HearthError, match=r"several maps of one size, found '.*' .* and '.*'"):
        measured(model(net), tmp_path)


def test_the_image_itself_cannot_be_joined(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (3, 3, 3), **SAME)
    scored(net, net.node("Add", [tensor, "data"], "sum"), 3)
    with pytest.raises(HearthError, match="first layer besides max-pools should be a convolution"):
        measured(model(net), tmp_path)


def test_multipliers_of_a_sum() -> None:
    """As large as 16 bits hold; with a shift that hardware demands, the range widens instead."""
    a, b = Edge("a", 1, 1, 1, scale=0.01), Edge("b", 1, 1, 1, scale=0.03)
    target = Edge("y", 1, 1, 1, scale=0.04)
    same, factors, shift = addition("sum", (a, b), target, None)
    assert same == target
    assert 1 << 15 <= factors.max() < 1 << 16
    assert np.allclose(factors / 2.0**shift, [0.25, 0.75], rtol=1e-4)
    wider, factors, _ = addition("sum", (a, b), target, shift + 2)
    assert wider.scale == pytest.approx(4 * target.scale)
    assert factors.max() < 1 << 16
    layer = Addition("sum", (a, b), wider, factors, shift + 2)
    ones = np.full((1, 1, 1, 1), 100, np.uint8)
    assert layer.golden(ones, ones).item() == round(100 * 0.04 / wider.scale)


def test_scales_too_far_apart_are_refused() -> None:
    a, b = Edge("a", 1, 1, 1, scale=1e-9), Edge("b", 1, 1, 1, scale=1.0)
    with pytest.raises(HearthError, match="'a' and 'b' are added, but a step of one is 1e"):
        addition("sum", (a, b), Edge("y", 1, 1, 1, scale=1.0), None)
    with pytest.raises(HearthError, match=r"one step of 'b' is 1e\+06 steps of the sum, more than"):
        addition("sum", (a, b), Edge("y", 1, 1, 1, scale=1e-6), None)
