"""Layers behind a global average pool in the middle of a network: one pixel, near their file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.toolchain.ir import FloatMean
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, body, measured, model, outcome
from tests.nets.onnx_nets import Net


def matrix(net: Net, name: str, *shape: int) -> str:
    return net.constant(name, net.rng.normal(0, 0.5, shape))


def pooled(net: Net) -> str:
    return net.node("GlobalAveragePool", [body(net)], "pool")


def gemms(net: Net) -> None:
    """PyTorch's classifier of two Linear layers."""
    row = net.node("Flatten", [pooled(net)], "row")
    row = net.node("Gemm", [row, matrix(net, "w", 9, 11), matrix(net, "b", 9)], "one", transB=1)
    row = net.node("Dropout", [net.relu(row, "r")], "d")
    net.node(
        "Gemm", [row, matrix(net, "v", CLASSES, 9), matrix(net, "c", CLASSES)], "logits", transB=1
    )


def means_and_products(net: Net) -> None:
    """tf2onnx's spelling, with biases and slopes added to rows."""
    row = net.node("ReduceMean", [body(net)], "pool", axes=[2, 3], keepdims=0)
    row = net.node("MatMul", [row, matrix(net, "w", 11, 9)], "product")
    row = net.node("Add", [row, matrix(net, "b", 9)], "sum")
    row = net.node("PRelu", [row, net.constant("a", np.linspace(0, 0.6, 9))], "r")
    row = net.node("MatMul", [row, matrix(net, "v", 9, CLASSES)], "end")
    net.node("Add", [row, matrix(net, "c", 1, CLASSES)], "logits")


def convs(net: Net) -> None:
    """1x1 convolutions, one with BatchNormalization, and a Hardtanh."""
    tensor = net.conv(pooled(net), "one", (9, 11, 1))
    norm = [net.constant(f"bn{i}", v) for i, v in enumerate(net.rng.uniform(0.5, 1.5, (4, 9)))]
    tensor = net.node("BatchNormalization", [tensor, *norm], "bn")
    bounds = [net.constant("low", -1.0), net.constant("high", 1.0)]
    tensor = net.node("Clip", [tensor, *bounds], "clip")
    net.node("Flatten", [net.conv(tensor, "two", (CLASSES, 9, 1))], "logits")


def there_and_back(net: Net) -> None:
    """Rows that are maps of a pixel again, behind which the same pool as everywhere ends."""
    row = net.node("Reshape", [pooled(net), net.constant("flat", [-1, 11], np.int64)], "row")
    row = net.node("Gemm", [row, matrix(net, "w", 11, 9)], "one")
    tensor = net.node(
        "Reshape", [net.relu(row, "r"), net.constant("s", [-1, 9, 1, 1], np.int64)], "t"
    )
    tensor = net.conv(tensor, "two", (CLASSES, 9, 1))
    net.node("GlobalAveragePool", [tensor], "logits")


def normalized(net: Net) -> None:
    """BatchNormalization of a row, in front of an activation."""
    row = net.node("Flatten", [pooled(net)], "row")
    norm = [net.constant(f"bn{i}", v) for i, v in enumerate(net.rng.uniform(0.5, 1.5, (4, 9)))]
    row = net.node("Gemm", [row, matrix(net, "w", 11, 9)], "one")
    row = net.relu(net.node("BatchNormalization", [row, *norm], "bn"), "r")
    net.node("Gemm", [row, matrix(net, "v", 9, CLASSES)], "logits")


FORMS = (gemms, means_and_products, convs, there_and_back, normalized)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_near_its_file(form: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(13)
    form(net)
    found = outcome(model(net), tmp_path)
    found.check(32)
    assert sum(isinstance(layer, FloatMean) for layer in found.state.front.graph.layers) == 1
    kinds = found.kinds
    assert kinds.count("rescale") == 1
    assert kinds.count("globalpool") == 2
    assert kinds[-2:] == ["globalpool", "topk"]


def test_what_is_rectified_has_an_unsigned_mean(tmp_path: Path) -> None:
    net = Net(13)
    gemms(net)
    edges = {edge.name: edge for edge in measured(model(net), tmp_path).qgraph.edges}
    assert (edges["pool"].bits, edges["pool"].signed) == (8, False)
    assert edges["pool/sums"].scale * 7 * 7 == pytest.approx(edges["fire2/concat"].scale)


def test_one_linear_layer_still_moves_in_front_of_its_pool(tmp_path: Path) -> None:
    net = Net(13)
    row = net.node("Flatten", [pooled(net)], "row")
    net.node("Gemm", [row, matrix(net, "w", 11, CLASSES)], "logits")
    found = outcome(model(net), tmp_path)
    found.check(40)
    assert found.kinds.count("globalpool") == 1
    assert "rescale" not in found.kinds


def refused(spell: Callable[[Net, str], Any], tmp_path: Path) -> str:
    net = Net(13)
    spell(net, net.node("Flatten", [pooled(net)], "row"))
    with pytest.raises(HearthError) as error:
        measured(model(net), tmp_path)
    return str(error.value)


def test_rows_used_otherwise_are_refused(tmp_path: Path) -> None:
    def joined(net: Net, row: str) -> None:
        both = net.node("Concat", [row, net.relu(row, "r")], "both", axis=1)
        net.node("Gemm", [both, matrix(net, "w", 22, CLASSES)], "logits")

    assert "Flatten is supported only after the global average pool" in refused(joined, tmp_path)


def test_a_matrix_of_another_size_is_refused(tmp_path: Path) -> None:
    def wrong(net: Net, row: str) -> None:
        row = net.node("Gemm", [net.node("Tanh", [row], "t"), net.constant("w", 1.0)], "one")
        net.node("Relu", [row], "logits")

    assert refused(wrong, tmp_path).startswith("one: weights should be a matrix for 11 values")
