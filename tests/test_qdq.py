"""Already quantized files: integers kept exactly, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from hw.layers.conv import Conv
from tests.onnx_nets import PIXELS, Net, front_end, photographs, save, small
from toolchain import calibration, golden
from toolchain.errors import HearthError
from toolchain.images import as_float
from toolchain.ir import Array, Preprocessing, QGraph
from toolchain.passes.adopt import adopt
from toolchain.passes.quantize import quantize

FRAMES = photographs(24)


class Reader(CalibrationDataReader):  # type: ignore[misc]
    """Feeds the photographs to ONNX Runtime's calibration."""

    def __init__(self) -> None:
        self.rest: Iterator[Array] = iter(FRAMES)

    def get_next(self) -> dict[str, Array] | None:
        frame = next(self.rest, None)
        return None if frame is None else {"data": as_float(frame[None], PIXELS)}


def static(folder: Path, **options: Any) -> onnx.ModelProto:
    """The small network through ONNX Runtime's own quantizer."""
    options = {"per_channel": True, "activation_type": QuantType.QUInt8, **options}
    quantize_static(
        str(save(small().model(), folder)),
        str(folder / "quantized.onnx"),
        Reader(),
        quant_format=QuantFormat.QDQ,
        weight_type=QuantType.QInt8,
        **options,
    )
    return onnx.load(folder / "quantized.onnx")


def imported(proto: onnx.ModelProto, folder: Path, preprocessing: Preprocessing = PIXELS) -> QGraph:
    """As the pipeline does it."""
    model, graph = front_end(proto, folder)
    statistics = calibration.collect(model, graph, [FRAMES], preprocessing, "test")
    return adopt(quantize(graph, statistics, preprocessing), graph, model.kept)


def conv(qgraph: QGraph, name: str) -> Conv:
    return next(x for x in qgraph.layers if isinstance(x, Conv) and x.name == name)


def tensor(proto: onnx.ModelProto, name: str) -> Array:
    return numpy_helper.to_array(next(t for t in proto.graph.initializer if t.name == name))


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


def test_golden_follows_onnx_runtime(tmp_path: Path) -> None:
    proto = static(tmp_path)
    found = imported(proto, tmp_path)
    options = onnxruntime.SessionOptions()  # fused 8-bit kernels saturate where there is no VNNI
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    frames = photographs(16, seed=7)
    theirs = np.concatenate(
        [session.run(None, {"data": as_float(f[None], PIXELS)})[0] for f in frames]
    )
    ours = golden.logits(found, golden.outputs(found, frames))
    assert np.abs(ours - theirs).max() < 3 * float(tensor(proto, "conv10_scale"))


def quant(net: Net, source: str, output: str, values: tuple[Any, float, float], **more: Any) -> str:
    """A QONNX Quant node; values are scale, zero point, bits."""
    names = [net.constant(f"{output}.{i}", value) for i, value in enumerate(values)]
    attributes = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND", **more}
    return net.node(
        "Quant", [source, *names], output, domain="qonnx.custom_op.general", **attributes
    )


def brevitas(bits: int, zero: float = 0.0, **activation: Any) -> onnx.ModelProto:
    """conv1 and the classifier with Quant nodes on weights and activations."""
    net = Net()
    tensor_ = "data"
    for name, shape in (("conv1", (6, 3, 3)), ("conv10", (7, 6, 1))):
        weights = net.rng.normal(0, 0.3, (shape[0], shape[1], shape[2], shape[2]))
        stored = net.constant(f"{name}.weight", weights)
        scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / (2 ** (bits - 1) - 1)
        rounded = quant(net, stored, f"{name}.quant", (scale, 0.0, float(bits)), narrow=1)
        made = net.node("Conv", [tensor_, rounded], f"{name}_pre", name=name)
        relu = net.relu(made, f"{name}_relu")
        options = {"signed": 0, **activation}
        tensor_ = quant(net, relu, f"{name}_act", (0.03, zero, 8.0), **options)
    pooled = net.node("GlobalAveragePool", [tensor_], "pool10")
    net.node("Flatten", [pooled], "logits")
    proto = net.model()
    proto.opset_import.append(helper.make_opsetid("qonnx.custom_op.general", 1))
    return proto


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


def test_zero_point_of_activations_is_refused(tmp_path: Path) -> None:
    proto = static(tmp_path)
    for initializer in proto.graph.initializer:
        if initializer.name == "conv1_zero_point":
            initializer.CopyFrom(numpy_helper.from_array(np.array(3, np.uint8), initializer.name))
    with pytest.raises(HearthError, match="zero point is their lowest value, found uint8 with"):
        front_end(proto, tmp_path)


def test_signed_or_shifted_quant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match="conv1_act: activations should be unsigned"):
        front_end(brevitas(4, signed=1), tmp_path)
    with pytest.raises(HearthError, match="conv1_act: a Quant of 2 to 8 bits with zero point 0"):
        front_end(brevitas(4, zero=2.0), tmp_path)
    with pytest.raises(HearthError, match=r"conv1\.quant: a Quant of 2 to 8 bits"):
        front_end(brevitas(9), tmp_path)


def test_colours_of_different_scale_are_refused(tmp_path: Path) -> None:
    proto = static(tmp_path)
    uneven = Preprocessing("RGB", (120.0, 110.0, 100.0), (1 / 64, 1 / 60, 1 / 56))
    with pytest.raises(HearthError, match="colours need equal scales"):
        imported(proto, tmp_path, uneven)


def test_float_files_keep_nothing(tmp_path: Path) -> None:
    model, _ = front_end(small().model(), tmp_path)
    assert not model.kept.weights
    assert not model.kept.edges
