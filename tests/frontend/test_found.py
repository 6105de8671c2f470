"""What the fuzzer found: each fault as the smallest file that showed it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantFormat

from hearth.toolchain.support.errors import HearthError
from tests.fuzz.judge import Verdict, judge
from tests.fuzz.seeds import QONNX, batchnorm, qonnx, static
from tests.nets.onnx_nets import Net, front_end, photographs, save, small

Change = Callable[[onnx.ModelProto], None]


def judged(model: onnx.ModelProto, folder: Path) -> Verdict:
    """As the fuzzer judges it."""
    frames = folder / "frames.npz"
    np.savez(frames, images=photographs(6, 16, 16))
    return judge(save(model, folder), frames)


def stored(model: onnx.ModelProto, name: str, value: float) -> None:
    """Overwrite a stored tensor with one value everywhere."""
    tensor = next(t for t in model.graph.initializer if t.name == name)
    array = np.full_like(numpy_helper.to_array(tensor), value)
    tensor.CopyFrom(numpy_helper.from_array(array, name))


def in_front(model: onnx.ModelProto, index: int, op: str, **attributes: Any) -> None:
    """A node in front of input 0 of the node at `index`."""
    node = model.graph.node[index]
    made = helper.make_node(op, [node.input[0]], ["made"], op, **attributes)
    node.input[0] = "made"
    model.graph.node.insert(index, made)


def strange_transpose(model: onnx.ModelProto) -> None:
    in_front(model, 2, "Transpose", perm=[0, 2, 3, 9])


def flattened_from_nowhere(model: onnx.ModelProto) -> None:
    model.graph.node[-1].attribute.append(helper.make_attribute("axis", 255))


FLOAT: tuple[tuple[Change, str], ...] = (
    (strange_transpose, "Transpose: Transpose is supported only where it cancels with another"),
    (flattened_from_nowhere, "Invalid value(255) for attribute 'axis'"),
)


@pytest.mark.parametrize(("change", "message"), FLOAT, ids=[f.__name__ for f, _ in FLOAT])
def test_float_files(change: Change, message: str, tmp_path: Path) -> None:
    model = small().model()
    change(model)
    verdict = judged(model, tmp_path)
    assert verdict.kind == "refused"
    assert message in verdict.detail


@pytest.mark.parametrize("scale", ["conv1_scale", "fire2/concat_scale"])
def test_a_quantizer_too_coarse_for_the_biases_behind_it(scale: str, tmp_path: Path) -> None:
    floats = {"QuantizeBias": False}
    model = static(QuantFormat.QDQ, per_channel=False, extra_options=floats)
    stored(model, scale, 100.0)
    verdict = judged(model, tmp_path)
    assert verdict.kind == "refused"
    assert "steps, since the scales of its input and weights are too coarse for it" in (
        verdict.detail
    )


def test_a_scale_beyond_all_multipliers(tmp_path: Path) -> None:
    model = static(QuantFormat.QDQ, per_channel=False)
    stored(model, "conv1_scale", 1e10)
    verdict = judged(model, tmp_path)
    assert "fire2/squeeze1x1: one step of its sums is " in verdict.detail


def test_ranges_behind_the_quantizers_of_a_half_quantized_file(tmp_path: Path) -> None:
    """An image rounded to black and white reaches further than the image itself."""
    model = small().model()
    for name, value in (("s", np.float32(1)), ("z", np.uint8(0))):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    nodes = [
        helper.make_node("QuantizeLinear", ["data", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["rounded"]),
    ]
    model.graph.node[0].input[0] = "rounded"
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    verdict = judged(model, tmp_path)
    assert verdict.kind == "equal"
    assert verdict.decibels > 40


def test_a_scale_that_would_multiply_the_weights(tmp_path: Path) -> None:
    """65536 weights with 65536 scales along another axis: 16 GiB."""
    model = small().model()
    for name, array in (
        ("w", np.ones((1 << 16, 1, 1, 1))),
        ("s", np.full((1 << 16, 1, 1, 1, 1), 0.1)),
        ("z", np.zeros(1)),
        ("b", np.full(1, 4.0)),
    ):
        model.graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), name))
    made = helper.make_node("Quant", ["w", "s", "z", "b"], ["quantized"], "Q", domain=QONNX)
    model.graph.node.insert(0, made)
    model.graph.node[1].input[1] = "quantized"
    model.opset_import.add(domain=QONNX, version=1)
    verdict = judged(model, tmp_path)
    assert "Q: a scale or zero point of shape [65536, 1, 1, 1, 1] does not fit" in verdict.detail


@pytest.mark.parametrize("bias", ["conv1.weight", "data"])
def test_a_bias_that_is_none_in_front_of_batchnorm(bias: str, tmp_path: Path) -> None:
    model = batchnorm()
    model.graph.node[0].input.append(bias)
    verdict = judged(model, tmp_path)
    assert verdict.kind == "refused"
    assert "conv1: bias should be a constant of shape [8], found" in verdict.detail


def test_constants_of_different_types(tmp_path: Path) -> None:
    """A product of float and int8, which onnx's inference does not only infer."""
    model = static(QuantFormat.QDQ)
    zero = next(n for n in model.graph.node if n.op_type == "DequantizeLinear")
    product = helper.make_node("Mul", [zero.input[2], zero.input[1]], ["product"], "product")
    zero.input[2] = "product"
    model.graph.node.insert(0, product)
    assert "product" in judged(model, tmp_path).detail


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    model = small().model()
    for node in model.graph.node:
        node.name = "same"
    assert judged(model, tmp_path).kind == "equal"


@pytest.mark.parametrize("number", [0, -1, 1 << 31, 1 << 32, 1 << 62, -(1 << 63)])
def test_integers_out_of_range(number: int, tmp_path: Path) -> None:
    """Every attribute of a window, of Concat and of Flatten."""
    changes: list[tuple[int, str, Any]] = [(0, "group", number), (9, "axis", number)]
    for index in (0, 2):
        for name, count in (("strides", 2), ("kernel_shape", 2), ("dilations", 2)):
            changes.append((index, name, [number] * count))
    if number:
        changes += [(0, "pads", [number] * 4), (2, "pads", [number] * 4), (2, "ceil_mode", number)]
        changes.append((2, "storage_order", number))
    for index, name, value in changes:
        model = small().model()
        kept = [a for a in model.graph.node[index].attribute if a.name != name]
        attributes = [onnx.AttributeProto.FromString(a.SerializeToString()) for a in kept]
        del model.graph.node[index].attribute[:]
        model.graph.node[index].attribute.extend([*attributes, helper.make_attribute(name, value)])
        with pytest.raises(HearthError):
            front_end(model, tmp_path)


def chained(model: onnx.ModelProto, nodes: list[onnx.NodeProto], first: str, last: str) -> None:
    """Nodes from tensor `first` to `last` between conv1's ReLU and what reads it."""
    model.graph.node[1].output[0] = first
    for node in reversed(nodes):
        model.graph.node.insert(2, node)
    assert last == "conv1"


def quantizers(names: Sequence[str]) -> list[onnx.NodeProto]:
    """A pair of quantizers between each two tensors."""
    nodes = []
    for source, target in itertools.pairwise(names):
        q = helper.make_node("QuantizeLinear", [source, "s", "z"], [f"{target}/q"])
        dq = helper.make_node("DequantizeLinear", [f"{target}/q", "s", "z"], [target])
        nodes += [q, dq]
    return nodes


def with_scale(model: onnx.ModelProto) -> onnx.ModelProto:
    for name, value in (("s", np.float32(0.02)), ("z", np.uint8(0))):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return model


def test_hundreds_of_quantizers_in_a_row(tmp_path: Path) -> None:
    model = with_scale(small().model())
    names = [*(f"t{i}" for i in range(600)), "conv1"]
    chained(model, quantizers(names), names[0], names[-1])
    assert judged(model, tmp_path).kind == "equal"


def test_forty_times_joined_with_itself(tmp_path: Path) -> None:
    """2^40 ways lead back from the quantizer to the convolution."""
    model = with_scale(small().model())
    names = [f"t{i}" for i in range(13)]
    nodes = [helper.make_node("Concat", [a] * 8, [b], axis=1) for a, b in itertools.pairwise(names)]
    chained(model, [*nodes, *quantizers([names[-1], "conv1"])], names[0], "conv1")
    assert judged(model, tmp_path).kind == "refused"


def test_matrices_that_grow_when_multiplied_out(tmp_path: Path) -> None:
    """60000 x 1 times 1 x 60000, and 9000000 x 8."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (60000, 3, 3))
    net.head(net.conv(net.conv(tensor, "narrow", (1, 60000, 1)), "wide", (60000, 1, 1)), 60000)
    found, _ = front_end(net.model(), tmp_path)
    assert {"narrow", "wide"} <= {node.name for node in found.nodes}
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    tensor = net.node("GlobalAveragePool", [tensor], "pool10")
    tensor = net.conv(net.conv(tensor, "wide", (60000, 8, 1)), "narrow", (1, 60000, 1))
    tensor = net.conv(tensor, "wide2", (9_000_000, 1, 1), bias=False)
    net.node("Flatten", [tensor], "logits")
    assert "wide2: Linear layers multiplied out would have 9000000 x 8 weights" in (
        judged(net.model(), tmp_path).detail
    )


def test_a_switch_of_a_quant_that_is_none(tmp_path: Path) -> None:
    model = qonnx(4)
    quant = next(node for node in model.graph.node if node.op_type == "Quant")
    next(a for a in quant.attribute if a.name == "narrow").i = 255
    assert "conv1.quant: narrow should be 0 or 1, found 255" in judged(model, tmp_path).detail


def test_weights_that_are_clipped_after_they_were_quantized(tmp_path: Path) -> None:
    model = qonnx(4)
    for name, value in (("low", np.float32(-0.3)), ("high", np.float32(0.4))):
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    conv = next(node for node in model.graph.node if node.name == "conv1")
    clip = helper.make_node("Clip", [conv.input[1], "low", "high"], ["clipped"], "clip")
    conv.input[1] = "clipped"
    model.graph.node.insert(1, clip)
    assert judged(model, tmp_path).kind == "equal"
