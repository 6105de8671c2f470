"""Networks whose paths part and meet, written as QDQ files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.addition import Addition
from hearth.toolchain.adopt.network import adopt
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import Graph, Preprocessing, QGraph, golden
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.saved.qdq_file import qdq_model
from hearth.toolchain.support.errors import HearthError
from tests.frontend.test_graphs import FORMS, residual, scored
from tests.nets.forms import model
from tests.nets.onnx_nets import Net, front_end, photographs

FRAMES = photographs(16, 32, 32)
UNIT = Preprocessing("RGB", (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))


def averaged(net: Net) -> None:
    """An average pool and a depthwise convolution with a ReLU6, side by side with a bypass."""
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    pooled = net.node("AveragePool", [tensor], "mean", kernel_shape=[3, 2], strides=[2, 2])
    deep = net.conv(tensor, "deep", (8, 1, 3, 2), group=8, strides=[2, 2])
    zero, six = net.constant("zero", 0), net.constant("six", 6)
    capped = net.node("Clip", [deep, zero, six], "capped")
    scored(net, net.node("Concat", [pooled, capped], "joined", axis=1), 16)


def from_the_image(net: Net) -> None:
    """Two convolutions and a max-pool read the photograph itself."""
    pooled = net.node("MaxPool", ["data"], "pooled", kernel_shape=[2, 2], strides=[2, 2])
    branches = [
        net.conv_relu("data", "one", (5, 3, 2), strides=[2, 2]),
        net.conv_relu(pooled, "two", (6, 3, 1)),
    ]
    scored(net, net.node("Concat", branches, "joined", axis=1), 11)


NETWORKS = (*FORMS, averaged, from_the_image)
IN_EVERY_ORDER = pytest.mark.parametrize(
    ("form", "order"),
    [*((form, "RGB") for form in NETWORKS), (residual, "BGR"), (from_the_image, "BGR")],
    ids=lambda value: getattr(value, "__name__", value),
)
"""All networks, and of those that read colours in the other order enough."""


def integers(form: Any, folder: Path, preprocessing: Preprocessing = UNIT) -> tuple[QGraph, Graph]:
    net = Net(13)
    form(net)
    found, graph = front_end(model(net), folder)
    statistics = calibration.collect(found, graph, [FRAMES], preprocessing, "test")
    return quantize(graph, statistics, preprocessing), graph


@IN_EVERY_ORDER
def test_onnx_runtime_follows(form: Any, order: str, tmp_path: Path) -> None:
    """Step by step: what is left is a sum whose multipliers of 16 bits miss its scales."""
    preprocessing = replace(UNIT, channel_order=order)
    written, graph = integers(form, tmp_path, preprocessing)
    session = runtime.session(qdq_model(written, graph), literal=True)
    frames = photographs(8, 32, 32, seed=5)
    theirs = session.run(None, {"data": as_float(frames, preprocessing)})[0]
    ours = golden.logits(written, golden.outputs(written, frames))
    noise = max(float(np.square(ours - theirs).sum()), 1e-30)
    assert 10 * np.log10(np.square(theirs).sum() / noise) > 60


@IN_EVERY_ORDER
def test_every_integer_comes_back(form: Any, order: str, tmp_path: Path) -> None:
    """On every edge, whatever photographs the reader calibrates with."""
    preprocessing = replace(UNIT, channel_order=order)
    written, graph = integers(form, tmp_path, preprocessing)
    model, graph = front_end(qdq_model(written, graph), tmp_path)
    statistics = calibration.collect(model, graph, [FRAMES[:4]], preprocessing, "test")
    found = adopt(quantize(graph, statistics, preprocessing), graph, model.kept)
    assert found.notes["quantized_file"] == []
    assert [layer.kind for layer in found.layers] == [layer.kind for layer in written.layers]
    ours, theirs = (golden.run(qgraph, FRAMES) for qgraph in (written, found))
    for edge, before, after in zip(written.edges, ours, theirs, strict=True):
        assert np.array_equal(before, after), edge.name


def test_what_a_file_cannot_say_is_refused(tmp_path: Path) -> None:
    def leaky(net: Net) -> None:
        tensor = net.conv("data", "conv1", (8, 3, 3))
        scored(net, net.node("LeakyRelu", [tensor], "leaky"), 8)

    with pytest.raises(HearthError, match="leaky: a table has no form in a QDQ file"):
        qdq_model(*integers(leaky, tmp_path))


def test_a_sum_of_another_shift_is_refused(tmp_path: Path) -> None:
    """Finished hardware had it; whoever reads scales finds multipliers of more bits."""
    qgraph, graph = integers(residual, tmp_path)

    def coarse(layer: Any) -> Any:
        if not isinstance(layer, Addition):
            return layer
        return replace(layer, multiplier=layer.multiplier >> 3, shift=layer.shift - 3)

    changed = replace(qgraph, layers=tuple(map(coarse, qgraph.layers)))
    with pytest.raises(HearthError, match=r"sum1: scales alone give its sum a shift of \d+, but"):
        qdq_model(changed, graph)
