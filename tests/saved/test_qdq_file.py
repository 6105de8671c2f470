"""Networks written as QDQ files: Hearth takes back every integer, and ONNX Runtime follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from hearth.hw.layers.conv import Conv
from hearth.toolchain import pipeline
from hearth.toolchain.adopt.network import adopt
from hearth.toolchain.data import images, manifest
from hearth.toolchain.data.images import as_float
from hearth.toolchain.few_bits import compression
from hearth.toolchain.few_bits.calibrated import FewBits, few_bits, sample
from hearth.toolchain.frontend import runtime
from hearth.toolchain.ir import (
    Coding,
    Graph,
    Layer,
    Preprocessing,
    QGraph,
    Weighted,
    golden,
)
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.saved.qdq_file import qdq_model
from hearth.toolchain.stages import Options
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import convs
from tests.nets.onnx_nets import Net, front_end, mobile, photographs, small
from tests.places import ROOT

FRAMES = photographs(24)
SMALL_MODEL = ROOT / "weights/default_4bit/squeezenet_cifar10_4bit.onnx"


def signed() -> onnx.ModelProto:
    """A network whose last convolution has no ReLU, as the default model's."""
    net = Net()
    tensor = net.conv_relu("data", "conv1", (8, 3, 3), strides=[2, 2])
    joined = net.fire(tensor, "fire2", (8, 4, 6, 5))
    last = net.conv(joined, "conv10", (7, 11, 1))
    net.node("Flatten", [net.node("GlobalAveragePool", [last], "pool10")], "logits")
    return net.model()


def linear() -> onnx.ModelProto:
    """A network with negative results in its middle."""
    net = Net()
    tensor = net.conv("data", "conv1", (8, 3, 3), strides=[2, 2])
    net.head(net.fire(tensor, "fire2", (8, 4, 6, 5)), 11)
    return net.model()


def relu() -> onnx.ModelProto:
    return small().model()


def forms() -> onnx.ModelProto:
    """Groups, dilation, axes of their own."""
    return mobile().model()


ENDS: dict[str, Callable[[], onnx.ModelProto]] = {
    "relu": relu,
    "signed": signed,
    "linear": linear,
    "forms": forms,
}


def few(
    proto: onnx.ModelProto, folder: Path, preprocessing: Preprocessing, chosen: Format
) -> tuple[QGraph, Graph]:
    """The network calibrated and rounded, and its float graph."""
    model, graph = front_end(proto, folder)
    statistics = calibration.collect(model, graph, [FRAMES], preprocessing, "test")
    qgraph = quantize(graph, statistics, preprocessing)
    samples = sample(qgraph, model, graph, FRAMES, FewBits(columns=600))
    return few_bits(qgraph, graph, samples, Plan(chosen)), graph


def read_back(proto: onnx.ModelProto, folder: Path, preprocessing: Preprocessing) -> QGraph:
    """As the pipeline reads it; other photographs, which must not matter."""
    model, graph = front_end(proto, folder)
    statistics = calibration.collect(model, graph, [FRAMES[:4]], preprocessing, "test")
    return adopt(quantize(graph, statistics, preprocessing), graph, model.kept)


def preprocessing_of(order: str) -> Preprocessing:
    return Preprocessing(order, (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))


def same(before: Conv, after: Conv) -> bool:
    """Every integer of a layer, and the codebook as far as it is used."""
    arrays = ("centre", "window", "bias", "multiplier")
    equal = all(np.array_equal(getattr(before, a), getattr(after, a)) for a in arrays)
    return equal and before.shift == after.shift


@pytest.mark.parametrize("order", ["RGB", "BGR"])
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("chosen", [Format(3, codebook=True), Format(4), Format(8)], ids=str)
def test_every_integer_comes_back(chosen: Format, end: str, order: str, tmp_path: Path) -> None:
    preprocessing = preprocessing_of(order)
    proto = ENDS[end]()
    written, graph = few(proto, tmp_path, preprocessing, chosen)
    found = read_back(qdq_model(written, graph), tmp_path, preprocessing)
    for before, after in zip(convs(written), convs(found), strict=True):
        assert same(before, after), before.name
        assert after.target.scale == pytest.approx(before.target.scale, rel=1e-6)
        assert set(after.codebook) <= set(np.unique(after.window)) | set(np.unique(after.centre))
    outputs = [golden.outputs(q, FRAMES) for q in (written, found)]
    assert (outputs[0] == outputs[1]).all()


def test_a_codebook_is_found_where_it_saves_bytes(tmp_path: Path) -> None:
    preprocessing = preprocessing_of("RGB")
    written, graph = few(small().model(), tmp_path, preprocessing, Format(2, codebook=True))
    found = read_back(qdq_model(written, graph), tmp_path, preprocessing)
    sizes = {layer.name: layer for layer in convs(found)}
    assert sizes["fire2/expand"].weight_bits == 2
    assert 0 < len(sizes["fire2/expand"].codebook) <= 4


def coded(qgraph: QGraph) -> QGraph:
    """The network with random weights of trellis codes, another code for each matrix."""
    rng = np.random.default_rng(8)

    def code(layer: Layer) -> Layer:
        if not isinstance(layer, Weighted):
            return layer
        codings, matrices = [], []
        for number, matrix in enumerate(layer.matrices):
            table = rng.integers(-127, 128, 32).astype(np.int8)
            codings.append(Coding(1 + number, table, 5, 4))
            codes = rng.integers(0, 2, (-(-len(matrix) // 4) * 4, matrix.shape[1]))
            matrices.append(codings[-1].values(codes.astype(np.uint8))[: len(matrix)])
        return layer.with_matrices(matrices, codings=tuple(codings))

    return replace(qgraph, layers=tuple(map(code, qgraph.layers)))


@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_codings_come_back_with_their_weights(order: str, tmp_path: Path) -> None:
    preprocessing = preprocessing_of(order)
    written, graph = few(small().model(), tmp_path, preprocessing, Format(4))
    written = coded(written)
    proto = qdq_model(written, graph)
    found = read_back(proto, tmp_path, preprocessing)
    for before, after in zip(convs(written), convs(found), strict=True):
        assert same(before, after), before.name
        assert [c.key for c in after.codings] == [c.key for c in before.codings]
    # Another program may change the weights: then only what can be seen from them counts.
    weights = next(t for t in proto.graph.initializer if t.name == "conv1.weight.integers")
    changed = np.full(weights.dims, 3, np.int8)
    changed[0, 0, 0, 0] = 4
    weights.CopyFrom(numpy_helper.from_array(changed, weights.name))
    first = next(iter(convs(read_back(proto, tmp_path, preprocessing))))
    assert not any(c.window for c in first.codings)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "should be a JSON object of bits, window, group and table, found '{'"),
        ("[]", "should be a JSON object"),
        ('{"bits": true, "window": 5, "group": 4, "table": ""}', "should be a JSON object"),
        ('{"bits": 2, "window": 5, "group": 4, "table": "0g"}', "should be a JSON object"),
        ('{"bits": 2, "window": 5, "group": 4, "table": "00"}', "a window of 5, 1 values"),
        (" " * 5000, "should be a JSON object"),
    ],
)
def test_what_is_no_coding_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    proto = small().model()
    onnx.helper.set_model_props(proto, {"hearth.coding:conv1": text})
    with pytest.raises(HearthError, match=f"the metadata 'hearth.coding:conv1'.*{reason}"):
        front_end(proto, tmp_path)


def test_onnx_runtime_follows(tmp_path: Path) -> None:
    preprocessing = preprocessing_of("RGB")
    written, graph = few(signed(), tmp_path, preprocessing, Format(4, codebook=True))
    session = runtime.session(qdq_model(written, graph), literal=True)
    theirs = session.run(None, {"data": as_float(FRAMES, preprocessing)})[0]
    ours = golden.logits(written, golden.outputs(written, FRAMES))
    assert np.abs(ours - theirs).max() < 0.03 * np.abs(ours).max()


def test_a_mean_is_refused(tmp_path: Path) -> None:
    preprocessing = Preprocessing("RGB", (120.0, 110.0, 100.0), (1 / 64, 1 / 64, 1 / 64))
    written, graph = few(small().model(), tmp_path, preprocessing, Format(4, codebook=True))
    with pytest.raises(HearthError, match="needs preprocessing without a mean and with one scale"):
        qdq_model(written, graph)


def test_sixteen_bits_in_the_middle_are_refused(tmp_path: Path) -> None:
    preprocessing = preprocessing_of("RGB")
    written, graph = few(small().model(), tmp_path, preprocessing, Format(4))
    proto = qdq_model(written, graph)
    for initializer in proto.graph.initializer:
        if initializer.name.endswith("conv1.zero") and not initializer.dims:
            wide = numpy_helper.from_array(np.array(0, np.int16), initializer.name)
            initializer.CopyFrom(wide)
    with pytest.raises(HearthError, match="conv1: its results are integers from 0 to 32767"):
        read_back(proto, tmp_path, preprocessing)


def test_the_committed_few_bit_model_keeps_its_codebooks() -> None:
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(SMALL_MODEL).graph.initializer}
    passes = pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING
    qgraph = pipeline.run(passes, Options(SMALL_MODEL, lanes=256)).design.qgraph
    for layer in convs(qgraph):
        assert layer.weight_bits <= 4
        assert 1 < len(layer.codebook) <= 16
    squeeze = next(layer for layer in convs(qgraph) if layer.name == "fire2/squeeze1x1")
    wanted = stored["fire2/squeeze1x1.weight.integers"].transpose(0, 2, 3, 1)
    assert (squeeze.window == wanted).all()
    assert (squeeze.bias == stored["fire2/squeeze1x1.bias.integers"]).all()
    sizes = compression.network(qgraph)
    assert sizes.fixed <= 0.51 * sizes.int8
    found = manifest.find(SMALL_MODEL, None)
    assert found.calibration is not None
    chosen = images.open_set(found.calibration)
    frames = np.concatenate(list(chosen.batches(found.preprocessing, (32, 32))))
    best = golden.top(qgraph, golden.outputs(qgraph, frames))[:, 0]
    assert (best == np.array(chosen.labels)).mean() > 0.8
