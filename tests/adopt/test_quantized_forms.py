"""Exporters' spellings of float networks, quantized afterwards by ONNX Runtime: still exact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hearth.toolchain.ir import Array
from tests.data.test_grey import GREY, grey_network
from tests.frontend import test_float_forms as forms
from tests.frontend import test_float_inputs as inputs
from tests.nets.forms import CLASSES, SIDE, classifier, model
from tests.nets.onnx_nets import Net, photographs
from tests.yardstick import compare

FRAMES = photographs(16, SIDE, SIDE)


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Calibration frames as pixels / 255, in the file's order of axes."""

    def __init__(self, proto: onnx.ModelProto) -> None:
        entry = proto.graph.input[0]
        dims = [d.dim_value for d in entry.type.tensor_type.shape.dim]
        values = FRAMES.astype(np.float32) / 255
        values = values.mean(axis=-1, keepdims=True) if dims[1] == 1 else values
        values = values.transpose(0, 3, 1, 2) if dims[1] in (1, 3) else values
        self.batches = iter([{entry.name: values[i : i + 1]} for i in range(len(values))])

    def get_next(self) -> dict[str, Array] | None:
        return next(self.batches, None)


def swapped() -> onnx.ModelProto:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (6, 3, 3), strides=[2, 2])
    tensor = forms.swapped(net, tensor, "fire2", (6, 5, 3))
    ended(net, tensor, 8)
    return model(net)


def ended(net: Net, tensor: str, channels: int) -> None:
    scores = net.conv(tensor, "conv10", (CLASSES, channels, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [scores], "pool")], "logits")


def channels_last() -> onnx.ModelProto:
    net = Net()
    inputs.ended(net, inputs.to_first(net, "data", "t"))
    return model(net, shape=inputs.LAST)


def normalized() -> onnx.ModelProto:
    net = Net()
    inputs.ended(net, inputs.sub_div(net))
    return model(net)


def capped() -> onnx.ModelProto:
    net = Net(gain=1.5)
    forms.relu6_network(net, 0.3)
    return model(net)


def two_means() -> onnx.ModelProto:
    net = Net()
    tensor = net.node("ReduceMean", [classifier(net)], "rows", axes=[3], keepdims=0)
    net.node("ReduceMean", [tensor], "logits", axes=[2], keepdims=0)
    return model(net)


def pool_first() -> onnx.ModelProto:
    net = Net()
    inputs.ended(net, net.node("MaxPool", ["data"], "p", kernel_shape=[2, 2], strides=[2, 2]))
    return model(net)


def padded() -> onnx.ModelProto:
    net = Net()
    pads = net.constant("pads", [0, 0, 1, 1, 0, 0, 1, 1], np.int64)
    inputs.ended(net, net.node("Pad", ["data", pads], "padded"))
    return model(net)


def grey() -> onnx.ModelProto:
    net = Net()
    grey_network(net)
    return model(net, shape=GREY)


MAKERS = (swapped, channels_last, normalized, capped, two_means, pool_first, padded, grey)


@pytest.mark.parametrize("kind", [QuantFormat.QDQ, QuantFormat.QOperator])
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_quantized_file_is_met(
    make: Callable[[], onnx.ModelProto], kind: QuantFormat, tmp_path: Path
) -> None:
    proto = make()
    onnx.save(proto, tmp_path / "float.onnx")
    quantize_static(
        str(tmp_path / "float.onnx"),
        str(tmp_path / "net.onnx"),
        Reader(proto),
        quant_format=kind,
        per_channel=kind == QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    np.savez(tmp_path / "frames.npz", images=FRAMES)
    found = compare(tmp_path / "net.onnx", tmp_path / "frames.npz")
    assert found.decibels >= 50
    assert found.agreeing is not None
    assert found.agreeing >= found.frames - 1
