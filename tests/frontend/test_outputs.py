"""Networks that do not end in one vector of class scores: what leaves, close to the file's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from hearth.toolchain.cli import tables
from hearth.toolchain.data import manifest
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.reference import as_map
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.stages import Quantized
from hearth.toolchain.support.errors import HearthError
from tests.nets import ends
from tests.nets.forms import SIDE, classifier, measured, model
from tests.nets.onnx_nets import Net, photographs
from tests.yardstick import reference

PREPARED = manifest.PRESETS["unit"]


def compiled(proto: onnx.ModelProto, folder: Path) -> tuple[Quantized, dict[str, float]]:
    """The network, and the signal-to-noise ratio of every output in dB, on fresh frames."""
    state = measured(proto, folder)
    frames = photographs(8, SIDE, SIDE, seed=5)
    found = {}
    results = golden.results(state.qgraph, frames)
    for output, values in zip(state.qgraph.outputs, results, strict=True):
        wanted = reference(folder / "net.onnx", as_float(frames, PREPARED), output.name)
        ours = golden.dequantized(output.edge, values).transpose(0, 3, 1, 2).reshape(8, -1)
        found[output.name] = _decibels(wanted, ours)
    return state, found


def _decibels(wanted: Array, found: Array) -> float:
    return float(10 * np.log10(np.square(wanted).sum() / np.square(wanted - found).sum()))


SHAPES: dict[Callable[..., onnx.ModelProto], list[tuple[str, tuple[int, int, int], int]]] = {
    ends.detector: [("boxes", (7, 7, 9), 16)],
    ends.two_heads: [("kind", (1, 1, 7), 32), ("colour", (1, 1, 4), 32)],
    ends.read_on: [("scores", (1, 1, 7), 32), ("boxes", (7, 7, 6), 8)],
}


@pytest.mark.parametrize("make", SHAPES)
def test_what_leaves(make: Callable[..., onnx.ModelProto], tmp_path: Path) -> None:
    """A map keeps 16 bits where no kernel reads it on."""
    state, decibels = compiled(make(Net()), tmp_path)
    qgraph = state.qgraph
    assert [(o.name, o.edge.shape, o.edge.bits) for o in qgraph.outputs] == SHAPES[make]
    assert not qgraph.classes
    assert "topk" not in {layer.kind for layer in qgraph.layers}
    assert min(decibels.values()) >= 30, decibels


def test_results_are_the_edges(tmp_path: Path) -> None:
    qgraph = measured(ends.read_on(Net()), tmp_path).qgraph
    frames = photographs(2, SIDE, SIDE, seed=5)
    edges = dict(zip((e.name for e in qgraph.edges), golden.run(qgraph, frames), strict=True))
    for output, values in zip(qgraph.outputs, golden.results(qgraph, frames), strict=True):
        assert (values == edges[output.edge.name]).all()


def test_scores_beside_probabilities_of_every_pixel(tmp_path: Path) -> None:
    """The Softmax of a map is the host's; the map itself also goes into the pool."""
    net = Net()
    tensor = classifier(net)
    net.node("Flatten", [net.node("GlobalAveragePool", [tensor], "pool")], "logits")
    net.node("Softmax", [tensor], "map", axis=1)
    state, decibels = compiled(ends.several(net, "logits", "map"), tmp_path)
    assert state.front.onnx.host == ("Softmax ('map')",)
    assert [output.edge.bits for output in state.qgraph.outputs] == [32, 16]
    assert min(decibels.values()) >= 30, decibels
    assert "left to the host, after the results: Softmax ('map')" in tables.around(
        state.qgraph.notes
    )


def test_shapes_and_probabilities_of_boxes_are_the_hosts(tmp_path: Path) -> None:
    """What detectors export behind their head."""
    net = Net()
    head = net.conv(ends.body(net), "head", (9, 11, 3), pads=[1] * 4)
    turned = net.node("Transpose", [head], "turned", perm=[0, 2, 3, 1])
    shape = net.constant("shape", [0, -1, 3], np.int64)
    net.node("Softmax", [net.node("Reshape", [turned, shape], "rows")], "classes", axis=2)
    state = measured(model(net, "classes"), tmp_path)
    assert state.front.onnx.host == ("Transpose", "Reshape", "Softmax")
    (output,) = state.qgraph.outputs
    assert (output.name, output.edge.name, output.edge.shape) == ("classes", "head_pre", (7, 7, 9))


def test_a_function_right_behind_a_map_is_hardwares(tmp_path: Path) -> None:
    net = Net()
    head = net.conv(ends.body(net), "head", (9, 11, 3), pads=[1] * 4)
    net.node("Sigmoid", [head], "mask")
    state = measured(model(net, "mask"), tmp_path)
    assert state.front.onnx.host == ()
    assert [layer.kind for layer in state.qgraph.layers][-2:] == ["conv", "table"]
    frames = photographs(8, SIDE, SIDE, seed=5)
    (found,) = golden.results(state.qgraph, frames)
    session = onnx_session(tmp_path / "net.onnx", as_float(frames, PREPARED))
    real = golden.dequantized(state.qgraph.output, found)
    assert _decibels(as_map(session), real) >= 30


def onnx_session(path: Path, inputs: Array) -> Array:
    """The file's output by ONNX Runtime."""

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (result,) = session.run(None, {session.get_inputs()[0].name: inputs})
    found: Array = np.asarray(result)
    return found


def test_an_output_that_is_the_image(tmp_path: Path) -> None:
    net = Net()
    net.node("Flatten", [net.node("GlobalAveragePool", [classifier(net)], "pool")], "scores")
    net.node("MaxPool", ["data"], "small", kernel_shape=[2, 2], strides=[2, 2])
    with pytest.raises(HearthError, match="output 'small' is the image, or what max-pools leave"):
        measured(ends.several(net, "scores", "small"), tmp_path)


WISHES: dict[str, tuple[dict[str, Any], str]] = {
    "classes": ({"classes": Path("kept.txt")}, "--classes: is for networks with one vector of"),
    "names": ({"labels": Path("names.txt")}, "--class-names: is for networks with one vector"),
}


@pytest.mark.parametrize("wish", WISHES)
def test_wishes_that_need_class_scores(wish: str, tmp_path: Path) -> None:
    options, sentence = WISHES[wish]
    named = {key: tmp_path / path for key, path in options.items()}
    for path in named.values():
        path.write_text("\n".join(f"class{i}" for i in range(9)))
    with pytest.raises(HearthError, match=f"{sentence}.*ends in 'boxes'; leave"):
        measured(ends.detector(Net()), tmp_path, **named)
