"""Maps multiplied by gates of one pixel, or by one another: near their file; refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.gating import Gating
from hearth.toolchain.ir import Edge, FloatMul
from hearth.toolchain.quantize.joins import gated
from hearth.toolchain.support.errors import HearthError
from tests.frontend.test_graphs import SAME, scored
from tests.nets.forms import measured, model, outcome
from tests.nets.onnx_nets import Net


def stem(net: Net) -> str:
    return net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])


def squeeze_and_excite(net: Net) -> None:
    """MobileNet v3's: 1x1 convolutions, HardSigmoid."""
    tensor = stem(net)
    gate = net.node("GlobalAveragePool", [tensor], "squeezed")
    gate = net.conv(net.conv_relu(gate, "fewer", (4, 8, 1)), "excite", (8, 4, 1))
    gate = net.node("HardSigmoid", [gate], "gate", alpha=1 / 6)
    tensor = net.node("Mul", [tensor, gate], "gated")
    scored(net, net.conv_relu(tensor, "behind", (8, 8, 3), **SAME), 8)


def linear_layers(net: Net) -> None:
    """SE-ResNet's: Linear layers between shapes, Sigmoid, a signed map; the gate first."""
    tensor = net.conv(stem(net), "signed", (8, 8, 3), **SAME)
    row = net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "squeezed")], "row")
    shapes = {"w": (8, 4), "v": (4, 8)}
    weights = [net.constant(n, net.rng.normal(0, 0.7, s)) for n, s in shapes.items()]
    row = net.relu(net.node("Gemm", [row, weights[0]], "fewer"), "r")
    row = net.node("Sigmoid", [net.node("MatMul", [row, weights[1]], "excite")], "s")
    shape = net.constant("shape", [-1, 8, 1, 1], np.int64)
    gate = net.node("Reshape", [row, shape], "gate")
    total = net.node("Add", [net.node("Mul", [gate, tensor], "gated"), "conv1"], "sum")
    scored(net, net.relu(total, "out"), 8)


def two_maps(net: Net) -> None:
    """A gated linear unit, with a Relu behind the product."""
    tensor = stem(net)
    gate = net.node("Sigmoid", [net.conv(tensor, "g", (8, 8, 1))], "gate")
    product = net.node("Mul", [net.conv(tensor, "x", (8, 8, 3), **SAME), gate], "gated")
    scored(net, net.relu(product, "r"), 8)


FORMS: dict[Callable[[Net], None], bool] = {
    squeeze_and_excite: False,
    linear_layers: True,
    two_maps: False,
}
"""Whether the product is signed."""


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_near_its_file(form: Callable[[Net], None], tmp_path: Path) -> None:
    net = Net(13)
    form(net)
    found = outcome(model(net), tmp_path)
    found.check(33)
    assert sum(isinstance(layer, FloatMul) for layer in found.state.front.graph.layers) == 1
    (layer,) = (x for x in found.state.qgraph.layers if isinstance(x, Gating))
    assert layer.target.signed is FORMS[form]
    assert layer.multiplier >= 1 << 15


def refused(spell: Callable[[Net, str], str], tmp_path: Path) -> str:
    net = Net(13)
    scored(net, spell(net, stem(net)), 8)
    with pytest.raises(HearthError) as error:
        measured(model(net), tmp_path)
    return str(error.value)


def test_a_gate_of_other_channels_is_refused(tmp_path: Path) -> None:
    def one_channel(net: Net, tensor: str) -> str:
        return net.node("Mul", [tensor, net.conv_relu(tensor, "g", (1, 8, 1))], "gated")

    message = refused(one_channel, tmp_path)
    assert message == (
        "gated: a map is multiplied by one of its shape, or by a pixel of as many channels, found"
        " 'conv1' (15x15 pixels, 8 channels) and 'g' (15x15 pixels, 1 channels)"
    )


def test_the_image_itself_has_no_gate(tmp_path: Path) -> None:
    def image(net: Net, tensor: str) -> str:
        gate = net.conv_relu(net.node("GlobalAveragePool", [tensor], "s"), "g", (3, 8, 1))
        return net.conv_relu(net.node("Mul", ["data", gate], "gated"), "behind", (8, 3, 3))

    assert "first layer besides max-pools should be a convolution, found gated" in refused(
        image, tmp_path
    )


def test_multipliers_of_a_product() -> None:
    """As large as 16 bits hold; with a shift that hardware demands, the range widens instead."""
    a, b = Edge("a", 1, 1, 1, scale=0.01), Edge("b", 1, 1, 1, scale=0.004)
    target = Edge("y", 1, 1, 1, scale=0.01)
    layer = gated("product", (a, b), target, None)
    assert layer.target == target
    assert 1 << 15 <= layer.multiplier < 1 << 16
    wider = gated("product", (a, b), target, layer.shift + 2)
    assert wider.target.scale == pytest.approx(4 * target.scale)
    ones = np.full((1, 1, 1, 1), 200, np.uint8)
    assert layer.golden(ones, ones).item() == round(200 * 200 * 0.004)
    assert wider.golden(ones, ones).item() == round(200 * 200 * 0.001)


def test_scales_that_no_multiplier_holds_are_refused() -> None:
    a, b = Edge("a", 1, 1, 1, scale=1e-9), Edge("b", 1, 1, 1, scale=1e-9)
    with pytest.raises(HearthError, match="product: 'a' and 'b' are multiplied, but a step"):
        gated("product", (a, b), Edge("y", 1, 1, 1, scale=1.0), None)
