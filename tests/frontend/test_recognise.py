"""Front end: every operator, opset and pattern gives the right chain, and computes the same.

The recognised layers are evaluated in NumPy with the weights that they hold, and must reproduce
every tensor that ONNX Runtime computes from the file itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import parse_size, read_onnx
from hearth.toolchain.frontend.recognise import recognise
from hearth.toolchain.frontend.reference import Reference, as_map
from hearth.toolchain.frontend.simplify import simplify
from hearth.toolchain.ir import (
    Array,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    Graph,
)
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import SIZE, Net, front_end, mobile, save, small


def convolved(x: Array, conv: FloatConv) -> Array:
    top, left, bottom, right = conv.pads
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    (rows, columns), (apart, aside) = conv.kernel, conv.dilations
    spans = ((rows - 1) * apart + 1, (columns - 1) * aside + 1)
    views = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(1, 2))
    views = views[:, :: conv.strides[0], :: conv.strides[1], :, ::apart, ::aside]
    parts = zip(
        np.split(views, conv.groups, axis=3), np.split(conv.weights, conv.groups), strict=True
    )
    y = np.concatenate([np.einsum("nyxckl,oklc->nyxo", *part) for part in parts], axis=-1)
    y = y + conv.bias
    result: Array = np.maximum(y, 0) if conv.relu else y
    return result


def pooled(x: Array, pool: FloatMaxPool, shape: tuple[int, ...]) -> Array:
    top, left, _, _ = pool.pads
    padded = np.pad(x, ((0, 0), (top, 99), (left, 99), (0, 0)), constant_values=float(-np.inf))
    views = np.lib.stride_tricks.sliding_window_view(padded, pool.kernel, axis=(1, 2))
    views = views[:, :: pool.strides[0], :: pool.strides[1]]
    result: Array = views[:, : shape[1], : shape[2]].max(axis=(4, 5))
    return result


def computed(x: Array, layer: FloatLayer, shape: tuple[int, ...]) -> Array:
    match layer:
        case FloatConv():
            return convolved(x, layer)
        case FloatExpand():
            return np.concatenate([convolved(x, layer.centre), convolved(x, layer.window)], axis=-1)
        case FloatMaxPool():
            return pooled(x, layer, shape)
    mean: Array = x.mean(axis=(1, 2), keepdims=True)
    return mean


def check(model: OnnxModel, graph: Graph) -> None:
    """Every layer of the graph computes the ONNX tensor it is named after."""
    count = max(1, model.batch)
    inputs = np.random.default_rng(3).normal(0, 1, (count, 3, graph.height, graph.width))
    inputs = inputs.astype(np.float32)
    wanted = Reference(model, [layer.tensor for layer in graph.layers]).run(inputs)
    x = as_map(inputs)
    for layer, values in zip(graph.layers, wanted, strict=True):
        exact = as_map(values)
        x = computed(x, layer, exact.shape)
        assert x.shape == exact.shape, layer.name
        np.testing.assert_allclose(x, exact, atol=1e-4, err_msg=layer.name)


def checked(net: Net, folder: Path, output: str = "logits") -> Graph:
    model, graph = front_end(net.model(output), folder)
    check(model, graph)
    return graph


@pytest.mark.parametrize("opset", [7, 9, 10, 11, 12, 13, 17, 18, 21, 22])
def test_opsets(opset: int, tmp_path: Path) -> None:
    graph = checked(small(opset), tmp_path)
    assert [layer.name for layer in graph.layers] == [
        "conv1",
        "pool1",
        "fire2/squeeze1x1",
        "fire2/expand",
        "conv10",
        "pool10",
    ]
    assert [type(layer) for layer in graph.layers[3:]] == [FloatExpand, FloatConv, FloatGlobalPool]


@pytest.mark.parametrize("side", range(9, 21))
@pytest.mark.parametrize(("kernel", "stride", "pad"), [(3, 2, 0), (3, 2, 1), (2, 2, 0), (2, 3, 0)])
def test_ceil_mode_sizes_are_those_of_onnx_runtime(
    side: int, kernel: int, stride: int, pad: int, tmp_path: Path
) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    tensor = net.node(
        "MaxPool",
        [tensor],
        "pool",
        kernel_shape=[kernel] * 2,
        strides=[stride] * 2,
        pads=[pad] * 4,
        ceil_mode=1,
    )
    net.head(tensor, 4)
    check(*front_end(net.model(shape=("N", 3, side, side + 1)), tmp_path))


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_auto_pad(auto_pad: str, stride: int, tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (5, 3, 3), strides=[stride] * 2, auto_pad=auto_pad)
    net.head(tensor, 5)
    checked(net, tmp_path)


def test_windows_of_every_form(tmp_path: Path) -> None:
    graph = checked(mobile(), tmp_path)
    found = {x.name: x for x in graph.layers if isinstance(x, FloatConv)}
    assert [found[name].groups for name in ("depthwise", "grouped", "row")] == [8, 2, 1]
    assert (found["grouped"].kernel, found["grouped"].strides) == ((3, 2), (1, 2))
    assert (found["apart"].dilations, found["linear"].relu) == ((2, 1), False)


@pytest.mark.parametrize(("middle", "joined"), [(2, False), (9, True)])
def test_linear_convolutions_are_joined_where_that_is_shorter(
    middle: int, joined: bool, tmp_path: Path
) -> None:
    """8 -> middle -> 9 channels: 34 or 153 weights, their product has 72."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3))
    tensor = net.conv(tensor, "first", (middle, 8, 1))
    net.head(net.conv_relu(tensor, "second", (9, middle, 1)), 9)
    graph = checked(net, tmp_path)
    names = [layer.name for layer in graph.layers]
    assert ("second" not in names) == joined
    assert len(names) == (4 if joined else 5)


def test_pool_with_taps_apart_is_refused(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    window = {"kernel_shape": [2, 2], "dilations": [2, 1]}
    net.head(net.node("MaxPool", [tensor], "pool", **window), 4)
    with pytest.raises(HearthError, match=r"pool: dilations \[2, 1\] of a max-pool are not supp"):
        front_end(net.model(), tmp_path)


@pytest.mark.parametrize("batch", [1, 4, "N", "batch"])
def test_batch(batch: int | str, tmp_path: Path) -> None:
    model, graph = front_end(small().model(shape=(batch, 3, SIZE, SIZE)), tmp_path)
    check(model, graph)
    frames = np.zeros((5, 3, SIZE, SIZE), np.float32)
    assert Reference(model, ["logits"]).run(frames)[0].shape == (5, 7)


def test_dynamic_size_and_override(tmp_path: Path) -> None:
    path = save(small().model(shape=("N", 3, "h", "w")), tmp_path)
    model = simplify(read_onnx(path, parse_size("20x31")))
    graph = recognise(model)
    assert (graph.height, graph.width) == (20, 31)
    check(model, graph)
    fixed = save(small().model(), tmp_path)
    check(model := simplify(read_onnx(fixed, (33, 33))), recognise(model))


def test_relu_after_concat(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    parts = [
        net.conv(tensor, "a", (3, 4, 1)),
        net.conv(tensor, "b", (2, 4, 5), auto_pad="SAME_UPPER"),
    ]
    joined = net.node("Concat", parts, "joined", axis=1, name="fire2/join")
    net.head(net.relu(joined, "fire2"), 5)
    graph = checked(net, tmp_path)
    expand = graph.layers[1]
    assert isinstance(expand, FloatExpand)
    assert expand.name == "fire2/join"
    assert expand.tensor == "fire2"
    assert expand.centre.relu
    assert expand.window.relu


def test_capped_relu_after_concat(tmp_path: Path) -> None:
    net = Net()
    tensor = net.conv_relu("data", "conv1", (4, 3, 3))
    parts = [net.conv(tensor, "a", (3, 4, 1)), net.conv(tensor, "b", (2, 4, 3), pads=[1] * 4)]
    joined = net.node("Concat", parts, "joined", axis=1)
    limits = [net.constant("low", 0.0), net.constant("high", 6.0)]
    net.head(net.node("Clip", [joined, *limits], "clipped"), 5)
    expand = front_end(net.model(), tmp_path)[1].layers[1]
    assert isinstance(expand, FloatExpand)
    assert (expand.centre.cap, expand.window.cap) == (6, 6)


def test_batch_norm_after_conv_and_after_concat(tmp_path: Path) -> None:
    net = Net()

    def norm(tensor: str, output: str, channels: int) -> str:
        rng = net.rng
        values = (
            rng.uniform(0.5, 2, channels),
            rng.normal(0, 1, channels),
            rng.normal(0, 1, channels),
            rng.uniform(0.1, 2, channels),
        )
        names = [net.constant(f"{output}.{i}", v) for i, v in enumerate(values)]
        return net.node("BatchNormalization", [tensor, *names], output, epsilon=1e-3)

    tensor = net.conv("data", "conv1", (6, 3, 3), bias=False)
    tensor = net.relu(norm(tensor, "bn1", 6), "r1")
    parts = [
        net.conv(tensor, "e1", (3, 6, 1)),
        net.conv(tensor, "e3", (4, 6, 3), pads=[1] * 4),
    ]
    joined = net.node("Concat", parts, "cat", axis=1)
    net.head(net.relu(norm(joined, "bn2", 7), "r2"), 7)
    graph = checked(net, tmp_path)
    assert graph.layers[0].nodes == ("conv1", "r1/relu")


def test_default_epsilon_of_batch_norm(tmp_path: Path) -> None:
    """It is 1e-5; seen where the variance is as small."""
    net = Net()
    tensor = net.conv("data", "conv1", (4, 3, 3), bias=False)
    values = (np.full(4, 0.01), np.zeros(4), np.zeros(4), [1e-5, 2e-5, 1e-4, 0])
    names = [net.constant(f"bn.{i}", value) for i, value in enumerate(values)]
    net.head(net.relu(net.node("BatchNormalization", [tensor, *names], "bn"), "r"), 4)
    checked(net, tmp_path)


@pytest.mark.parametrize("opset", [9, 13])
def test_clip_identity_dropout_constant(opset: int, tmp_path: Path) -> None:
    net = Net(opset)
    tensor = net.conv("data", "conv1", (6, 3, 3))
    if opset < 11:
        tensor = net.node("Clip", [tensor], "clipped", min=0.0)
    else:
        net.constant("zero", 0.0)
        tensor = net.node("Clip", [tensor, "zero"], "clipped")
    tensor = net.node("Identity", [tensor], "same")
    tensor = net.node("Dropout", [tensor], "dropped")
    weights = helper.make_tensor(
        "w", onnx.TensorProto.FLOAT, [4, 6, 1, 1], net.rng.normal(0, 1, 24).tolist()
    )
    net.nodes.append(helper.make_node("Constant", [], ["kept"], value=weights))
    tensor = net.node("Conv", [tensor, "kept"], "c2", name="conv2")
    net.head(net.relu(tensor, "r2"), 4)
    assert [layer.name for layer in checked(net, tmp_path).layers][:2] == ["conv1", "conv2"]


TAILS = {
    "average pool over the map, softmax": 9,
    "reduce mean keeping axes, reshape": 13,
    "reduce mean with axes as input, dropping them": 18,
    "global pool, computed reshape": 13,
    "squeeze, log softmax": 13,
}


@pytest.mark.parametrize("tail", TAILS)
def test_tails(tail: str, tmp_path: Path) -> None:
    net = Net(TAILS[tail])
    tensor = net.conv("data", "conv1", (5, 3, 3))
    match tail:
        case "average pool over the map, softmax":
            pool = net.node("AveragePool", [tensor], "p", kernel_shape=[SIZE - 2] * 2)
            flat = net.node("Flatten", [pool], "flat")
            net.node("Softmax", [flat], "logits")
        case "reduce mean keeping axes, reshape":
            pool = net.node("ReduceMean", [tensor], "p", axes=[-1, -2])
            net.node("Reshape", [pool, net.constant("s", [-1, 5], np.int64)], "logits")
        case "reduce mean with axes as input, dropping them":
            axes = net.constant("axes", [2, 3], np.int64)
            net.node("ReduceMean", [tensor, axes], "logits", keepdims=0)
        case "global pool, computed reshape":
            pool = net.node("GlobalAveragePool", [tensor], "p")
            shape = net.node("Shape", [pool], "shape")
            batch = net.node("Gather", [shape, net.constant("i", [0], np.int64)], "batch")
            sizes = [batch, net.constant("m", [-1], np.int64)]
            sizes = [net.node("Concat", sizes, "sizes", axis=0)]
            net.node("Reshape", [pool, *sizes], "logits")
        case _:
            pool = net.node("GlobalAveragePool", [tensor], "p")
            flat = net.node("Squeeze", [pool, net.constant("a", [2, 3], np.int64)], "flat")
            net.node("LogSoftmax", [flat], "logits", axis=1)
    graph = checked(net, tmp_path)
    assert len(graph.layers) == 2
    assert isinstance(graph.layers[0], FloatConv)
    assert not graph.layers[0].relu


def test_empty_and_repeated_names_become_unique(tmp_path: Path) -> None:
    model = small().model()
    for node in model.graph.node:
        node.name = "" if node.op_type == "Conv" else "same"
    _, graph = front_end(model, tmp_path)
    names = [layer.name for layer in graph.layers]
    assert len(set(names)) == len(names)
    assert names[0] == "conv1_pre"


def test_strange_names_are_kept(tmp_path: Path) -> None:
    model = small().model()
    strange = "always; $(rm -rf ~) 'q' \"x\"\nendmodule\x1b[31m"
    model.graph.node[0].name = strange
    _, graph = front_end(model, tmp_path)
    assert graph.layers[0].name == strange


def test_external_data_beside_the_model(tmp_path: Path) -> None:
    model = small().model()
    onnx.save(model, tmp_path / "net.onnx", save_as_external_data=True, size_threshold=0)
    loaded = simplify(read_onnx(tmp_path / "net.onnx"))
    check(loaded, recognise(loaded))
