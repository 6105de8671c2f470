"""How float networks begin: their own normalization, channels last, a max-pool, grey images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.cli import tables as report
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, SIDE, classifier, measured, model, outcome
from tests.nets.onnx_nets import Net

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def ended(net: Net, start: str) -> None:
    pool = net.node("GlobalAveragePool", [classifier(net, start)], "pool")
    net.node("Flatten", [pool], "logits")


def column(net: Net, name: str, values: Any) -> str:
    """A constant [3, 1, 1]."""
    return net.constant(name, np.asarray(values).reshape(3, 1, 1))


# ------------------------------------------------------------------------------- normalization


def sub_div(net: Net) -> str:
    centred = net.node("Sub", ["data", column(net, "mean", MEAN)], "centred")
    return net.node("Div", [centred, column(net, "std", STD)], "normal")


def mul_add(net: Net) -> str:
    scaled = net.node("Mul", [column(net, "gain", 1 / STD), "data"], "scaled")
    shift = net.constant("shift", (-MEAN / STD).reshape(1, 3, 1, 1))
    return net.node("Add", [scaled, shift], "normal")


def scalars(net: Net) -> str:
    """-1 to 1, in one number each."""
    doubled = net.node("Mul", ["data", net.constant("two", 2.0)], "doubled")
    return net.node("Sub", [doubled, net.constant("one", [1.0])], "normal")


def negative(net: Net) -> str:
    """The photograph's negative: 1 - x."""
    return net.node("Sub", [net.constant("one", 1.0), "data"], "normal")


def batch_norm(net: Net) -> str:
    values = (net.rng.uniform(0.5, 2, 3) for _ in range(3))
    names = [net.constant(f"bn{i}", v) for i, v in enumerate(values)]
    names.append(net.constant("variance", net.rng.uniform(0.05, 0.1, 3)))
    return net.node("BatchNormalization", ["data", *names], "normal")


def both(net: Net) -> str:
    start = sub_div(net)
    values = ([1.1, 0.9, 1.0], [0.1, 0.0, -0.1], [0.0, 0.1, 0.0], [1.0, 1.1, 0.9])
    names = [net.constant(f"bn{i}", v) for i, v in enumerate(values)]
    return net.node("BatchNormalization", [start, *names], "again")


NORMAL = (sub_div, mul_add, scalars, negative, batch_norm, both)


@pytest.mark.parametrize("form", NORMAL, ids=lambda form: form.__name__)
def test_normalization_becomes_preprocessing(form: Callable[[Net], str], tmp_path: Path) -> None:
    net = Net(13)
    ended(net, form(net))
    found = outcome(model(net), tmp_path)
    found.check(42.0)
    assert found.kinds[0] == "conv"
    assert found.state.front.onnx.input_tensor in ("normal", "again")
    (line,) = report.around(found.state.qgraph.notes)
    assert line == "the file's own normalization of its images is part of the first layer"


def test_padding_of_a_normalized_image_is_its_mean(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu(sub_div(net), "conv1", (8, 3, 3), pads=[1] * 4)
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check()
    assert found.kinds[0] == "border"


def test_pixels_normalized_by_the_file(tmp_path: Path) -> None:
    """Raw pixels in, mean and scale inside, as Keras models have them."""
    net = Net()
    scaled = net.node("Div", ["data", net.constant("half", 127.5)], "scaled")
    ended(net, net.node("Sub", [scaled, net.constant("one", 1.0)], "normal"))
    outcome(model(net), tmp_path, "raw").check()
    with pytest.raises(HearthError, match=r"scales its image itself, by .*: --preprocessing raw$"):
        measured(model(net), tmp_path)


def test_normalizing_twice_is_refused(tmp_path: Path) -> None:
    net = Net()
    ended(net, sub_div(net))
    message = "net: the file subtracts a mean from its image itself, .*: --preprocessing unit$"
    with pytest.raises(HearthError, match=message):
        measured(model(net), tmp_path, preprocessing="torchvision")
    with pytest.raises(HearthError, match=r"white would be \S+ away .*: --preprocessing unit$"):
        measured(model(net), tmp_path, preprocessing="raw")


def test_learned_normalization_may_follow_another(tmp_path: Path) -> None:
    net = Net()
    ended(net, batch_norm(net))
    outcome(model(net), tmp_path, "torchvision").check(40.0)


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        ("Sub", (3, SIDE, SIDE), "one number or one per channel"),
        ("Mul", (SIDE,), "one number or one per channel"),
    ],
)
def test_other_arithmetic_is_refused(
    op: str, shape: tuple[int, ...], message: str, tmp_path: Path
) -> None:
    net = Net()
    ended(net, net.node(op, ["data", net.constant("c", np.ones(shape))], "odd"))
    with pytest.raises(HearthError, match=f"odd: .*{message}"):
        measured(model(net), tmp_path)


def test_dividing_by_the_image_is_refused(tmp_path: Path) -> None:
    net = Net()
    ended(net, net.node("Div", [net.constant("one", 1.0), "data"], "odd"))
    with pytest.raises(HearthError, match="odd: divides a number by its input"):
        measured(model(net), tmp_path)


def test_a_colour_that_vanishes_is_refused(tmp_path: Path) -> None:
    net = Net()
    ended(net, net.node("Mul", ["data", column(net, "gain", [1.0, 0.0, 1.0])], "odd"))
    with pytest.raises(HearthError, match="multiplies a colour by zero"):
        measured(model(net), tmp_path)


# ---------------------------------------------------------------------------------- channels last


def to_first(net: Net, source: str, name: str) -> str:
    return net.node("Transpose", [source], name, perm=[0, 3, 1, 2])


def to_last(net: Net, source: str, name: str) -> str:
    return net.node("Transpose", [source], name, perm=[0, 2, 3, 1])


LAST = ("N", SIDE, SIDE, 3)


def test_channels_last_at_the_start(tmp_path: Path) -> None:
    net = Net()
    ended(net, to_first(net, "data", "t"))
    outcome(model(net, shape=LAST), tmp_path).check()


def test_normalized_channels_last(tmp_path: Path) -> None:
    net = Net()
    centred = net.node("Sub", ["data", net.constant("mean", MEAN)], "centred")
    normal = net.node("Div", [centred, net.constant("std", STD.reshape(1, 1, 3))], "normal")
    ended(net, to_first(net, normal, "t"))
    outcome(model(net, shape=LAST), tmp_path).check(42.0)


def test_transposes_between_layers_cancel(tmp_path: Path) -> None:
    """As tf2onnx writes every layer: convolutions channels first, the rest channels last."""
    net = Net()
    tensor = net.conv(to_first(net, "data", "t0"), "conv1", (8, 3, 3), strides=[2, 2])
    tensor = to_first(net, net.relu(to_last(net, tensor, "l1"), "r1"), "t1")
    pooled = net.node("MaxPool", [tensor], "p1", kernel_shape=[3, 3], strides=[2, 2])
    tensor = to_first(net, to_last(net, pooled, "l2"), "t2")
    middle = to_last(net, net.conv_relu(tensor, "squeeze", (4, 8, 1)), "l3")
    parts = [
        to_last(net, net.conv_relu(to_first(net, middle, f"t{k}"), k, (5, 4, n), **pads), f"l{k}")
        for k, n, pads in (("e1", 1, {}), ("e3", 3, {"pads": [1] * 4}))
    ]
    joined = net.node("Concat", parts, "joined", axis=3)
    scores = to_last(net, net.conv(to_first(net, joined, "t9"), "c", (9, 10, 1)), "l9")
    mean = net.node("ReduceMean", [scores], "mean", axes=[1, 2], keepdims=0)
    product = net.node("MatMul", [mean, net.constant("w", net.rng.normal(0, 1, (9, 7)))], "m")
    biased = net.node("Add", [product, net.constant("b", net.rng.normal(0, 1, 7))], "logits")
    net.node("Softmax", [biased], "probabilities")
    found = outcome(model(net, shape=LAST), tmp_path)
    found.check()
    assert found.kinds == ["conv", "maxpool", "conv", "conv", "conv", "globalpool", "topk"]


@pytest.mark.parametrize("keep", [0, 1])
def test_head_channels_last(keep: int, tmp_path: Path) -> None:
    """Pool, transposed, flattened, ranked: all at one pixel, where order is that of values."""
    net = Net()
    pool = net.node("GlobalAveragePool", [classifier(net, to_first(net, "data", "t"))], "pool")
    last = to_last(net, pool, "last")
    if keep:
        net.node("Softmax", [last], "p", axis=3)
        net.node("Reshape", ["p", net.constant("s", [-1, CLASSES], np.int64)], "logits")
    else:
        net.node("Flatten", [last], "logits")
    found = outcome(model(net, shape=LAST), tmp_path)
    wanted = found.file.argmax(axis=1)
    assert (found.ours.argmax(axis=1) == wanted).all()


@pytest.mark.parametrize("op", ["Squeeze", "Flatten"])
def test_linear_channels_last(op: str, tmp_path: Path) -> None:
    """A pooled map turned to channels last, without its pixels, through a MatMul."""
    net = Net()
    pool = net.node("GlobalAveragePool", [classifier(net, to_first(net, "data", "t"))], "pool")
    axes = [net.constant("axes", [1, 2], np.int64)] if op == "Squeeze" else []
    flat = net.node(op, [to_last(net, pool, "last"), *axes], "flat")
    weights = net.constant("w", net.rng.normal(0, 1, (CLASSES, 5)))
    net.node("MatMul", [flat, weights], "logits")
    outcome(model(net, shape=LAST), tmp_path).check()


def test_a_transpose_that_does_not_cancel_is_refused(tmp_path: Path) -> None:
    net = Net()
    turned = net.node("Transpose", ["data"], "turned", perm=[0, 1, 3, 2])
    ended(net, turned)
    with pytest.raises(HearthError, match="Transpose is supported only where it cancels"):
        measured(model(net), tmp_path)


def test_channels_last_without_a_transpose_is_refused(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, SIDE, 3), pads=[1] * 4)
    net.head(tensor, 8)
    with pytest.raises(HearthError, match="Transpose is supported only where it cancels"):
        measured(model(net, shape=LAST), tmp_path)


# ------------------------------------------------------------------------------------ pool first


def test_few_bits_behind_a_pool_on_the_image(tmp_path: Path) -> None:
    """The columns that few-bit weights learn from are pixels there, not prepared values."""
    net = Net()
    first = net.node("MaxPool", ["data"], "first", kernel_shape=[2, 2], strides=[2, 2])
    tensor = net.conv_relu(first, "conv1", (8, 3, 3), pads=[1] * 4)
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    request = Request(Plan(Format(7, True)))
    with pytest.warns(UserWarning, match="few-bit weights are calibrated on"):
        outcome(model(net), tmp_path, "torchvision", weights=request).check(35.0)


@pytest.mark.parametrize("preset", ["unit", "caffe", "torchvision"])
def test_max_pool_on_the_image(preset: str, tmp_path: Path) -> None:
    net = Net()
    first = net.node("MaxPool", ["data"], "first", kernel_shape=[2, 2], strides=[2, 2])
    second = net.node("MaxPool", [first], "second", kernel_shape=[3, 3], pads=[1] * 4)
    tensor = net.conv_relu(second, "conv1", (8, 3, 3), pads=[1] * 4)
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path, preset)
    found.check(40.0)
    assert found.kinds[:2] == ["maxpool", "maxpool"]
    decibels = found.state.qgraph.notes["snr_db"]
    assert min(decibels["first"], decibels["second"]) > 100, "bytes are exact"


def test_max_pool_on_a_negative_is_refused(tmp_path: Path) -> None:
    net = Net()
    pool = net.node("MaxPool", [negative(net)], "first", kernel_shape=[2, 2], strides=[2, 2])
    ended(net, pool)
    with pytest.raises(HearthError, match="first: a max-pool on the image itself needs"):
        measured(model(net), tmp_path)
