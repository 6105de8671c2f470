"""Activations in every spelling: one table each, near their file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.ir import FloatTable
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import CLASSES, measured, model, outcome
from tests.nets.onnx_nets import Net


def swish(net: Net, x: str) -> str:
    return net.node("Mul", [x, net.node("Sigmoid", [x], "s")], "y")


def mish(net: Net, x: str) -> str:
    soft = net.node("Tanh", [net.node("Softplus", [x], "soft")], "tanh")
    return net.node("Mul", [x, soft], "y")


def gelu(net: Net, x: str) -> str:
    root = net.node("Div", [x, net.constant("root", np.sqrt(2))], "over")
    more = net.node("Add", [net.node("Erf", [root], "erf"), net.constant("one", 1)], "more")
    return net.node("Mul", [net.node("Mul", [x, more], "twice"), net.constant("half", 0.5)], "y")


def hard_swish(net: Net, x: str) -> str:
    return net.node("Mul", [x, net.node("HardSigmoid", [x], "s", alpha=1 / 6)], "y")


def slopes(net: Net, x: str) -> str:
    return net.node("PRelu", [x, net.constant("a", np.linspace(0, 0.6, 8).reshape(8, 1, 1))], "y")


def one_slope(net: Net, x: str) -> str:
    return net.node("PRelu", [x, net.constant("a", [[[0.3]]])], "y")


def single(op: str, **attributes: float) -> Callable[[Net, str], str]:
    def made(net: Net, x: str) -> str:
        return net.node(op, [x], "y", **attributes)

    made.__name__ = op
    return made


def clip(low: float | None, high: float | None) -> Callable[[Net, str], str]:
    def made(net: Net, x: str) -> str:
        bounds = [
            "" if bound is None else net.constant(name, bound)
            for name, bound in (("low", low), ("high", high))
        ]
        return net.node("Clip", [x, *bounds], "y")

    made.__name__ = f"clip from {low} to {high}"
    return made


def between(net: Net, x: str) -> str:
    """Hardtanh in an older spelling."""
    low = net.node("Min", [x, net.constant("one", 1)], "below")
    return net.node("Max", [net.constant("minus", -1), low], "y")


def branching(net: Net, x: str) -> str:
    """A Relu of what another layer reads too."""
    return net.node("Add", [net.relu(x, "r"), net.conv(x, "past", (8, 8, 1))], "sum")


POSITIVE = (
    *("Abs", "Sigmoid", "Softplus", "HardSigmoid", "branching"),
    *("clip from 0.2 to None", "clip from 0.1 to 1.8"),
)
FORMS = (
    *(swish, mish, gelu, hard_swish, slopes, one_slope, branching),
    *(single("LeakyRelu", alpha=0.1), single("Elu", alpha=0.5), single("HardSwish")),
    *(single("Abs"), single("Celu", alpha=2.0), single("Selu"), single("Softsign")),
    *(between, clip(-1, 1), clip(-0.3, 0.7), clip(None, 0.4), clip(-0.1, None)),
    *(clip(0.2, None), clip(0.1, 1.8), clip(-0.9, -0.1)),
    *(single("Sigmoid"), single("Tanh"), single("Softplus"), single("HardSigmoid")),
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_near_its_file(form: Callable[[Net, str], str], tmp_path: Path) -> None:
    net = Net(14)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(form(net, tensor), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check(38)
    tables = [x for x in found.state.front.graph.layers if isinstance(x, FloatTable)]
    assert len(tables) == 1
    (table,) = (x for x in found.state.qgraph.layers if x.kind == "table")
    assert table.target.signed is not (form.__name__ in POSITIVE)


def test_what_a_function_cannot_tell_apart_costs_no_bits(tmp_path: Path) -> None:
    """The map in front of a Hardtanh reaches as far as that tells values apart."""
    net = Net(14)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(clip(-0.5, 0.5)(net, tensor), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    state = measured(model(net), tmp_path)
    (table,) = (x for x in state.qgraph.layers if x.kind == "table")
    assert table.source.scale * 127 == pytest.approx(0.5, rel=1e-3)
    assert table.target.scale * 127 == pytest.approx(0.5, rel=0.02)


def test_a_clip_without_bounds_is_nothing(tmp_path: Path) -> None:
    net = Net(14)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(clip(None, None)(net, tensor), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    found = outcome(model(net), tmp_path)
    found.check()
    assert "table" not in found.kinds


def test_signs_are_told_exactly(tmp_path: Path) -> None:
    """A step of the map in front decides; of a value that rounds to 0 the sign is 0."""
    net = Net(14)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(net.node("Sign", [tensor], "y"), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    state = measured(model(net), tmp_path)
    (table,) = (x for x in state.qgraph.layers if x.kind == "table")
    values = np.arange(-128, 128).astype(np.int8)
    frames = np.zeros((1, *table.source.shape), np.int8)
    frames.reshape(-1)[:256] = values
    found = table.golden(frames).reshape(-1)[:256] * table.target.scale
    assert np.allclose(found, np.sign(values), atol=0.02)


def test_slopes_that_are_no_constant_are_refused(tmp_path: Path) -> None:
    net = Net(14)
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    scores = net.conv(net.node("PRelu", [tensor, tensor], "y"), "conv10", (CLASSES, 8, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")
    with pytest.raises(HearthError, match=r"^y: PRelu is supported with one constant slope"):
        measured(model(net), tmp_path)
