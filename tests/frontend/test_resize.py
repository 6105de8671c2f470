"""Maps made larger: pixels repeated, near their file; everything else refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hearth.hw.layers.upsample import Upsample
from hearth.toolchain.ir import Edge
from hearth.toolchain.support.errors import HearthError
from tests.frontend.test_graphs import SAME, scored
from tests.nets.forms import measured, model, outcome
from tests.nets.onnx_nets import Net


def resized(net: Net, source: str, name: str, scales: list[float], **attributes: Any) -> str:
    given = net.constant(f"{name}.scales", np.array(scales, np.float32), np.float32)
    return net.node("Resize", [source, "", given], name, **attributes)


def stem(net: Net) -> str:
    return net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2], **SAME)


def decoder(net: Net, **attributes: Any) -> None:
    """U-Net's: a map half as large, twice as large again, beside what it was made of."""
    tensor = stem(net)
    lower = net.conv_relu(tensor, "lower", (6, 8, 3), strides=[2, 2], **SAME)
    upper = resized(net, lower, "upper", [1, 1, 2, 2], **attributes)
    joined = net.node("Concat", [upper, tensor], "joined", axis=1)
    scored(net, net.conv_relu(joined, "behind", (8, 14, 3), **SAME), 8)


RULES: list[dict[str, Any]] = [
    {},
    {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    {"coordinate_transformation_mode": "pytorch_half_pixel", "nearest_mode": "round_prefer_ceil"},
    {"coordinate_transformation_mode": "tf_half_pixel_for_nn", "nearest_mode": "floor"},
]


@pytest.mark.parametrize("rule", RULES)
def test_decoder(rule: dict[str, Any], tmp_path: Path) -> None:
    net = Net()
    decoder(net, **rule)
    found = outcome(model(net), tmp_path)
    found.check()
    (layer,) = (x for x in found.state.qgraph.layers if isinstance(x, Upsample))
    assert (layer.factors, layer.source.scale) == ((2, 2), layer.target.scale)


def test_each_axis_of_its_own(tmp_path: Path) -> None:
    """Of a signed map; a Relu behind."""
    net = Net()
    signed = net.conv(stem(net), "signed", (8, 8, 3), strides=[2, 2], **SAME)
    larger = resized(net, signed, "larger", [1, 1, 1, 3])
    scored(net, net.conv_relu(net.relu(larger, "r"), "behind", (8, 8, 3), **SAME), 8)
    found = outcome(model(net), tmp_path)
    found.check()
    (layer,) = (x for x in found.state.qgraph.layers if isinstance(x, Upsample))
    assert (layer.factors, layer.source.signed) == ((1, 3), True)


def test_sizes_in_pixels(tmp_path: Path) -> None:
    net = Net()
    sizes = net.constant("sizes", [1, 8, 48, 16], np.int64)
    scored(net, net.node("Resize", [stem(net), "", "", sizes], "larger", mode="nearest"), 8)
    state = measured(model(net, shape=(1, 3, 32, 32)), tmp_path)
    (layer,) = (x for x in state.qgraph.layers if isinstance(x, Upsample))
    assert layer.factors == (3, 1)


@pytest.mark.parametrize(
    ("scales", "attributes", "found"),
    [
        ([1, 1, 2, 2], {"mode": "linear"}, "mode 'linear', factors 2 and 2"),
        ([1, 1, 1.5, 2], {}, "mode 'nearest', factors 1.5 and 2"),
        ([1, 1, 0.5, 0.5], {}, "factors 0.5 and 0.5"),
        (
            [1, 1, 3, 3],
            {"coordinate_transformation_mode": "asymmetric"},
            "factors 3 and 3, coordinates 'asymmetric', nearest 'round_prefer_floor'",
        ),
        (
            [1, 1, 2, 2],
            {"coordinate_transformation_mode": "align_corners"},
            "coordinates 'align_corners'",
        ),
    ],
)
def test_what_is_no_repetition(
    scales: list[float], attributes: dict[str, Any], found: str, tmp_path: Path
) -> None:
    net = Net()
    scored(net, resized(net, stem(net), "upper", scales, **attributes), 8)
    with pytest.raises(HearthError, match=f"^upper: Resize is supported where it .*{found}"):
        measured(model(net), tmp_path)


def test_channels_and_sizes(tmp_path: Path) -> None:
    net = Net()
    scored(net, resized(net, stem(net), "upper", [1, 2, 2, 2]), 16)
    with pytest.raises(HearthError, match=r"^upper: Resize should have four scales, or sizes"):
        measured(model(net), tmp_path)
    net = Net()
    scored(net, resized(net, stem(net), "upper", [1, 1, 999, 1]), 8)
    with pytest.raises(HearthError, match=r"^upper: makes a map of 15984x16 pixels, larger than"):
        measured(model(net), tmp_path)


def test_shapes_that_do_not_fit() -> None:
    source = Edge("a", 4, 5, 3)
    with pytest.raises(HearthError, match=r"^up: each pixel of .4, 5, 3. 2x2 times does not make"):
        Upsample("up", source, Edge("b", 8, 5, 3), (2, 2))
