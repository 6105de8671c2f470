"""Model files made to harm: bombs, devices, damaged text. One sentence each, at once."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file import onnx_file, wire
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import read_onnx
from hearth.toolchain.frontend.reference import Reference
from tests.cli.test_errors import refusal
from tests.nets.onnx_nets import SIZE, front_end, save, small

OPSETS = [helper.make_opsetid("", 13), helper.make_opsetid("local", 1)]


def call(model: onnx.ModelProto, index: int, name: str) -> onnx.NodeProto:
    """The node at `index` becomes a call of the function `name`."""
    node, inner = model.graph.node[index], onnx.NodeProto()
    inner.CopyFrom(node)
    node.op_type, node.domain = name, "local"
    del node.attribute[:]
    model.opset_import.add(domain="local", version=1)
    return inner


def define(
    model: onnx.ModelProto, name: str, nodes: list[onnx.NodeProto], ends: tuple[str, str]
) -> None:
    model.functions.append(helper.make_function("local", name, [ends[0]], [ends[1]], nodes, OPSETS))


def scores(model: OnnxModel) -> np.ndarray:
    inputs = np.random.default_rng(3).normal(size=(2, 3, SIZE, SIZE)).astype(np.float32)
    return np.asarray(Reference(model, ["logits"]).run(inputs)[0])


def test_functions_are_written_out(tmp_path: Path) -> None:
    model = small().model()
    call(model, 1, "Outer")
    inner = helper.make_node("Inner", ["a"], ["b"], domain="local")
    define(model, "Outer", [inner], ("a", "b"))
    define(model, "Inner", [helper.make_node("Relu", ["x"], ["y"])], ("x", "y"))
    checked, graph = front_end(model, tmp_path)
    plain, _ = front_end(small().model(), tmp_path)
    assert graph.layers[0].tensor == "conv1"
    assert not checked.original.functions
    np.testing.assert_array_equal(scores(checked), scores(plain))


def laughs(model: onnx.ModelProto) -> None:
    """Ten functions, each calls the next one ten times."""
    call(model, 1, "f0")
    for level in range(10):
        names = ["a", *(f"t{i}" for i in range(9)), "b"]
        op, domain = (f"f{level + 1}", "local") if level < 9 else ("Relu", "")
        nodes = [
            helper.make_node(op, names[i : i + 1], names[i + 1 : i + 2], domain=domain)
            for i in range(10)
        ]
        define(model, f"f{level}", nodes, ("a", "b"))


def large_constants(model: onnx.ModelProto) -> None:
    """A megabyte, a thousand times."""
    call(model, 1, "many")
    stored = numpy_helper.from_array(np.zeros(1 << 18, np.float32))
    names = ["a", *(f"t{i}" for i in range(999)), "b"]
    calls = [
        helper.make_node("one", [names[i]], [names[i + 1]], domain="local") for i in range(1000)
    ]
    define(model, "many", calls, ("a", "b"))
    nodes = [
        helper.make_node("Constant", [], ["c"], value=stored),
        helper.make_node("Max", ["a", "c"], ["b"]),
    ]
    define(model, "one", nodes, ("a", "b"))


def endless(model: onnx.ModelProto) -> None:
    call(model, 1, "snake")
    define(model, "snake", [helper.make_node("snake", ["a"], ["b"], domain="local")], ("a", "b"))


def deep(model: onnx.ModelProto) -> None:
    call(model, 1, "f0")
    for i in range(2000):
        node = helper.make_node(f"f{i + 1}", ["a"], ["b"], domain="local")
        define(model, f"f{i}", [node], ("a", "b"))


def defined_twice(model: onnx.ModelProto) -> None:
    call(model, 1, "f")
    for _ in range(2):
        define(model, "f", [helper.make_node("Relu", ["a"], ["b"])], ("a", "b"))


def without_output(model: onnx.ModelProto) -> None:
    call(model, 1, "f")
    model.functions.append(helper.make_function("local", "f", [], [], [], OPSETS))


FUNCTIONS: tuple[tuple[Callable[[onnx.ModelProto], None], str], ...] = (
    (laughs, "its functions stand for more than 20000 nodes or 64 MiB when written out"),
    (large_constants, "its functions stand for more than 20000 nodes or 64 MiB when written out"),
    (endless, "function 'snake' calls itself"),
    (deep, "functions call each other more than 50 deep"),
    (defined_twice, "function 'f' is defined more than once"),
    (
        without_output,
        "node 'conv1/relu' calls the function 'f' with 1 inputs and 1 outputs, but it has 0 and 0",
    ),
)


@pytest.mark.parametrize(
    ("bomb", "message"), FUNCTIONS, ids=lambda case: getattr(case, "__name__", "")
)
def test_functions_that_grow(
    bomb: Callable[[onnx.ModelProto], None], message: str, tmp_path: Path
) -> None:
    model = small().model()
    bomb(model)
    assert message in refusal(lambda: read_onnx(save(model, tmp_path)))


def test_dead_functions_do_not_matter(tmp_path: Path) -> None:
    model = small().model()
    laughs(model)
    model.graph.node[1].op_type, model.graph.node[1].domain = "Relu", ""
    assert not front_end(model, tmp_path)[0].original.functions


def test_a_file_of_empty_nodes(tmp_path: Path) -> None:
    """Two bytes a node in the file, 150 in memory."""
    path = tmp_path / "net.onnx"
    path.write_bytes(b"\x3a\x80\x80\x80\x08" + b"\x0a\x00" * (1 << 23))
    assert refusal(lambda: read_onnx(path)) == (
        "net.onnx: more than 200000 entries; not a SqueezeNet"
    )


@given(st.binary(max_size=64), st.integers(0, 3000))
def test_the_count_is_protobufs(noise: bytes, place: int) -> None:
    """Whatever protobuf takes as a message is counted; nothing that is counted is left out."""
    data = small().model().SerializeToString()
    data = data[:place] + noise + data[place + len(noise) :]
    try:
        model = onnx.ModelProto.FromString(data)
    except Exception:
        return
    try:
        counted = wire.fields(data, onnx.ModelProto.DESCRIPTOR, 10**6)
    except wire.MalformedError:
        return  # refused, which is more than protobuf does
    assert counted >= len(model.graph.node) + len(model.graph.initializer)


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    loop = tmp_path / "loop.onnx"
    loop.symlink_to(loop)
    near = socket.socket(socket.AF_UNIX)
    near.bind(str(tmp_path / "s.onnx"))
    for path, kind in (
        (Path("/dev/zero"), "a device"),
        (tmp_path / "pipe.onnx", "a pipe"),
        (tmp_path / "s.onnx", "a socket"),
        (loop, "Too many levels of symbolic links"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        assert refusal(lambda path=path: read_onnx(path)).endswith(kind)  # type: ignore[misc]
    near.close()


def test_text_that_is_none(tmp_path: Path) -> None:
    path = save(small().model(), tmp_path)
    path.write_bytes(path.read_bytes().replace(b"conv1_pre", b"conv1\xff\xfe__"))
    assert refusal(lambda: read_onnx(path)) == (
        "net.onnx: holds a name that is not UTF-8 text; the file is damaged"
    )


def test_control_characters_reach_no_terminal(tmp_path: Path) -> None:
    model = small().model()
    model.graph.node[1].name = "x\x1b[2J\r\n\x9by"
    model.graph.node[1].op_type = "Hardmax"
    message = refusal(lambda: read_onnx(save(model, tmp_path)))
    assert message.isprintable()
    assert r"node 'x\x1b[2J \x9by' is a Hardmax" in message


def outside(tensor: TensorProto) -> TensorProto:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w.bin")
    return tensor


def test_external_data_of_a_constant_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from beside the model, wherever the command runs; onnx itself would look there."""
    model = small().model()
    stored = onnx.TensorProto()
    stored.CopyFrom(model.graph.initializer[0])
    (tmp_path / "w.bin").write_bytes(stored.raw_data)
    del model.graph.initializer[0]
    model.graph.node.insert(
        0, helper.make_node("Constant", [], ["conv1.weight"], value=outside(stored))
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "w.bin").write_bytes(b"\0" * 864)
    monkeypatch.chdir(elsewhere)
    found = front_end(model, tmp_path)[0]
    np.testing.assert_array_equal(scores(found), scores(front_end(small().model(), tmp_path)[0]))


def test_external_data_that_is_a_pipe(tmp_path: Path) -> None:
    model = small().model()
    outside(model.graph.initializer[0])
    os.mkfifo(tmp_path / "w.bin")
    assert refusal(lambda: read_onnx(save(model, tmp_path))).endswith(
        "w.bin: a file is expected, but this is a pipe"
    )


def test_sparse_weights(tmp_path: Path) -> None:
    model = small().model()
    values = numpy_helper.from_array(np.ones(1, np.float32), "conv1.weight")
    indices = numpy_helper.from_array(np.zeros(1, np.int64))
    del model.graph.initializer[0]
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [8, 3, 3, 3]))
    assert "'conv1.weight' is a sparse tensor" in refusal(lambda: read_onnx(save(model, tmp_path)))


def test_twenty_megabytes_of_names(tmp_path: Path) -> None:
    model = small().model()
    model.graph.node[3].output[0] = "y" * (20 << 20)
    model.graph.node[4].input[0] = model.graph.node[3].output[0]
    message = refusal(lambda: onnx_file.load(Path("net.onnx"), model.SerializeToString()))
    assert len(message) < 300


def flattened(opset: int, nodes: list[onnx.NodeProto], **constants: Any) -> onnx.ModelProto:
    """The small network whose flattening has its target computed, in `shape`."""
    net = small(opset)
    net.nodes[-1].CopyFrom(helper.make_node("Reshape", ["pool10", "shape"], ["logits"]))
    net.nodes[-1:-1] = nodes
    for name, value in constants.items():
        net.constant(name, value, np.int64)
    return net.model()


def test_a_flattening_as_pytorch_writes_it(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Shape", ["pool10"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["batch"], axis=0),
        helper.make_node("Unsqueeze", ["batch"], ["first"], axes=[0]),
        helper.make_node("Concat", ["first", "rest"], ["shape"], axis=0),
    ]
    found, _ = front_end(flattened(11, nodes, zero=0, rest=[-1]), tmp_path)
    np.testing.assert_array_equal(scores(found), scores(front_end(small(11).model(), tmp_path)[0]))


def test_shapes_that_grow(tmp_path: Path) -> None:
    """4 * 2^40 numbers, and 2^30 at once."""
    names = ["s", *(f"t{i}" for i in range(40))]
    nodes = [
        helper.make_node("Shape", ["pool10"], ["s"]),
        *(helper.make_node("Concat", [a, a], [b], axis=0) for a, b in itertools.pairwise(names)),
        helper.make_node("Slice", [names[-1], "start", "end"], ["shape"]),
    ]
    message = refusal(lambda: front_end(flattened(13, nodes, start=[0], end=[2]), tmp_path))
    assert message.startswith(
        "net.onnx: node 't10' is a Concat that helps to compute a shape, but writes more than 4096"
    )
    nodes[1:-1] = [helper.make_node("Expand", ["s", "large"], [names[-1]])]
    model = flattened(13, nodes, start=[0], end=[2], large=[1 << 28, 1])
    assert refusal(lambda: front_end(model, tmp_path)).startswith(
        f"net.onnx: node '{names[-1]}' is a Expand that helps to compute a shape"
    )
