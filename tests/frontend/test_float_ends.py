"""How float networks end: the mean over the map in every spelling, and what follows the scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from hearth.toolchain.cli import tables as report
from hearth.toolchain.support.errors import HearthError
from tests.nets.forms import Outcome, classifier, measured, model, outcome
from tests.nets.onnx_nets import Net

# ------------------------------------------------------------------------- the mean over the map


MEANS: dict[str, list[dict[str, Any]]] = {
    "width, then height": [{"axes": [3], "keepdims": 0}, {"axes": [2], "keepdims": 0}],
    "height, then width": [{"axes": [2], "keepdims": 0}, {"axes": [2], "keepdims": 0}],
    "counted from behind": [{"axes": [-2], "keepdims": 0}, {"axes": [-1], "keepdims": 0}],
    "axes kept": [{"axes": [3], "keepdims": 1}, {"axes": [2], "keepdims": 1}],
    "axes kept once": [{"axes": [2], "keepdims": 1}, {"axes": [3], "keepdims": 0}],
}


@pytest.mark.parametrize("case", MEANS)
def test_mean_over_one_axis_after_the_other(case: str, tmp_path: Path) -> None:
    net = Net(13)
    tensor = classifier(net)
    for index, attributes in enumerate(MEANS[case]):
        tensor = net.node("ReduceMean", [tensor], f"mean{index}", **attributes)
    net.node("Flatten", [tensor], "logits")
    outcome(model(net), tmp_path).check()


def test_mean_over_one_axis_twice_is_no_mean_over_the_map(tmp_path: Path) -> None:
    net = Net(13)
    tensor = net.node("ReduceMean", [classifier(net)], "mean0", axes=[1], keepdims=1)
    net.node("ReduceMean", [tensor], "logits", axes=[2], keepdims=1)
    with pytest.raises(HearthError, match=r"ReduceMean is supported over height and width"):
        measured(model(net), tmp_path)


def test_mean_over_flattened_pixels(tmp_path: Path) -> None:
    net = Net(13)
    shape = net.constant("shape", [0, 0, -1], np.int64)
    flat = net.node("Reshape", [classifier(net), shape], "flat")
    net.node("ReduceMean", [flat], "logits", axes=[-1], keepdims=0)
    outcome(model(net), tmp_path).check()


def test_axes_of_a_mean_are_computed(tmp_path: Path) -> None:
    net = Net(18)
    tensor = classifier(net)
    pair = net.constant("pair", [[2], [3]], np.int64)
    axes = net.node("Reshape", [pair, net.constant("flat", [-1], np.int64)], "axes")
    net.node("ReduceMean", [tensor, axes], "logits", keepdims=0)
    outcome(model(net), tmp_path).check()


def test_casts_to_float_do_nothing(tmp_path: Path) -> None:
    net = Net()
    start = net.node("Cast", ["data"], "float", to=onnx.TensorProto.FLOAT)
    pool = net.node("GlobalAveragePool", [classifier(net, start)], "pool")
    net.node("Cast", [net.node("Flatten", [pool], "flat")], "logits", to=onnx.TensorProto.FLOAT)
    outcome(model(net), tmp_path).check()


def test_casts_to_double_and_back_do_nothing(tmp_path: Path) -> None:
    net = Net()
    wide = net.node("Cast", ["data"], "wide", to=onnx.TensorProto.DOUBLE)
    start = net.node("Cast", [wide], "float", to=onnx.TensorProto.FLOAT)
    net.node("GlobalAveragePool", [classifier(net, start)], "logits")
    outcome(model(net), tmp_path).check()


def test_a_cast_that_rounds_is_refused(tmp_path: Path) -> None:
    net = Net()
    half = net.node("Cast", ["data"], "half", to=onnx.TensorProto.FLOAT16)
    start = net.node("Cast", [half], "float", to=onnx.TensorProto.FLOAT)
    net.node("GlobalAveragePool", [classifier(net, start)], "logits")
    with pytest.raises(HearthError, match="half: Cast is supported only to float32"):
        measured(model(net), tmp_path)


# --------------------------------------------------------------------------------- what comes last


def ended(net: Net) -> str:
    return net.node("Flatten", [net.node("GlobalAveragePool", [classifier(net)], "pool")], "scores")


@pytest.mark.parametrize("opset", [9, 17])
def test_sigmoid_is_left_to_the_host(opset: int, tmp_path: Path) -> None:
    net = Net(opset)
    net.node("Sigmoid", [ended(net)], "logits")
    found = outcome(model(net), tmp_path)
    assert found.state.front.onnx.host == ("Sigmoid",)
    notes = found.state.qgraph.notes
    assert report.around(notes) == ["left to the host, after the scores: Sigmoid"]
    Outcome(found.state, 1 / (1 + np.exp(-found.ours)), found.file).check()


ENDS: dict[str, Callable[[Net], str]] = {
    "argmax": lambda net: net.node("ArgMax", [ended(net)], "logits", axis=1, keepdims=0),
    "argmax of softmax": lambda net: net.node(
        "ArgMax", [net.node("Softmax", [ended(net)], "p", axis=1)], "logits", axis=-1
    ),
    "argmax as int32": lambda net: net.node(
        "Cast", [net.node("ArgMax", [ended(net)], "best", axis=1)], "logits", to=6
    ),
    "argmax of the map": lambda net: net.node(
        "ArgMax", [net.node("GlobalAveragePool", [classifier(net)], "pool")], "logits", axis=1
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_argmax(end: str, tmp_path: Path) -> None:
    net = Net()
    ENDS[end](net)
    kind = onnx.TensorProto.INT32 if "int32" in end else onnx.TensorProto.INT64
    found = outcome(model(net, kind=kind), tmp_path)
    assert (found.ours.argmax(axis=1) == found.file[:, 0]).all()
    assert "ArgMax" in found.state.front.onnx.host


@pytest.mark.parametrize("which", [0, 1])
def test_top_k(which: int, tmp_path: Path) -> None:
    """Values or indices of the best three."""
    net = Net()
    outputs = ["values", "indices"]
    outputs[which] = "logits"
    net.nodes.append(
        onnx.helper.make_node("TopK", [ended(net), net.constant("k", [3], np.int64)], outputs)
    )
    kind = (onnx.TensorProto.FLOAT, onnx.TensorProto.INT64)[which]
    found = outcome(model(net, kind=kind), tmp_path)
    order = np.argsort(-found.ours, axis=1, kind="stable")[:, :3]
    wanted = order if which else np.take_along_axis(found.ours, order, axis=1)
    np.testing.assert_allclose(wanted, found.file, atol=0.02 * np.abs(found.ours).max())


def test_top_k_with_values_and_indices(tmp_path: Path) -> None:
    net = Net()
    names = ["logits", "indices"]
    inputs = [ended(net), net.constant("k", [3], np.int64)]
    net.nodes.append(onnx.helper.make_node("TopK", inputs, names))
    proto = model(net)
    end = onnx.helper.make_tensor_value_info("indices", onnx.TensorProto.INT64, ["n", 3])
    proto.graph.output.append(end)
    found = outcome(proto, tmp_path)
    order = np.argsort(-found.ours, axis=1, kind="stable")[:, :3]
    assert (order == found.file).all()


def two_outputs(net: Net, name: str, kind: int) -> onnx.ModelProto:
    proto = model(net)
    end = onnx.helper.make_tensor_value_info(name, kind, None)
    end.type.tensor_type.shape.SetInParent()
    proto.graph.output.append(end)
    return proto


def test_scores_and_probabilities(tmp_path: Path) -> None:
    """Both outputs are the same scores; the first is taken."""
    net = Net()
    net.node("Softmax", [net.node("Identity", [ended(net)], "logits")], "p", axis=1)
    found = outcome(two_outputs(net, "p", onnx.TensorProto.FLOAT), tmp_path)
    assert found.state.front.onnx.ends == {"logits": "pool"}
    assert found.state.front.onnx.host == ()
    powers = np.exp(found.ours - found.ours.max(axis=1, keepdims=True))
    Outcome(found.state, powers / powers.sum(axis=1, keepdims=True), found.file).check(30.0)


def test_largest_score_and_its_class(tmp_path: Path) -> None:
    """What torch.max(scores, dim=1) becomes."""
    net = Net()
    scores = ended(net)
    net.node("ReduceMax", [scores], "logits", axes=[1], keepdims=0)
    net.node("ArgMax", [scores], "best", axis=1, keepdims=0)
    found = outcome(two_outputs(net, "best", onnx.TensorProto.INT64), tmp_path)
    assert found.state.front.onnx.host == ("ArgMax",)
    assert (found.ours.argmax(axis=1) == found.file[:, 0]).all()


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "over frames": ("ArgMax", {"axis": 0}, "ArgMax is supported along the classes, found axis 0"),
    "over nothing": ("ArgMax", {"axis": 2}, "ArgMax is supported along the classes, found axis 2"),
    "softmax of a pixel": ("Softmax", {"axis": 3}, "Softmax is supported along the classes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_ends_that_do_not_rank_classes_are_refused(case: str, tmp_path: Path) -> None:
    op, attributes, message = REFUSED[case]
    net = Net()
    pool = net.node("GlobalAveragePool", [classifier(net)], "pool")
    net.node(op, [pool], "logits", **attributes)
    with pytest.raises(HearthError, match=message):
        measured(model(net), tmp_path)


def test_the_smallest_are_not_ranked(tmp_path: Path) -> None:
    net = Net()
    k = net.constant("k", [3], np.int64)
    node = onnx.helper.make_node("TopK", [ended(net), k], ["logits", "i"], largest=0, name="last")
    net.nodes.append(node)
    with pytest.raises(HearthError, match="last: this TopK asks for the smallest scores"):
        measured(model(net), tmp_path)
