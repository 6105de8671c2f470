"""SqueezeNet with bypass, made of one without: an untrained complex bypass changes no integer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from hearth.toolchain.ir import golden
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, measured, model
from tests.nets.onnx_nets import Net, photographs, save
from weights.bypass import bypassed


def squeezenet() -> onnx.ModelProto:
    """Two Fire modules: one makes more channels than it reads, the other as many."""
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.fire(tensor, "fire2", (8, 4, 6, 5))
    tensor = net.fire(tensor, "fire3", (11, 4, 6, 5))
    scores = net.conv(tensor, "conv10", (CLASSES, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    return model(net)


def kinds(proto: onnx.ModelProto, folder: Path) -> list[str]:
    return [layer.kind for layer in measured(proto, folder).qgraph.layers]


@pytest.mark.parametrize(("kind", "sums"), [("simple", 1), ("complex", 1), ("both", 2)])
def test_where_it_goes(kind: str, sums: int, tmp_path: Path) -> None:
    made = bypassed(save(squeezenet(), tmp_path), kind)
    assert kinds(made, tmp_path).count("addition") == sums
    past = [node for node in made.graph.node if node.name.endswith("/bypass1x1")]
    assert len(past) == (kind != "simple")


def test_an_untrained_convolution_past_a_module_changes_nothing(tmp_path: Path) -> None:
    plain = measured(squeezenet(), tmp_path)
    past = measured(bypassed(save(squeezenet(), tmp_path), "complex"), tmp_path)
    frames = photographs(8, 32, 32)
    assert [layer.kind for layer in past.qgraph.layers].count("addition") == 1
    ours, theirs = (golden.outputs(state.qgraph, frames) for state in (past, plain))
    assert np.array_equal(ours, theirs)


def test_no_fire_module(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    scores = net.conv(tensor, "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    with pytest.raises(HearthError, match="no Fire module is there that a simple bypass"):
        bypassed(save(model(net), tmp_path), "simple")
