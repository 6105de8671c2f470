"""Average pools over windows: depthwise convolutions of equal weights, near their file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hearth.toolchain.ir import FloatConv, FloatGlobalPool
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, measured, model, outcome
from tests.nets.onnx_nets import Net

PADDED: dict[str, Any] = {"pads": [1] * 4, "count_include_pad": 1}


def pooling(tensor: str = "conv1", behind: str = "", opset: int = 19, **window: Any) -> Net:
    """conv1 -> AveragePool -> conv10: `tensor` is conv1_pre for one without a Relu."""
    net = Net(opset)
    net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    pooled = net.node("AveragePool", [tensor], "mean", **window)
    if behind:
        pooled = net.node(behind, [pooled], "behind")
    scores = net.conv(pooled, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    return net


WINDOWS: dict[str, dict[str, Any]] = {
    "side by side": {"kernel_shape": [2, 2], "strides": [2, 2]},
    "padding counted": {"kernel_shape": [3, 3], **PADDED},
    "rows, taps apart": {"kernel_shape": [3, 2], "dilations": [2, 1], "strides": [1, 2]},
    "ceil mode that changes nothing": {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
}


@pytest.mark.parametrize("window", WINDOWS)
def test_near_its_file(window: str, tmp_path: Path) -> None:
    found = outcome(model(pooling(**WINDOWS[window])), tmp_path)
    found.check(40)
    layer = found.state.front.graph.layers[1]
    assert isinstance(layer, FloatConv)
    assert (layer.groups, layer.relu) == (8, True)
    assert not found.state.qgraph.layers[1].target.signed


def test_of_what_may_be_negative(tmp_path: Path) -> None:
    found = outcome(model(pooling("conv1_pre", **WINDOWS["side by side"])), tmp_path)
    found.check(40)
    assert found.state.qgraph.layers[1].target.signed


def test_with_a_relu_behind(tmp_path: Path) -> None:
    net = pooling("conv1_pre", "Relu", **WINDOWS["side by side"])
    found = outcome(model(net), tmp_path)
    found.check(40)
    assert [layer.kind for layer in found.state.qgraph.layers][:3] == ["conv"] * 3
    assert not found.state.qgraph.layers[1].target.signed


def test_a_branch_of_means(tmp_path: Path) -> None:
    """Inception's: the pool beside convolutions, a 1x1 convolution behind it."""
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    mean = net.node("AveragePool", [tensor], "mean", kernel_shape=[3, 3], **PADDED)
    branches = [
        net.conv_relu(tensor, "three", (6, 8, 3), pads=[1] * 4),
        net.conv_relu(mean, "behind", (4, 8, 1)),
        mean,
    ]
    joined = net.node("Concat", branches, "joined", axis=1)
    scores = net.conv(joined, "conv10", (CLASSES, 18, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    outcome(model(net), tmp_path).check(40)


def test_on_the_image(tmp_path: Path) -> None:
    net = Net(13)
    mean = net.node("AveragePool", ["data"], "mean", kernel_shape=[2, 2], strides=[2, 2])
    tensor = net.conv_relu(mean, "conv1", (8, 3, 3))
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    outcome(model(net), tmp_path).check(40)


def test_over_the_whole_map_stays_the_global_pool(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    pool = net.node("AveragePool", [scores], "pool", kernel_shape=[15, 15])
    net.node("Flatten", [pool], "logits")
    assert isinstance(measured(model(net), tmp_path).front.graph.layers[-1], FloatGlobalPool)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another divisor at the border": (
        {"kernel_shape": [3, 3], "pads": [1] * 4},
        r"^mean: AveragePool with pads \[1, 1, 1, 1\] is supported where padding is counted",
    ),
    "a last window beyond the map": (
        {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1},
        r"^mean: AveragePool with ceil_mode=1 is supported where windows fit the map, here 'conv1'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_divisors_are_refused(case: str, tmp_path: Path) -> None:
    window, message = REFUSED[case]
    with pytest.raises(HearthError, match=message):
        measured(model(pooling(**window)), tmp_path)


def test_channels_last_keeps_a_map_a_map(tmp_path: Path) -> None:
    """A Transpose behind a pool of small windows is not that of one pixel."""
    net = Net(13)
    first = net.node("Transpose", ["data"], "first", perm=[0, 3, 1, 2])
    tensor = net.conv_relu(first, "conv1", (8, 3, 3), strides=[2, 2])
    mean = net.node("AveragePool", [tensor], "mean", kernel_shape=[2, 2], strides=[2, 2])
    last = net.node("Transpose", [mean], "last", perm=[0, 2, 3, 1])
    again = net.node("Transpose", [last], "again", perm=[0, 3, 1, 2])
    scores = net.conv(again, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    proto = model(net, shape=("N", 32, 32, 3))
    outcome(proto, tmp_path).check(40)
