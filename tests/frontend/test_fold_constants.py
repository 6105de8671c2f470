"""Constants computed from constants: the value is ONNX Runtime's, and no size is taken on trust."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from hearth.toolchain.frontend.file import fold_constants as folding
from hearth.toolchain.frontend.file.fold_constants import fold_constants
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import FloatConcat, FloatConv
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import Net, front_end

FILE = Path("net.onnx")


def weights_of(build: Callable[[Net], str], opset: int = 13) -> Net:
    """A network whose only convolution reads weights [4, 3, 1, 1] that `build` computes."""
    net = Net(opset)
    tensor = net.node("Conv", ["data", build(net)], "conv1_pre", name="conv1")
    pooled = net.node("GlobalAveragePool", [net.relu(tensor, "conv1")], "pool")
    net.node("Flatten", [pooled], "logits")
    return net


def shape(net: Net, name: str, values: Any) -> str:
    return net.constant(name, values, np.int64)


def filled(net: Net) -> str:
    value = numpy_helper.from_array(np.array([0.25], np.float32))
    return net.node("ConstantOfShape", [shape(net, "s", [4, 3, 1, 1])], "w", value=value)


def chained(net: Net) -> str:
    """Range -> Cast -> Div by a scalar -> Reshape to a shape made by Concat."""
    parts = [net.constant(n, v, np.int64) for n, v in (("a", 0), ("b", 12), ("c", 1))]
    numbers = net.node("Cast", [net.node("Range", parts, "r")], "f", to=TensorProto.FLOAT)
    small = net.node("Div", [numbers, net.constant("d", 7.0)], "q")
    size = [shape(net, "s0", [4, 3]), shape(net, "s1", [1, 1])]
    return net.node("Reshape", [small, net.node("Concat", size, "s", axis=0)], "w")


def normalized(net: Net) -> str:
    """Weight normalization: v * g / sqrt(sum of v squared), as old exporters unroll it."""
    v = net.constant("v", net.rng.normal(0, 1, (4, 3, 1, 1)))
    squares = net.node("Mul", [v, v], "vv")
    total = net.node("ReduceSum", [squares, shape(net, "axes", [1, 2, 3])], "n", keepdims=1)
    unit = net.node("Div", [v, net.node("Sqrt", [total], "root")], "unit")
    return net.node("Mul", [unit, net.constant("g", net.rng.normal(0, 1, (4, 1, 1, 1)))], "w")


def expanded(net: Net) -> str:
    one = net.constant("one", net.rng.normal(0, 1, (1, 3, 1, 1)))
    return net.node("Expand", [one, shape(net, "s", [4, 1, 1, 1])], "w")


def from_nodes(net: Net) -> str:
    """Constant nodes in every spelling, sliced and transposed."""
    net.nodes.append(helper.make_node("Constant", [], ["k"], value_floats=[1.0, 2, 3, 4] * 3))
    net.nodes.append(helper.make_node("Constant", [], ["s"], value_ints=[3, 4, 1, 1]))
    return net.node("Transpose", [net.node("Reshape", ["k", "s"], "m")], "w", perm=[1, 0, 2, 3])


FORMS = (filled, chained, normalized, expanded, from_nodes)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_value_is_onnx_runtimes(form: Callable[[Net], str], tmp_path: Path) -> None:
    net = weights_of(form)
    model, graph = front_end(net.model(), tmp_path)
    (wanted,) = Reference(model, ["w"], model.original).run(np.zeros((4, 3, 16, 16), np.float32))
    np.testing.assert_allclose(model.constants["w"], wanted, rtol=1e-6)
    assert [layer.name for layer in graph.layers] == ["conv1", "pool"]
    assert {node.op_type for node in model.proto.graph.node} <= {
        "Conv",
        "Relu",
        "GlobalAveragePool",
        "Flatten",
    }


def test_old_operator_sets_keep_their_spelling(tmp_path: Path) -> None:
    """Unsqueeze with its axes as an attribute, as up to operator set 12."""

    def build(net: Net) -> str:
        flat = net.constant("flat", net.rng.normal(0, 1, (4, 3)))
        return net.node("Unsqueeze", [flat], "w", axes=[2, 3])

    model, _ = front_end(weights_of(build, opset=11).model(), tmp_path)
    assert model.constants["w"].shape == (4, 3, 1, 1)


HUGE = {
    "ConstantOfShape": [np.array([1 << 20, 1 << 11])],
    "Expand": [np.ones(1, np.float32), np.array([1 << 20, 1 << 11])],
    "Tile": [np.ones(4, np.float32), np.array([1 << 29])],
    "Range": [np.array(0), np.array(1 << 40), np.array(1)],
    "Pad": [np.ones(4, np.float32), np.array([0, 1 << 31])],
    "Add": [np.ones((1 << 13, 1), np.float32), np.ones((1, 1 << 13), np.float32)],
}


@pytest.mark.parametrize("op", HUGE)
def test_large_results_are_refused_before_they_are_computed(
    op: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("evaluated")

    monkeypatch.setattr(folding, "ReferenceEvaluator", never)
    with pytest.raises(HearthError, match=rf"'w' is a {op} that makes a constant of [0-9,]+ bytes"):
        fold_constants(FILE, alone(op, *HUGE[op]))


def test_many_small_results_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "LIMIT_BYTES", 5000)
    net = Net()
    size = shape(net, "s", [1000])
    a, b = (net.node("ConstantOfShape", [size], name) for name in "ab")
    net.node("Add", [a, b], "w")
    net.node("Add", ["data", "w"], "logits")
    with pytest.raises(HearthError, match=r"'b' is a ConstantOfShape that makes .* 4,000 b"):
        fold_constants(FILE, net.model())


def alone(op: str, *inputs: np.ndarray[Any, Any], **attributes: Any) -> onnx.ModelProto:
    """One operator of constants whose result the network uses."""
    net = Net()
    names = [net.constant(f"i{k}", value, value.dtype) for k, value in enumerate(inputs)]
    net.node(op, names, "w", **attributes)
    net.node("Conv", ["data", "w"], "logits")
    return net.model()


@pytest.mark.parametrize(
    ("op", "inputs"),
    [
        ("Reshape", [np.ones(4, np.float32), np.array([3, 2])]),
        ("ConstantOfShape", [np.array([-3])]),
        ("Gather", [np.ones(4, np.float32), np.array([9])]),
        ("Range", [np.array(0), np.array(9), np.array(0)]),
    ],
)
def test_what_cannot_be_computed_is_one_sentence(op: str, inputs: list[Any]) -> None:
    with pytest.raises(HearthError, match=rf"^net\.onnx: node 'w' is a {op} of constants that"):
        fold_constants(FILE, alone(op, *inputs))


def test_division_by_zero_does_not_end_the_process() -> None:
    folded = fold_constants(FILE, alone("Div", np.array([4]), np.array([0])))
    assert [tensor.name for tensor in folded.graph.initializer] == ["w"]


@pytest.mark.parametrize("op", ["RandomNormalLike", "Multinomial", "Bernoulli", "Einsum"])
def test_other_operators_keep_their_place(op: str) -> None:
    model = alone(op, np.ones((2, 2), np.float32))
    assert fold_constants(FILE, model) is model


def test_light_squeezenet_of_the_onnx_package(tmp_path: Path) -> None:
    """Weights made by 39 ConstantOfShape nodes; the package's own expected output is met."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    model, graph = front_end(onnx.load(folder / "light_squeezenet.onnx"), tmp_path)
    assert len(graph.layers) == 22
    assert model.host == ("Softmax",)
    expected = onnx.load_tensor(str(folder / "light_squeezenet_output_0.pb"))
    scores = Reference(model, [graph.layers[-1].tensor]).run(np.ones((1, 3, 224, 224), np.float32))
    powers = np.exp(scores[0].reshape(-1) - scores[0].max())
    wanted = numpy_helper.to_array(expected).reshape(-1)
    np.testing.assert_allclose(powers / powers.sum(), wanted, rtol=1e-4)


def test_light_densenet(tmp_path: Path) -> None:
    """121 layers, most behind a Concat and a BatchNormalization, as the file computes them."""
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    model, graph = front_end(onnx.load(folder / "light_densenet121.onnx"), tmp_path)
    assert sum(isinstance(layer, FloatConcat) for layer in graph.layers) == 58
    assert sum(isinstance(layer, FloatConv) and layer.groups == 1 for layer in graph.layers) == 121
    expected = onnx.load_tensor(str(folder / "light_densenet121_output_0.pb"))
    scores = Reference(model, [graph.layers[-1].tensor]).run(np.ones((1, 3, 224, 224), np.float32))
    wanted = numpy_helper.to_array(expected)
    np.testing.assert_allclose(scores[0].reshape(wanted.shape), wanted, rtol=1e-5)


LIGHT = {
    "bvlc_alexnet": r"'fc6_w_0' is a ConstantOfShape that makes a constant of 150,994,944 bytes",
    "inception_v1": "is a LRN, which is not supported",
    "inception_v2": "AveragePool with pads .* is supported where padding is counted",
    "resnet50": "all computed constants together may take 64 MiB",
    "shufflenet": "is a Sum, which is not supported",
    "vgg19": "all computed constants together may take 64 MiB",
    "zfnet512": r"'gpu_0/fc6_w_0' is a ConstantOfShape that makes a constant of 301,989,888 bytes",
}


@pytest.mark.parametrize("name", LIGHT)
def test_light_models_that_are_no_squeezenets(name: str, tmp_path: Path) -> None:
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    with pytest.raises(HearthError, match=LIGHT[name]):
        front_end(onnx.load(folder / f"light_{name}.onnx"), tmp_path)
