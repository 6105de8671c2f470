"""Quantized files of networks whose paths meet: their integers, sums and concatenations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hearth.toolchain.adopt.links import Link
from hearth.toolchain.adopt.segments import Grid, change
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.quantized.kept import Quantizer
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.support.errors import HearthError
from tests.frontend.test_graphs import bypass, complex_bypass, half_rectified, inception, residual
from tests.fuzz.judge import judge
from tests.nets.onnx_nets import Net
from tests.nets.quantized_nets import (
    ENOUGH,
    UNIT,
    Qdq,
    against_file,
    conv,
    imported,
    kinds,
    static,
    tensor,
)
from tests.saved.test_qdq_graphs import averaged
from tests.shared import SHARED, needs

FORMS = (bypass, complex_bypass, residual, inception, half_rectified, averaged)
SYMMETRIC: dict[str, Any] = {
    "activation_type": QuantType.QInt8,
    "extra_options": {"ActivationSymmetric": True},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "zero points": {},
    "per tensor": {"per_channel": False, "activation_type": QuantType.QInt8},
    "symmetric": SYMMETRIC,
    "operators": {"quant_format": QuantFormat.QOperator},
}
NEEDS_SYMMETRIC = (complex_bypass, half_rectified)
"""Signed results that a convolution reads."""


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_comes_in_as_it_runs(name: str, form: Any, tmp_path: Path) -> None:
    options = VARIANTS[name]
    if form in NEEDS_SYMMETRIC:
        options = {**options, **SYMMETRIC}
    net = Net(13)
    form(net)
    proto = static(tmp_path, UNIT, net.model(), **options)
    found = imported(proto, tmp_path, UNIT)
    # A mean of six lies halfway between two steps at one in six, and float32 decides.
    enough = 38 if form is averaged else ENOUGH
    assert against_file(found, proto, tmp_path, UNIT) > enough
    assert found.notes["quantized_file"] == []


def edges(found: QGraph) -> dict[str, Any]:
    return {edge.name: edge for edge in found.edges}


def test_a_sum_is_between_the_files_scales(tmp_path: Path) -> None:
    """Signed integers with any zero point: 16 bits hold them, and sums take these."""
    net = Net(13)
    residual(net)
    proto = static(tmp_path, UNIT, net.model())
    found = imported(proto, tmp_path, UNIT)
    total = next(layer for layer in found.layers if layer.kind == "addition")
    past, through = (tensor(proto, f"{name}_scale") for name in ("b1_pre", "conv1"))
    result = tensor(proto, "out1_scale")
    assert [edge.scale for edge in total.sources] == [float(past), float(through)]
    assert total.target.scale == float(result)
    zero = int(tensor(proto, "b1_pre_zero_point"))
    branch = total.sources[0]
    assert (branch.bits, branch.low, branch.high) == (16, -zero, 255 - zero)
    one = np.ones((1, *total.target.shape), np.int64)
    wanted = np.rint((60 * past + 90 * through) / result)
    assert (total.golden(60 * one, 90 * one) == wanted).all()


HALVES = (("one", 1), ("three", 3))


def branches(inner: tuple[Any, Any], joined: Any, pool: Any = None) -> Qdq:
    """Two branches of one source with quantizers (scale, zero) of their own or none, a Concat that
    an average pool behind keeps from being an expand stage, and a quantizer of it or none."""
    net = Qdq()
    first = net.pair(net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r"), 0.02)
    ends = []
    for (name, kernel), chosen in zip(HALVES, inner, strict=True):
        made = net.relu(net.quantized_conv(first, name, (5, 6, kernel)), f"{name}r")
        ends.append(made if chosen is None else net.pair(made, *chosen))
    past = net.node("MaxPool", [first], "past", kernel_shape=[3, 3], pads=[1] * 4)
    ends.append(past if pool is None else net.pair(past, *pool))
    whole = net.node("Concat", ends, "whole", axis=1)
    last = net.quantized_conv(
        whole if joined is None else net.pair(whole, *joined), "conv2", (4, 16, 1)
    )
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    return net


def test_branches_of_one_scale_need_no_tables(tmp_path: Path) -> None:
    proto = branches(((0.02, 0), (0.02, 0)), (0.02, 0)).model()
    found = imported(proto, tmp_path, UNIT)
    assert "table" not in kinds(found)
    assert against_file(found, proto, tmp_path, UNIT) > 70


def test_branches_that_a_concat_rounds_are_rounded_once(tmp_path: Path) -> None:
    """Without quantizers of their own they take the Concat's; what has another reader gets a
    table."""
    proto = branches((None, None), (0.03, 0)).model()
    found = imported(proto, tmp_path, UNIT)
    assert kinds(found).count("table") == 1
    assert [conv(found, name).target.scale for name, _ in HALVES] == [np.float32(0.03)] * 2
    assert against_file(found, proto, tmp_path, UNIT) > 70


def test_branches_of_scales_of_their_own_get_tables(tmp_path: Path) -> None:
    proto = branches(((0.021, 0), (0.017, 3)), (0.03, 0), (0.025, 0)).model()
    found = imported(proto, tmp_path, UNIT)
    assert kinds(found).count("table") == 4  # two branches, the pool, and the pool's branch
    assert against_file(found, proto, tmp_path, UNIT) > 70


def test_branches_that_nothing_brings_to_one_scale_are_refused(tmp_path: Path) -> None:
    proto = branches(((0.021, 0), (0.017, 0)), None).model()
    with pytest.raises(
        HearthError, match=r"whole: its sources have scales from 0\.017 to 0\.021, and no"
    ):
        imported(proto, tmp_path, UNIT)


def test_a_concat_brings_its_sources_to_one_grid() -> None:
    steps = (Link((Quantizer("q", 1.0, -1, 2),)),)
    made = change("joined", [Grid(0.5, 0, 7), Grid(1.0, -2, 1)], steps)
    assert [levels.tolist() for levels in made.maps] == [[0, 0, 1, 2, 2, 2, 2, 2], [-1, -1, 0, 1]]
    assert made.target == Grid(1.0, -1, 2)


def test_paths_with_quantizers_of_their_own_are_refused(tmp_path: Path) -> None:
    """A bypass that is rounded in another way than what goes past it."""
    net = Qdq()
    first = net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r")
    past = net.pair(net.node("Identity", [first], "conv1i"), 0.03)
    inner = net.pair(net.quantized_conv(net.pair(first, 0.02), "conv2", (6, 6, 3)), 0.02, 128)
    total = net.pair(net.relu(net.node("Add", [inner, past], "sum"), "sumr"), 0.03)
    last = net.quantized_conv(total, "conv3", (4, 6, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    with pytest.raises(
        HearthError, match=r"conv1r\.q and conv1i\.q: two layers read one result through different"
    ):
        imported(net.model(), tmp_path, UNIT)


def test_an_activation_is_refused(tmp_path: Path) -> None:
    net = Net(13)
    tensor_ = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    net.head(net.node("LeakyRelu", [tensor_], "leaky"), 8)
    proto = static(tmp_path, UNIT, net.model(), **SYMMETRIC)
    with pytest.raises(
        HearthError, match="leaky: layers of this kind have no form on the integers"
    ):
        imported(proto, tmp_path, UNIT)


def from_the_image(scale: float) -> Qdq:
    """A convolution reads the image, another what a max-pool makes of it."""
    net = Qdq()
    image = net.pair("data", 1 / 255)
    pooled = net.node("MaxPool", [image], "pooled", kernel_shape=[3, 3], pads=[1] * 4)
    ends = [
        net.pair(net.relu(net.quantized_conv(source, name, (5, 3, kernel)), f"{name}r"), 0.02)
        for source, (name, kernel) in zip((image, net.pair(pooled, scale)), HALVES, strict=True)
    ]
    whole = net.pair(net.node("Concat", ends, "whole", axis=1), 0.02)
    last = net.quantized_conv(whole, "conv2", (4, 10, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    return net


def test_several_layers_read_the_image(tmp_path: Path) -> None:
    proto = from_the_image(1 / 255).model()
    found = imported(proto, tmp_path, UNIT)
    assert against_file(found, proto, tmp_path, UNIT) > 70
    with pytest.raises(HearthError, match=r"pooled\.q: changes what the max-pool pooled makes of"):
        imported(from_the_image(1 / 200).model(), tmp_path, UNIT)


class Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Feeds a shared network's calibration pictures, pixels / 255."""

    def __init__(self, name: str, pictures: Array) -> None:
        planes = as_float(pictures, UNIT)
        self.rest = iter({name: plane[None]} for plane in planes)

    def get_next(self) -> dict[str, Array] | None:
        return next(self.rest, None)


@needs("networks")
@pytest.mark.parametrize("name", ["resnet_identity_conv_head", "inception_conv_head"])
def test_networks_that_pytorch_exported(name: str, tmp_path: Path) -> None:
    """Through all passes in front of synthesis; score by score what ONNX Runtime computes."""
    path = SHARED / "networks" / f"{name}.onnx"
    stored = np.load(SHARED / "networks" / "calib.npz")
    pictures = stored[stored.files[0]][:8]
    np.save(tmp_path / "pictures.npy", pictures)
    entry = onnx.load(path).graph.input[0].name
    quantize_static(str(path), str(tmp_path / "q.onnx"), Pictures(entry, pictures))
    verdict = judge(tmp_path / "q.onnx", tmp_path / "pictures.npy")
    assert verdict.kind == "equal", verdict.detail
    assert verdict.decibels > 80
