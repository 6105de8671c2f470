"""Only what leads to the output of a file is looked at, whatever else the file holds."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file.live import live
from hearth.toolchain.frontend.file.read_onnx import read_onnx
from hearth.toolchain.frontend.reference import Reference
from tests.cli.test_errors import refusal
from tests.nets.onnx_nets import SIZE, front_end, save, small

FILE = Path("net.onnx")
Change = Callable[[onnx.GraphProto], None]


def constant(graph: onnx.GraphProto, name: str, array: np.ndarray) -> str:
    graph.initializer.append(numpy_helper.from_array(array, name))
    return name


def dead_loop(graph: onnx.GraphProto) -> None:
    """Would run until the sun is cold."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["again"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("again", TensorProto.BOOL, [])],
    )
    rounds = constant(graph, "rounds", np.asarray(1 << 62))
    graph.node.append(helper.make_node("Loop", [rounds, ""], [], body=body))


def dead_expand(graph: onnx.GraphProto) -> None:
    """2 GB."""
    source = constant(graph, "one", np.ones(1, np.float32))
    shape = constant(graph, "shape", np.asarray([1 << 29]))
    graph.node.append(helper.make_node("Expand", [source, shape], ["large"]))


def dead_input(graph: onnx.GraphProto) -> None:
    graph.input.append(helper.make_tensor_value_info("more", TensorProto.STRING, [1]))


def reversed_nodes(graph: onnx.GraphProto) -> None:
    nodes = list(reversed(graph.node))
    del graph.node[:]
    graph.node.extend(nodes)


def weights_as_inputs(graph: onnx.GraphProto) -> None:
    for tensor in graph.initializer:
        entry = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        graph.input.append(entry)


HARMLESS = (dead_loop, dead_expand, dead_input, reversed_nodes, weights_as_inputs)


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_what_does_not_reach_the_output(change: Change, tmp_path: Path) -> None:
    plain = read_onnx(save(small().model(), tmp_path))
    model = small().model()
    change(model.graph)
    checked, _ = front_end(model, tmp_path)
    assert {node.name for node in checked.original.graph.node} == {
        node.name for node in plain.original.graph.node
    }
    assert [entry.name for entry in checked.original.graph.input] == ["data"]
    inputs = np.random.default_rng(3).normal(size=(2, 3, SIZE, SIZE)).astype(np.float32)
    wanted = Reference(plain, ["logits"], plain.original).run(inputs)
    found = Reference(checked, ["logits"], checked.original).run(inputs)
    np.testing.assert_array_equal(found, wanted)


def loop_in_front(graph: onnx.GraphProto) -> None:
    dead_loop(graph)
    graph.node[-1].output.append("endless")
    graph.node[0].input[0] = "endless"


def circle(graph: onnx.GraphProto) -> None:
    graph.node[0].input[0] = "pool1"


def written_twice(graph: onnx.GraphProto) -> None:
    graph.node.append(helper.make_node("Relu", ["conv1_pre"], ["pool1"]))


def written_and_stored(graph: onnx.GraphProto) -> None:
    constant(graph, "pool1", np.ones(1, np.float32))


def stored_twice(graph: onnx.GraphProto) -> None:
    graph.initializer.append(graph.initializer[0])


def no_output(graph: onnx.GraphProto) -> None:
    del graph.output[:]


def unwritten_output(graph: onnx.GraphProto) -> None:
    graph.output[0].name = "data"


def long_name(graph: onnx.GraphProto) -> None:
    graph.node[0].name = "x" * 10**6


def chain(graph: onnx.GraphProto) -> None:
    names = ["data", *(f"t{i}" for i in range(6000))]
    pairs = itertools.pairwise(names)
    graph.node.extend(helper.make_node("Relu", [a], [b]) for a, b in pairs)
    graph.node[0].input[0] = names[-1]


REFUSED: tuple[tuple[Change, str], ...] = (
    (loop_in_front, "node 'endless' is a Loop; control flow on the way to the output is not"),
    (circle, "nodes wait for each other's results: 'conv1', 'conv1/relu', 'pool1', 'conv1'"),
    (written_twice, "tensor 'pool1' is written by 2 nodes"),
    (written_and_stored, "tensor 'pool1' is written by a node and stored or fed as well"),
    (stored_twice, "weight 'conv1.weight' is stored more than once"),
    (no_output, "1 to 8 outputs are expected, found 0: none"),
    (unwritten_output, "no node writes the output 'data'"),
    (long_name, "a name has 1000000 characters, up to 1000 are expected; it begins with 'xx"),
    (chain, "more than 2000 nodes or 20000 tensors lead to the output 'logits'; not a SqueezeNet"),
)


@pytest.mark.parametrize(
    ("change", "message"), REFUSED, ids=lambda case: getattr(case, "__name__", "")
)
def test_refusals(change: Change, message: str) -> None:
    model = small().model()
    change(model.graph)
    assert refusal(lambda: live(FILE, model)).startswith(f"net.onnx: {message}")


def test_twenty_thousand_equal_names(tmp_path: Path) -> None:
    """Names are made unique in linear time."""
    model = small().model()
    for node in model.graph.node:
        node.name = "same"
    for i in range(20_000):
        model.graph.node.append(helper.make_node("Relu", ["data"], [f"dead{i}"], name="same"))
    model.graph.node[2].name = "same_2"
    found = read_onnx(save(model, tmp_path))
    Reference(found, ["logits"], found.original)  # ONNX Runtime takes no name twice
    names = [node.name for node in found.nodes]
    assert names[:4] == ["same", "same_3", "same_2", "same_4"]
    assert len(set(names)) == len(names)


def test_an_output_that_is_named_twice() -> None:
    model = small().model()
    model.graph.output.append(model.graph.output[0])
    assert [entry.name for entry in live(FILE, model).graph.output] == ["logits"]


def test_outputs_whose_names_are_no_text() -> None:
    data = small().model().SerializeToString().replace(b"logits", b"log\xff\xfes")
    model = onnx.ModelProto.FromString(data)
    model.graph.output.append(model.graph.output[0])
    assert refusal(lambda: live(FILE, model)) == (
        "net.onnx: holds a name that is not UTF-8 text; the file is damaged"
    )
