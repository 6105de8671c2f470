"""How exporters spell the middle: Linear layers, activations, padding, order of branches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.conv import Conv
from hearth.toolchain.ir import FloatConcat, FloatConv, FloatExpand, FloatGlobalPool, golden
from hearth.toolchain.quantize.int8 import Quantization
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, body, classifier, measured, model, outcome
from tests.nets.onnx_nets import Net

CHANNELS = 11
"""Of the Fire module that `body` ends in."""


def pooled(net: Net, flat: bool = True) -> str:
    pool = net.node("GlobalAveragePool", [body(net)], "pool")
    return net.node("Flatten", [pool], "flat") if flat else pool


def normal(net: Net, name: str, *shape: int) -> str:
    return net.constant(name, net.rng.normal(0, 1, shape))


# ------------------------------------------------------------------- Linear behind the global pool


def gemm(net: Net) -> None:
    inputs = [pooled(net), normal(net, "w", CLASSES, CHANNELS), normal(net, "b", CLASSES)]
    net.node("Gemm", inputs, "logits", transB=1)


def gemm_scaled(net: Net) -> None:
    """alpha, beta, weights the other way round."""
    inputs = [pooled(net), normal(net, "w", CHANNELS, CLASSES), normal(net, "b", 1, CLASSES)]
    net.node("Gemm", inputs, "logits", alpha=0.5, beta=2.0)


def matmul_add(net: Net) -> None:
    product = net.node("MatMul", [pooled(net), normal(net, "w", CHANNELS, CLASSES)], "product")
    net.node("Add", [normal(net, "b", CLASSES), product], "logits")


def dropout_between(net: Net) -> None:
    dropped = net.node("Dropout", [pooled(net)], "dropped")
    net.node("Gemm", [dropped, normal(net, "w", CLASSES, CHANNELS)], "logits", transB=1)


def relu_on_what_is_positive(net: Net) -> None:
    active = net.node("Relu", [pooled(net)], "active")
    net.node("Gemm", [active, normal(net, "w", CLASSES, CHANNELS)], "logits", transB=1)


def two_in_a_row(net: Net) -> None:
    first = net.node(
        "Gemm", [pooled(net), normal(net, "v", 9, CHANNELS), normal(net, "a", 9)], "v1", transB=1
    )
    scaled = net.node("Mul", [first, normal(net, "m", 9)], "scaled")
    net.node("Gemm", [scaled, normal(net, "w", CLASSES, 9)], "logits", transB=1)


def batch_norm_between(net: Net) -> None:
    values = (net.rng.uniform(0.5, 2, CHANNELS) for _ in range(4))
    names = [net.constant(f"bn{i}", v) for i, v in enumerate(values)]
    norm = net.node("BatchNormalization", [pooled(net), *names], "norm")
    net.node("Gemm", [norm, normal(net, "w", CLASSES, CHANNELS)], "logits", transB=1)


def conv_behind_pool(net: Net) -> None:
    last = net.conv(pooled(net, flat=False), "fc", (CLASSES, CHANNELS, 1))
    net.node("Softmax", [net.node("Flatten", [last], "scores")], "p", axis=1)
    net.node("Identity", ["scores"], "logits")


def behind_convolution_without_relu(net: Net) -> None:
    tensor = net.conv(body(net), "conv10", (12, CHANNELS, 3), pads=[1] * 4)
    flat = net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "flat")
    net.node("Gemm", [flat, normal(net, "w", CLASSES, 12)], "logits", transB=1)


LINEAR = (
    gemm,
    gemm_scaled,
    matmul_add,
    dropout_between,
    relu_on_what_is_positive,
    two_in_a_row,
    batch_norm_between,
    conv_behind_pool,
    behind_convolution_without_relu,
)


@pytest.mark.parametrize("form", LINEAR, ids=lambda form: form.__name__)
def test_linear_moves_in_front_of_the_pool(form: Any, tmp_path: Path) -> None:
    net = Net(13)
    form(net)
    found = outcome(model(net), tmp_path)
    found.check()
    assert found.kinds[-3:] == ["conv", "globalpool", "topk"]
    assert golden.classes(found.state.qgraph) == CLASSES
    last = found.state.front.graph.layers[-2]
    assert isinstance(last, FloatConv)
    assert not last.relu


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    net = Net()
    product = net.node("MatMul", [pooled(net), normal(net, "w", CHANNELS, 5)], "p")
    net.node("MatMul", [product, normal(net, "v", 6, 4)], "logits", name="second")
    with pytest.raises(HearthError, match=r"second: weights expect 6 inputs, but 5 arrive|not a v"):
        measured(model(net), tmp_path)


# ------------------------------------------------------------------- arithmetic behind convolutions


@pytest.mark.parametrize("rank", [3, 4])
def test_bias_and_scale_behind_convolutions(rank: int, tmp_path: Path) -> None:
    """TensorFlow's bias, Caffe's Scale, and both behind a Concat."""
    net = Net()

    def constant(name: str, channels: int) -> str:
        values = net.rng.uniform(0.5, 1.5, channels)
        return net.constant(name, values.reshape((1, channels, 1, 1)[4 - rank :]))

    tensor = net.conv("data", "conv1", (8, 3, 3), bias=False, strides=[2, 2])
    tensor = net.relu(net.node("Add", [tensor, constant("b1", 8)], "biased"), "r1")
    parts = [net.conv(tensor, "e1", (6, 8, 1)), net.conv(tensor, "e3", (5, 8, 3), pads=[1] * 4)]
    joined = net.node("Concat", parts, "joined", axis=1)
    scaled = net.node("Mul", [constant("m", 11), joined], "scaled")
    shifted = net.node("Sub", [scaled, constant("s", 11)], "shifted")
    halved = net.node("Div", [shifted, net.constant("two", 2.0)], "halved")
    scores = net.conv(net.relu(halved, "r2"), "conv10", (CLASSES, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    outcome(model(net), tmp_path).check()


def test_a_bias_per_pixel_is_refused(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv("data", "conv1", (8, 3, 3), pads=[1] * 4)
    odd = net.node("Add", [tensor, net.constant("b", np.ones((8, 32, 32)))], "odd")
    net.head(net.relu(odd, "r"), 8)
    with pytest.raises(HearthError, match=r"odd: Add should be by one number or one per channel"):
        measured(model(net), tmp_path)


# ------------------------------------------------------------------------------ capped activations


def capped(net: Net, source: str, name: str, cap: float) -> str:
    """Clip(0, cap) as the operator set spells it."""
    if net.opset < 11:
        return net.node("Clip", [source], name, min=0.0, max=cap)
    bounds = [net.constant(f"{name}.low", 0.0), net.constant(f"{name}.high", cap)]
    return net.node("Clip", [source, *bounds], name)


def relu6_network(net: Net, cap: float, last: bool = False) -> None:
    """Every activation has the cap; gains are such that it is often reached."""
    tensor = capped(net, net.conv("data", "conv1", (8, 3, 3), strides=[2, 2]), "r1", cap)
    middle = capped(net, net.conv(tensor, "squeeze", (4, 8, 1)), "r2", cap)
    parts = [
        capped(net, net.conv(middle, "e1", (6, 4, 1)), "r3", cap),
        capped(net, net.conv(middle, "e3", (5, 4, 3), pads=[1] * 4), "r4", cap),
    ]
    joined = net.node("Concat", parts, "joined", axis=1)
    scores = net.conv(joined, "conv10", (CLASSES, 11, 1))
    scores = capped(net, scores, "r10", cap) if last else scores
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")


@pytest.mark.parametrize("opset", [9, 13])
@pytest.mark.parametrize("cap", [0.3, 6.0])
@pytest.mark.parametrize("last", [False, True])
def test_capped_relu(opset: int, cap: float, last: bool, tmp_path: Path) -> None:
    net = Net(opset, gain=1.5)
    relu6_network(net, cap, last)
    found = outcome(model(net), tmp_path)
    found.check(40.0)
    qgraph = found.state.qgraph
    for layer in qgraph.layers:
        if layer.kind == "conv" and layer.target.name != "conv10_pre":
            assert layer.target.high * layer.target.scale <= cap * (1 + 1e-6)


def test_a_cap_that_is_reached_is_met_exactly(tmp_path: Path) -> None:
    """255 stands for the cap itself: the integer clip and the file's are one."""
    net = Net(13, gain=6.0)
    relu6_network(net, 0.25)
    qgraph = outcome(model(net), tmp_path).state.qgraph
    first = qgraph.layers[0].target
    assert first.high * first.scale == pytest.approx(0.25, rel=1e-6)


def test_a_cap_holds_where_hardware_is_given(tmp_path: Path) -> None:
    """A shift that these weights do not reach widens the range: the edge then clips earlier."""
    net = Net(13, gain=6.0)
    relu6_network(net, 0.25)
    plain = measured(model(net), tmp_path).qgraph
    shifts = tuple(layer.shift + 2 for layer in plain.layers if isinstance(layer, Conv))
    found = outcome(model(net), tmp_path, quantization=Quantization(shifts=shifts))
    found.check(25.0)
    edge = found.state.qgraph.layers[0].target
    assert edge.maximum is not None
    assert edge.maximum * edge.scale == pytest.approx(0.25, rel=0.02)


SPELLINGS: dict[str, list[tuple[str, float, float]]] = {
    "relu, then clip": [("Relu", 0, 0), ("Clip", -1.0, 0.5)],
    "clip, then relu": [("Clip", 0.0, 0.5), ("Relu", 0, 0)],
    "max and min": [("Max", 0.0, 0), ("Min", 0.5, 0)],
    "relu, min": [("Relu", 0, 0), ("Min", 0.5, 0)],
    "two caps": [("Clip", 0.0, 3.0), ("Clip", 0.0, 0.5)],
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_spellings_of_one_activation(case: str, tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv("data", "conv1", (8, 3, 3))
    for index, (op, low, high) in enumerate(SPELLINGS[case]):
        bounds = [(low,), (low, high)][op == "Clip"] if op != "Relu" else ()
        names = [net.constant(f"bound{index}{i}", value) for i, value in enumerate(bounds)]
        tensor = net.node(op, [tensor, *names], f"act{index}")
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check()
    first = found.state.front.graph.layers[0]
    assert isinstance(first, FloatConv)
    assert (first.relu, first.cap) == (True, 0.5)


def test_branches_with_different_caps_are_layers_of_their_own(tmp_path: Path) -> None:
    """One kernel has one activation; a Concat joins what two have made, at one scale."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    parts = [
        capped(net, net.conv(tensor, "e1", (6, 8, 1)), "r3", 6.0),
        net.conv_relu(tensor, "e3", (5, 8, 3), pads=[1] * 4),
    ]
    net.head(net.node("Concat", parts, "joined", axis=1), 11)
    found = outcome(model(net), tmp_path)
    found.check()
    kinds = [type(layer) for layer in found.state.front.graph.layers]
    assert kinds == [FloatConv, FloatConv, FloatConv, FloatConcat, FloatConv, FloatGlobalPool]


def test_activation_behind_its_pool(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv("data", "conv1", (8, 3, 3))
    pool = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2])
    scores = net.conv(capped(net, pool, "r1", 0.5), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    outcome(model(net), tmp_path).check()


# ------------------------------------------------------------------------------ padding, branches


@pytest.mark.parametrize("opset", [9, 13, 18])
def test_pad_in_front_of_convolution_and_pool(opset: int, tmp_path: Path) -> None:
    net = Net(opset)

    def pad(source: str, name: str, pads: list[int]) -> str:
        if opset < 11:
            return net.node("Pad", [source], name, pads=[0, 0, *pads[:2], 0, 0, *pads[2:]])
        if opset < 18:
            sizes = net.constant(f"{name}.p", [0, 0, *pads[:2], 0, 0, *pads[2:]], np.int64)
            return net.node("Pad", [source, sizes], name)
        sizes = net.constant(f"{name}.p", pads, np.int64)
        axes = net.constant(f"{name}.a", [2, 3], np.int64)
        return net.node("Pad", [source, sizes, "", axes], name)

    tensor = net.conv(pad("data", "pad1", [1, 2, 0, 1]), "conv1", (8, 3, 3), strides=[2, 2])
    tensor = pad(net.relu(tensor, "r1"), "pad2", [0, 1, 1, 0])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2])
    scores = net.conv(pad(tensor, "pad3", [1, 1, 1, 1]), "conv10", (CLASSES, 8, 3))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    outcome(model(net), tmp_path).check()


@pytest.mark.parametrize(
    ("mode", "value", "pads"),
    [
        ("reflect", 0.0, [0, 0, 1, 1, 0, 0, 1, 1]),
        ("constant", 1.0, [0, 0, 1, 1, 0, 0, 1, 1]),
        ("constant", 0.0, [0, 1, 0, 0, 0, 0, 0, 0]),
        ("constant", 0.0, [0, 0, -1, 0, 0, 0, 0, 0]),
    ],
)
def test_other_pads_are_refused(mode: str, value: float, pads: list[int], tmp_path: Path) -> None:
    net = Net()
    inputs = ["data", net.constant("p", pads, np.int64), net.constant("v", value)]
    tensor = net.node("Pad", inputs, "pad", mode=mode)
    channels = 3 + sum(pads[1::4])
    net.head(net.conv_relu(tensor, "conv1", (8, channels, 3)), 8)
    with pytest.raises(HearthError, match="pad: Pad is supported"):
        measured(model(net), tmp_path)


def test_pads_computed_as_pytorch_does(tmp_path: Path) -> None:
    """F.pad exported by torch.onnx.export: the list filled up with zeros and turned round."""
    net = Net(17)
    zeros = net.node("ConstantOfShape", [net.constant("four", [4], np.int64)], "zeros")
    listed = net.node("Cast", [zeros], "whole", to=7)
    joined = net.node("Concat", [net.constant("p", [1, 2, 1, 0], np.int64), listed], "all", axis=0)
    pairs = net.node("Reshape", [joined, net.constant("pairs", [-1, 2], np.int64)], "rows")
    ends = [net.constant(n, [v], np.int64) for n, v in (("a", -1), ("b", -(2**63)), ("c", 0))]
    turned = net.node("Slice", [pairs, *ends, net.constant("step", [-1], np.int64)], "turned")
    flat = net.constant("flat", [-1], np.int64)
    pads = net.node("Reshape", [net.node("Transpose", [turned], "t", perm=[1, 0]), flat], "pads")
    start = net.node("Pad", ["data", net.node("Cast", [pads], "c7", to=7)], "padded")
    scores = net.conv(net.conv_relu(start, "conv1", (8, 3, 3)), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check()
    first = found.state.front.graph.layers[0]
    assert isinstance(first, FloatConv)
    assert first.pads == (1, 1, 0, 2)


def swapped(net: Net, source: str, name: str, channels: tuple[int, int, int]) -> str:
    """An expand stage with its 3x3 branch first; channels: inputs, 1x1, 3x3."""
    inputs, one, three = channels
    right = net.conv_relu(source, f"{name}/3x3", (three, inputs, 3), pads=[1] * 4)
    left = net.conv_relu(source, f"{name}/1x1", (one, inputs, 1))
    return net.node("Concat", [right, left], name, axis=1)


def test_branches_in_the_other_order(tmp_path: Path) -> None:
    """Through a pool, into another such stage, and into a convolution."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), strides=[2, 2])
    tensor = swapped(net, tensor, "fire2", (6, 5, 3))
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], strides=[2, 2])
    tensor = swapped(net, tensor, "fire3", (8, 4, 7))
    scores = net.conv(tensor, "conv10", (CLASSES, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check()
    kinds = [type(layer) for layer in found.state.front.graph.layers]
    assert kinds.count(FloatExpand) == 2


def test_branches_whose_reader_does_not_fit_are_refused(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), strides=[2, 2])
    net.head(swapped(net, tensor, "fire2", (6, 5, 3)), 7)
    with pytest.raises(HearthError, match="conv10: weights should expect the 8 channels of fire2"):
        measured(model(net), tmp_path)


@pytest.mark.parametrize("relu", ["before", "after", "none"])
def test_branches_in_the_other_order_as_classes(relu: str, tmp_path: Path) -> None:
    """Where the channels are the classes, their order is kept."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), strides=[2, 2])
    right = net.conv(tensor, "3x3", (4, 6, 3), pads=[1] * 4)
    left = net.conv(tensor, "1x1", (3, 6, 1))
    parts = [net.relu(t, f"{t}/r") if relu == "before" else t for t in (right, left)]
    joined = net.node("Concat", parts, "joined", axis=1)
    joined = net.relu(joined, "after") if relu == "after" else joined
    net.node("Flatten", [net.node("GlobalAveragePool", [joined], "pool")], "logits")
    outcome(model(net), tmp_path).check()


def test_classifier_is_what_the_others_use(tmp_path: Path) -> None:
    net = Net()
    net.node("Flatten", [net.node("GlobalAveragePool", [classifier(net)], "pool")], "logits")
    outcome(model(net), tmp_path).check()
