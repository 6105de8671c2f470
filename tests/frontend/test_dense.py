"""Linear layers behind a flattened map: convolutions of one window, near their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.ir import FloatConv
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, measured, model, outcome
from tests.nets.onnx_nets import Net


def flat(net: Net) -> str:
    """A map of 5 channels, 7x7, flattened."""
    tensor = net.conv_relu("data", "conv1", (5, 3, 3), strides=[4, 4], pads=[0, 0, 0, 0])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[2, 1], strides=[1, 1])
    return net.node("Flatten", [tensor], "flat")


def matrix(net: Net, name: str, *shape: int) -> str:
    return net.constant(name, net.rng.normal(0, 0.1, shape))


ROWS, COLUMNS = 7, 8


def test_one_gemm(tmp_path: Path) -> None:
    net = Net(13)
    weights = matrix(net, "w", CLASSES, 5 * ROWS * COLUMNS)
    net.node("Gemm", [flat(net), weights, matrix(net, "b", CLASSES)], "logits", transB=1)
    found = outcome(model(net), tmp_path)
    found.check(38)
    layer = found.state.front.graph.layers[2]
    assert isinstance(layer, FloatConv)
    assert layer.kernel == (ROWS, COLUMNS)


def test_several_with_activations_between(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.node("MatMul", [flat(net), matrix(net, "w", 5 * ROWS * COLUMNS, 12)], "first")
    tensor = net.node("Add", [tensor, matrix(net, "b", 12)], "biased")
    weights = [matrix(net, "v", 12, 9), matrix(net, "c", 9)]
    tensor = net.node("Gemm", [net.relu(tensor, "r"), *weights], "second", alpha=0.5, beta=2.0)
    tensor = net.node("Tanh", [tensor], "tanh")
    net.node("Gemm", [tensor, matrix(net, "u", 9, CLASSES)], "third")
    net.node("Softmax", ["third"], "logits")
    state = measured(model(net), tmp_path)
    assert state.qgraph.layers[-1].source.channels == CLASSES
    net.nodes.pop()
    outcome(model(net, "third"), tmp_path).check(30)


def test_weights_of_another_length_are_refused(tmp_path: Path) -> None:
    net = Net(13)
    weights = net.constant("w", np.ones((2, 3, 4)))
    net.node("MatMul", [flat(net), weights], "logits")
    with pytest.raises(HearthError, match=r"^logits: weights should be a matrix for 280 values"):
        measured(model(net), tmp_path)
