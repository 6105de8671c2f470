"""Bad input: each mistake is one clear sentence. The sentences here are the contract."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from hearth.toolchain.frontend.file import operators
from hearth.toolchain.frontend.file.read_onnx import parse_size, read_onnx
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import SIZE, Net, front_end, save, small

Change = Callable[[onnx.ModelProto], None]


def refusal(action: Callable[[], object]) -> str:
    """The sentence with which an action refuses, without folders of this machine."""
    with pytest.raises(HearthError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    return re.sub(r"/\S*/(?=[^/\s]+\.(onnx|csv|jpg|npy|npz|json|png))", "", message)


def broken(change: Change, folder: Path) -> str:
    model = small().model()
    change(model)
    return refusal(lambda: front_end(model, folder))


def attribute(node: int, name: str, value: object) -> Change:
    def change(model: onnx.ModelProto) -> None:
        kept = [a for a in model.graph.node[node].attribute if a.name != name]
        del model.graph.node[node].attribute[:]
        model.graph.node[node].attribute.extend([*kept, helper.make_attribute(name, value)])

    return change


def operator(node: int, op: str, domain: str = "") -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.graph.node[node].op_type = op
        model.graph.node[node].domain = domain

    return change


def weight(value: float) -> Change:
    def change(model: onnx.ModelProto) -> None:
        array = onnx.numpy_helper.to_array(model.graph.initializer[0]).copy()
        array[1, 2, 0, 1] = value
        name = model.graph.initializer[0].name
        model.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(array, name))

    return change


def dims(initializer: int, shape: list[int]) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.graph.initializer[initializer].dims[:] = shape

    return change


def input_shape(*shape: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        for dim, extent in zip(model.graph.input[0].type.tensor_type.shape.dim, shape, strict=True):
            dim.Clear()
            if extent:
                dim.dim_value = extent

    return change


def opset(version: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.opset_import[0].version = version

    return change


def input_type(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8


def nine_channels(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[2]
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros((4, 9, 1, 1), np.float32), tensor.name))


SUPPORTED = ", ".join(operators.SUPPORTED)
GOLDEN: dict[str, tuple[Change, str]] = {
    "operator": (
        operator(1, "Det"),
        "net.onnx: node 'conv1/relu' is a Det, which is not supported; supported are " + SUPPORTED,
    ),
    "domain": (
        operator(1, "Relu", "com.example"),
        "net.onnx: node 'conv1/relu' is a com.example::Relu, which is not supported; supported are "
        + SUPPORTED,
    ),
    "NaN": (
        weight(float("nan")),
        "net.onnx: weight 'conv1.weight' is nan at index (1, 2, 0, 1); weights must be finite"
        " numbers that float32 can hold",
    ),
    "infinity": (
        weight(float("-inf")),
        "net.onnx: weight 'conv1.weight' is -inf at index (1, 2, 0, 1); weights must be finite"
        " numbers that float32 can hold",
    ),
    "huge tensor": (
        dims(0, [1 << 40, 3, 3, 3]),
        "net.onnx: weight 'conv1.weight' of shape [1099511627776, 3, 3, 3] expects 118747255799808"
        " bytes, but 864 are there; the file is damaged",
    ),
    "negative dimension": (
        dims(0, [-8, 3, 3, 3]),
        "net.onnx: weight 'conv1.weight' has a negative dimension",
    ),
    "dynamic size": (
        input_shape(1, 3, 0, 0),
        "net.onnx: the size of input 'data' is not fixed in the file; give it with --input-size,"
        " such as --input-size 224",
    ),
    "huge size": (
        input_shape(1, 3, 1 << 30, 1 << 30),
        "net.onnx: input 'data' of 1073741824x1073741824 pixels is larger than 4096x4096; choose a"
        " smaller one with --input-size",
    ),
    "two channels": (
        input_shape(1, 2, SIZE, SIZE),
        "net.onnx: input 'data' should be [batch, 3, height, width], or 1 channel for grey images,"
        " or 4 for colours with alpha or depth, found [1, 2, 16, 16]",
    ),
    "grey image for a network of colours": (
        input_shape(1, 1, SIZE, SIZE),
        "conv1: weights expect 3 input channels, but 'data' has 1",
    ),
    "batch": (
        input_shape(1000, 3, SIZE, SIZE),
        "net.onnx: a fixed batch of 1000 frames is not supported; export with batch size 1",
    ),
    "too small": (
        input_shape(1, 3, 2, 2),
        "conv1: a window that spans 3 pixels does not fit into a map with a side of 2 pixels; the"
        " input size is too small for this network",
    ),
    "integer input": (
        input_type,
        "net.onnx: input 'data' should be float32 (FLOAT), found UINT8; export the float model,"
        " Hearth does the quantizing",
    ),
    "old opset": (
        opset(6),
        f"net.onnx: operator set 7 to {onnx.defs.onnx_opset_version()} is supported, found 6;"
        " export the model again",
    ),
    "group": (
        attribute(0, "group", 2),
        "conv1: weights expect 6 input channels, but 'data' has 3",
    ),
    "uneven groups": (
        attribute(0, "group", 3),
        "conv1: group should be a number that divides the 8 output channels, found 3",
    ),
    "dilations": (
        attribute(0, "dilations", [2, 64]),
        "conv1: dilations [2, 64] spread the window over 129 pixels, more than the supported 127",
    ),
    "strides": (
        attribute(0, "strides", [2, 0]),
        "conv1: strides should be two numbers from 1, found [2, 0]",
    ),
    "pads": (
        attribute(0, "pads", [0, 0, 1 << 40, 0]),
        "conv1: pads should be four numbers from 0 to the window's 3 rows and 3 columns, found [0,"
        " 0, 1099511627776, 0]",
    ),
    "axis": (
        attribute(9, "axis", 2),
        "fire2/concat: Concat is supported over channels (axis 1), found axis 2",
    ),
    "mismatch": (
        nine_channels,
        "fire2/squeeze1x1: weights expect 9 input channels, but 'pool1' has 8",
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_model(case: str, tmp_path: Path) -> None:
    change, message = GOLDEN[case]
    assert broken(change, tmp_path) == message


def test_clip_to_no_number(tmp_path: Path) -> None:
    net = Net()
    net.constant("low", -1.0)
    net.constant("high", np.nan)
    tensor = net.conv("data", "conv1", (4, 3, 3))
    net.head(net.node("Clip", [tensor, "low", "high"], "r", name="act"), 4)
    assert refusal(lambda: front_end(net.model(), tmp_path)) == (
        "act: bounds should be numbers, found -1 to nan"
    )


@pytest.mark.parametrize("keep", [0, 1, 100, 3000])
def test_truncated_file(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(small().model().SerializeToString()[:keep])
    assert refusal(lambda: read_onnx(path)).startswith("net.onnx: not a")


@pytest.mark.parametrize("content", [b"hello, world\n" * 50, b"\x89PNG\r\n", b"\xff" * 200])
def test_foreign_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    assert refusal(lambda: read_onnx(path)).startswith("net.onnx: not a")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    missing = refusal(lambda: read_onnx(tmp_path / "no.onnx"))
    assert missing == "no.onnx: cannot be read: No such file or directory"
    assert refusal(lambda: read_onnx(tmp_path)).endswith("a file is expected, but this is a folder")


@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "link", "a/../../secret", ""])
def test_external_data_elsewhere(location: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x" * 864)
    folder = tmp_path / "model"
    folder.mkdir()
    os.symlink(tmp_path / "secret", folder / "link")
    model = small().model()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    path = save(model, folder)
    assert refusal(lambda: read_onnx(path)) == (
        f"net.onnx: weight 'conv1.weight' is kept in '{location}', outside the model's folder;"
        " Hearth reads external data only from beside the model"
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("length", "865", "expects 865 bytes at offset 0 of 'data.bin', but the file holds 864"),
        ("offset", "-1", "offset -1 of 'data.bin'"),
        ("offset", "x", "an external offset or length that is no number"),
        ("length", "8", "expects 864 bytes, but 8 are there; the file is damaged"),
    ],
)
def test_external_data_of_wrong_extent(key: str, value: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"\0" * 864)
    model = small().model()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="data.bin")
    tensor.external_data.add(key=key, value=value)
    path = save(model, tmp_path)
    assert message in refusal(lambda: read_onnx(path))


@pytest.mark.parametrize("text", ["", "x", "0", "12x", "1x2x3", "5000", "-3", "²"])
def test_input_size(text: str) -> None:
    assert refusal(lambda: parse_size(text)).startswith("--input-size: ")
