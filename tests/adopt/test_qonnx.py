"""QONNX, QCDQ and old files: other spellings of the same quantizers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from hearth.toolchain.ir import golden
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import front_end
from tests.nets.quantized_nets import (
    ENOUGH,
    FRAMES,
    UNIT,
    Qdq,
    against_file,
    brevitas,
    changed,
    conv,
    imported,
    places,
    tensor,
)


@pytest.mark.parametrize("bits", range(2, 9))
def test_brevitas_weights_keep_their_bits(bits: int, tmp_path: Path) -> None:
    proto = brevitas(bits)
    found = imported(proto, tmp_path)
    layer = conv(found, "conv10")
    scale = tensor(proto, "conv10.quant.0").astype(np.float64)
    wanted = np.rint(tensor(proto, "conv10.weight") / scale).transpose(0, 2, 3, 1)
    assert (layer.window == wanted).all()
    assert layer.weight_bits == bits
    assert layer.source.scale == pytest.approx(0.03)
    assert golden.outputs(found, FRAMES[:2]).any()
    assert against_file(found, proto, tmp_path) > ENOUGH


@pytest.mark.parametrize(
    ("activation", "highest"),
    [
        ({"width": 4.0}, 15),
        ({"width": 3.0, "narrow": 1}, 6),
        ({"signed": 1}, 127),
        ({"zero": 9.0}, 246),
        ({"width": 2.0}, 3),
    ],
    ids=str,
)
def test_brevitas_activations_of_any_width(
    activation: dict[str, Any], highest: int, tmp_path: Path
) -> None:
    proto = brevitas(4, **activation)
    found = imported(proto, tmp_path)
    edge = conv(found, "conv1").target
    assert edge.low == 0
    assert edge.high == highest
    assert edge.scale == pytest.approx(0.03)
    assert against_file(found, proto, tmp_path) > ENOUGH


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: brevitas(4, rounding_mode="CEIL"), "rounding to nearest .* found CEIL"),
        (lambda: brevitas(4, width=np.inf), "its bit width should be a whole number, found inf"),
        (lambda: brevitas(4, width=3.5), "its bit width should be a whole number, found 3.5"),
        (lambda: brevitas(4, width=np.zeros(0)), "its bit width is empty"),
        (lambda: brevitas(4, width=40.0), "one bit width from 1 to 16 is expected, found 40"),
        (lambda: brevitas(4, zero=0.5), "its zero point should be a whole number, found 0.5"),
        (lambda: brevitas(10), "weights should be integers of 8 bits"),
    ],
)
def test_quants_that_hardware_cannot_do_are_refused(
    make: Callable[[], onnx.ModelProto], message: str, tmp_path: Path
) -> None:
    with pytest.raises(HearthError, match=message):
        front_end(make(), tmp_path)


def test_a_narrow_range_leaves_the_lowest_value_out(tmp_path: Path) -> None:
    proto = brevitas(4)
    proto = changed(proto, "conv10.quant.0", tensor(proto, "conv10.quant.0") / 2)
    found = conv(imported(proto, tmp_path), "conv10")
    assert (found.window.min(), found.window.max()) == (-7, 7)
    assert against_file(imported(proto, tmp_path), proto, tmp_path) > ENOUGH


def test_two_values_are_refused_by_name(tmp_path: Path) -> None:
    proto = brevitas(4)
    next(n for n in proto.graph.node if n.name == "conv1.quant").op_type = "BipolarQuant"
    with pytest.raises(HearthError, match=r"conv1\.quant: quantizers to two values are not"):
        front_end(proto, tmp_path)


def test_initializers_may_be_inputs_too(tmp_path: Path) -> None:
    """As files before IR version 4 have to list them."""
    proto = places()
    for stored in list(proto.graph.initializer):
        info = helper.make_tensor_value_info(stored.name, stored.data_type, list(stored.dims))
        proto.graph.input.append(info)
    assert against_file(imported(proto, tmp_path, UNIT), proto, tmp_path, UNIT) > 55


def test_a_clip_between_the_two_halves_narrows(tmp_path: Path) -> None:
    """QCDQ: activations of 4 bits."""
    net = Qdq()
    relu = net.relu(net.quantized_conv("data", "conv1", (6, 3, 3)), "conv1r")
    names = [net.constant("s", 0.1), net.constant("z", 0, np.uint8)]
    codes = net.node("QuantizeLinear", [relu, *names], "codes")
    bounds = [net.constant("low", 0, np.uint8), net.constant("high", 15, np.uint8)]
    clipped = net.node("Clip", [codes, *bounds], "clipped")
    last = net.quantized_conv(
        net.node("DequantizeLinear", [clipped, *names], "real"), "c", (4, 6, 1)
    )
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "gap")], "logits")
    found = imported(net.model(), tmp_path, UNIT)
    assert (conv(found, "conv1").target.low, conv(found, "conv1").target.high) == (0, 15)
    assert against_file(found, net.model(), tmp_path, UNIT) > ENOUGH
