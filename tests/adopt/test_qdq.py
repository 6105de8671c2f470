"""Files by ONNX Runtime's own quantizer: each variant comes in as ONNX Runtime runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import QuantFormat, QuantType

from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import PIXELS, Net, mobile, small
from tests.nets.quantized_nets import (
    CAFFE,
    ENOUGH,
    TORCHVISION,
    UNIT,
    against_file,
    conv,
    imported,
    kinds,
    static,
    tensor,
)
from tests.saved.test_qdq_file import signed


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("activation", [QuantType.QUInt8, QuantType.QInt8])
def test_integers_and_scales_are_the_files(
    per_channel: bool, activation: QuantType, tmp_path: Path
) -> None:
    proto = static(tmp_path, per_channel=per_channel, activation_type=activation)
    found = imported(proto, tmp_path)
    squeeze = conv(found, "fire2/squeeze1x1")
    wanted = tensor(proto, "fire2/squeeze1x1.weight_quantized")
    assert (squeeze.window == wanted.transpose(0, 2, 3, 1)).all()
    assert (squeeze.bias == tensor(proto, "fire2/squeeze1x1.bias_quantized")).all()
    assert squeeze.source.scale == pytest.approx(float(tensor(proto, "conv1_scale")))
    assert squeeze.target.scale == pytest.approx(float(tensor(proto, "fire2/squeeze1x1_scale")))
    scale = tensor(proto, "fire2/squeeze1x1.weight_scale").astype(np.float64)
    ratio = scale * squeeze.source.scale / squeeze.target.scale
    assert squeeze.multiplier / 2.0**squeeze.shift == pytest.approx(ratio, rel=1e-3)


VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "per tensor": {"per_channel": False},
    "int8 activations": {"activation_type": QuantType.QInt8},
    "uint8 weights": {"weight_type": QuantType.QUInt8, "extra_options": {"WeightSymmetric": True}},
    "symmetric activations": {
        "activation_type": QuantType.QInt8,
        "extra_options": {"ActivationSymmetric": True},
    },
    "7-bit weights": {"reduce_range": True},
    "int4 weights": {"weight_type": QuantType.QInt4},
    "dedicated pairs": {"extra_options": {"DedicatedQDQPair": True}},
    "no input check": {"extra_options": {"ForceQuantizeNoInputCheck": True}},
    "float bias": {"extra_options": {"QuantizeBias": False}},
    "float output": {"op_types_to_quantize": ["Conv", "MaxPool", "Concat"]},
    "weights in pairs": {"extra_options": {"AddQDQPairToWeight": True}},
    "convolutions only": {"op_types_to_quantize": ["Conv"]},
    "operators": {"quant_format": QuantFormat.QOperator},
    "operators per tensor": {"quant_format": QuantFormat.QOperator, "per_channel": False},
    "operators int8": {
        "quant_format": QuantFormat.QOperator,
        "activation_type": QuantType.QInt8,
    },
    "microsoft": {"extra_options": {"UseQDQContribOps": True}},
}


@pytest.mark.parametrize("end", ["relu", "signed"])
@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_comes_in_as_it_runs(name: str, end: str, tmp_path: Path) -> None:
    net = small().model() if end == "relu" else signed()
    proto = static(tmp_path, UNIT, net, **VARIANTS[name])
    found = imported(proto, tmp_path, UNIT)
    assert against_file(found, proto, tmp_path, UNIT) > ENOUGH
    assert found.notes["quantized_file"] == []


@pytest.mark.parametrize("preprocessing", [PIXELS, TORCHVISION, CAFFE], ids=str)
@pytest.mark.parametrize("padded", [False, True])
def test_a_quantized_input_keeps_any_preprocessing(
    preprocessing: Preprocessing, padded: bool, tmp_path: Path
) -> None:
    """Means and scales of their own per colour are a table behind the input, exactly."""
    net = Net()
    pads = [1, 1, 1, 1] if padded else [0, 0, 0, 0]
    net.head(net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2], pads=pads), 8)
    proto = static(tmp_path, preprocessing, net.model())
    found = imported(proto, tmp_path, preprocessing)
    assert kinds(found)[0] == "table"
    assert conv(found, "conv1").target.scale == pytest.approx(float(tensor(proto, "conv1_scale")))
    integers = tensor(proto, "conv1.weight_quantized").transpose(0, 2, 3, 1)
    wanted = integers[..., ::-1] if preprocessing.channel_order == "BGR" else integers
    assert (conv(found, "conv1").window == wanted).all()
    assert against_file(found, proto, tmp_path, preprocessing) > ENOUGH


def test_pixels_by_255_need_no_table(tmp_path: Path) -> None:
    found = imported(static(tmp_path, UNIT), tmp_path, UNIT)
    assert kinds(found)[0] == "conv"


def test_a_first_layer_with_colours_of_their_own_is_rounded_again(tmp_path: Path) -> None:
    """Without a quantizer on the input, the first weights are no integers of one scale."""
    proto = bare(static(tmp_path, TORCHVISION), "data_QuantizeLinear", "data_DequantizeLinear")
    found = imported(proto, tmp_path, TORCHVISION)
    assert against_file(found, proto, tmp_path, TORCHVISION) > 35
    assert found.notes["quantized_file"] == [
        "conv1: weights rounded to 8 bits here, since the preprocessing scales colours differently"
    ]


def bare(proto: onnx.ModelProto, *names: str) -> onnx.ModelProto:
    """The file without some of its nodes: their readers read what these read."""
    for name in names:
        node = next(n for n in proto.graph.node if n.name == name)
        for other in proto.graph.node:
            for i, tensor_ in enumerate(other.input):
                if tensor_ == node.output[0]:
                    other.input[i] = node.input[0]
        proto.graph.node.remove(node)
    return proto


def test_a_layer_left_in_float_is_rounded_here(tmp_path: Path) -> None:
    proto = static(tmp_path, UNIT, nodes_to_exclude=["fire2/squeeze1x1"])
    found = imported(proto, tmp_path, UNIT)
    assert found.notes["quantized_file"] == [
        "fire2/squeeze1x1: weights rounded to 8 bits here, since the file left them in float"
    ]
    assert against_file(found, proto, tmp_path, UNIT) > 30


def test_sixteen_bits_in_the_middle_are_refused(tmp_path: Path) -> None:
    proto = static(tmp_path, UNIT, activation_type=QuantType.QUInt16)
    with pytest.raises(
        HearthError, match=r"data_QuantizeLinear: the input's quantizer should have"
    ):
        imported(proto, tmp_path, UNIT)


def linear() -> onnx.ModelProto:
    """A convolution without a ReLU in the middle, read by a max-pool."""
    net = Net()
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    tensor = net.node("MaxPool", [tensor], "pool1", kernel_shape=[3, 3], pads=[1] * 4)
    net.head(net.fire(tensor, "fire2", (8, 4, 6, 5)), 11)
    return net.model()


def test_signed_results_in_the_middle(tmp_path: Path) -> None:
    options = VARIANTS["symmetric activations"]
    proto = static(tmp_path, UNIT, linear(), **options)
    found = imported(proto, tmp_path, UNIT)
    assert (conv(found, "conv1").target.signed, conv(found, "conv1").target.bits) == (True, 8)
    assert against_file(found, proto, tmp_path, UNIT) > ENOUGH
    assert found.notes["quantized_file"] == []


@pytest.mark.parametrize("name", ["symmetric activations", "operators"])
def test_groups_and_windows_of_every_form(name: str, tmp_path: Path) -> None:
    options = {**VARIANTS["symmetric activations"], **VARIANTS[name]}
    proto = static(tmp_path, UNIT, mobile().model(), **options)
    found = imported(proto, tmp_path, UNIT)
    assert [layer.groups for layer in found.weighted] == [1, 8, 1, 2, 1, 1, 1]
    assert against_file(found, proto, tmp_path, UNIT) > ENOUGH
    assert found.notes["quantized_file"] == []


def test_signed_results_that_eight_bits_do_not_hold_are_refused(tmp_path: Path) -> None:
    proto = static(tmp_path, UNIT, linear())
    with pytest.raises(HearthError, match=r"conv1: .* than 8 bits, which hold -128 to 127"):
        imported(proto, tmp_path, UNIT)
