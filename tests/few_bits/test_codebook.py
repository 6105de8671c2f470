"""Few-bit networks: codebooks, their corner cases, and kept codebooks of a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from hearth.hw.layers.conv import Conv
from hearth.toolchain.few_bits import codebook
from hearth.toolchain.few_bits.calibrated import FewBits, Samples, few_bits, keep_codebooks, sample
from hearth.toolchain.few_bits.codebook import Codebook, k_means
from hearth.toolchain.few_bits.gptq import Problem
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.ir import Array, Graph, QGraph, golden
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Format, Plan
from tests.nets.onnx_nets import PIXELS, front_end, photographs, small

FLOOR = np.full(6, 1e-30, np.float32)


@dataclass(frozen=True, eq=False)
class Network:
    """A small network as int8, with the samples to take bits away."""

    model: OnnxModel
    graph: Graph
    qgraph: QGraph
    samples: Samples

    @staticmethod
    def of(proto: onnx.ModelProto, folder: Path, frames: Array | None = None) -> Network:
        model, graph = front_end(proto, folder)
        frames = photographs(24, graph.height, graph.width) if frames is None else frames
        statistics = calibration.collect(model, graph, [frames], PIXELS, "test")
        qgraph = quantize(graph, statistics, PIXELS)
        samples = sample(qgraph, model, graph, frames, FewBits(columns=600))
        return Network(model, graph, qgraph, samples)

    def few(self, chosen: Format) -> QGraph:
        return few_bits(self.qgraph, self.graph, self.samples, Plan(chosen))

    def noise(self, found: QGraph) -> float:
        """Mean squared distance of the logits from those of the int8 network."""
        frames = photographs(12, seed=5)
        scores = [golden.logits(q, golden.outputs(q, frames)) for q in (self.qgraph, found)]
        return float(np.square(scores[0] - scores[1]).mean() / np.square(scores[0]).mean())


def convs(qgraph: QGraph) -> Iterator[Conv]:
    return (layer for layer in qgraph.layers if isinstance(layer, Conv))


def changed(name: str, change: Array | None = None, scale: float = 1.0) -> onnx.ModelProto:
    """The small network with one weight tensor replaced or scaled."""
    proto = small().model()
    for tensor in proto.graph.initializer:
        if tensor.name == name:
            before = numpy_helper.to_array(tensor)
            after = before * scale if change is None else np.broadcast_to(change, before.shape)
            tensor.CopyFrom(numpy_helper.from_array(after.astype(np.float32).copy(), name))
    return proto


@pytest.mark.parametrize("shared", [False, True])
def test_every_bit_helps(shared: bool, tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    noises = []
    for bits in range(2, 9):
        found = network.few(Format(bits, shared))
        assert all(conv.weight_bits <= bits for conv in convs(found))
        assert all(bool(len(conv.codebook)) == shared for conv in convs(found))
        noises.append(network.noise(found))
    assert noises[0] > noises[2] > noises[4] > noises[6]
    assert noises[6] < 1e-3


def test_same_seed_same_network(tmp_path: Path) -> None:
    first, second = (Network.of(small().model(), tmp_path) for _ in range(2))
    for a, b in zip(
        convs(first.few(Format(3, True))), convs(second.few(Format(3, True))), strict=True
    ):
        assert (a.window == b.window).all()
        assert (a.bias == b.bias).all()
        assert (a.multiplier == b.multiplier).all()


@pytest.mark.parametrize("shared", [False, True])
def test_zero_channel_stays_zero(shared: bool, tmp_path: Path) -> None:
    weights = np.random.default_rng(0).normal(size=(8, 3, 3, 3))
    weights[2] = 0
    network = Network.of(changed("conv1.weight", weights), tmp_path)
    conv = next(convs(network.few(Format(3, shared))))
    before = next(convs(network.qgraph))
    black, white = (np.full((1, *conv.source.shape), v, np.uint8) for v in (0, 255))
    for layer in (before, conv):
        assert (layer.golden(black)[..., 2] == layer.golden(white)[..., 2]).all()
    distance = conv.golden(black)[..., 2].astype(int) - before.golden(black)[..., 2]
    assert np.abs(distance).max() <= 1


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("value", [0.0, 0.25, -0.25])
def test_layer_of_one_value(shared: bool, value: float, tmp_path: Path) -> None:
    network = Network.of(changed("fire2/squeeze1x1.weight", np.full(1, value)), tmp_path)
    found = network.few(Format(4, shared))
    squeeze = next(conv for conv in convs(found) if conv.name == "fire2/squeeze1x1")
    assert len(squeeze.codebook) < 16
    assert np.isfinite(network.noise(found))


def test_tiny_weights_keep_accumulators_legal(tmp_path: Path) -> None:
    """Bias dominates: scales have a floor, or the bias would not fit."""
    network = Network.of(changed("fire2/squeeze1x1.weight", scale=1e-9), tmp_path)
    network.few(Format(4, True))


def test_constant_photographs(tmp_path: Path) -> None:
    frames = np.full((8, 16, 16, 3), 90, np.uint8)
    network = Network.of(small().model(), tmp_path, frames)
    for shared in (False, True):
        found = network.few(Format(8, shared))
        assert np.isfinite(network.noise(found))


def test_plan_gives_layers_their_own_format(tmp_path: Path) -> None:
    network = Network.of(small().model(), tmp_path)
    plan = Plan(Format(3, True), {"conv1": Format(8), "conv10": Format(5)})
    found = few_bits(network.qgraph, network.graph, network.samples, plan)
    assert [conv.weight_bits for conv in convs(found)] == [8, 3, 3, 5]


def test_kept_codebooks_are_exact(tmp_path: Path) -> None:
    """Equal weights stay equal, zeros stay zero, entries become int8 of one scale."""
    rng = np.random.default_rng(3)
    entries = np.array([-0.5, -0.2, 0.0, 0.0, 0.1, 0.5])
    weights = rng.choice(entries, (4, 8, 1, 1))
    network = Network.of(changed("fire2/squeeze1x1.weight", weights), tmp_path)
    found = keep_codebooks(network.qgraph, network.graph, network.samples)
    squeeze = next(conv for conv in convs(found) if conv.name == "fire2/squeeze1x1")
    assert (squeeze.window.reshape(4, 8) == np.rint(weights[..., 0, 0] / 0.5 * 127)).all()
    assert squeeze.weight_bits == 3
    assert set(squeeze.codebook) <= {-127, -51, 0, 25, 127}


def test_kept_zeros_with_a_new_codebook(tmp_path: Path) -> None:
    weights = np.random.default_rng(4).normal(size=(4, 8, 1, 1))
    weights[np.abs(weights) < 0.6] = 0
    network = Network.of(changed("fire2/squeeze1x1.weight", weights), tmp_path)
    plan = Plan(Format(2, True))
    found = few_bits(network.qgraph, network.graph, network.samples, plan, keep_zeros=True)
    squeeze = next(conv for conv in convs(found) if conv.name == "fire2/squeeze1x1")
    assert not squeeze.window.reshape(4, 8)[weights[..., 0, 0] == 0].any()
    assert len(squeeze.codebook) <= 5
    assert squeeze.weight_bits == 3


def binary() -> onnx.ModelProto:
    """The small network with weights of either sign and one size per output channel."""
    proto = small().model()
    for tensor in proto.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 4:
            size = np.abs(values).mean(axis=(1, 2, 3), keepdims=True)
            signs = np.where(values < 0, -size, size).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(signs, tensor.name))
    return proto


def test_binary_weights_take_one_bit_and_lose_nothing(tmp_path: Path) -> None:
    network = Network.of(binary(), tmp_path)
    found = network.few(Format(1, True))
    for conv in convs(found):
        assert (conv.weight_bits, conv.codebook.tolist()) == (1, [-127, 127])
    assert network.noise(found) < 1e-3


def test_one_bit_of_any_network(tmp_path: Path) -> None:
    """Far from the original, but nearer than weights of random signs, and legal everywhere."""
    network = Network.of(small().model(), tmp_path)
    found = network.few(Format(1, True))
    assert all((conv.weight_bits, len(conv.codebook)) == (1, 2) for conv in convs(found))
    assert network.noise(found) < 0.5


def test_one_bit_with_a_channel_of_zeros(tmp_path: Path) -> None:
    """There is no zero among two values: the channel gets the smallest multiplier instead."""
    weights = small().model().graph.initializer[0]
    values = numpy_helper.to_array(weights).copy()
    values[2] = 0
    network = Network.of(changed(weights.name, values), tmp_path)
    conv = next(convs(network.few(Format(1, True))))
    assert len(conv.codebook) == 2
    assert conv.multiplier[2] <= conv.multiplier.max() / 1000


def test_k_means_finds_clusters() -> None:
    rng = np.random.default_rng(0)
    centres = np.array([-3.0, -1.0, 0.5, 4.0])
    values = (centres[:, None] + 0.01 * rng.normal(size=(4, 50))).reshape(-1)
    found = k_means(values, np.ones(200), 4)
    assert found == pytest.approx(centres, abs=0.02)


def test_fewer_values_than_the_codebook_has_room_for() -> None:
    target = np.random.default_rng(0).choice([-0.5, 0.25, 1.0], (20, 6))
    book, (found,) = codebook.shared([Problem.of(target, np.eye(20))], 16, [FLOOR])
    assert len(book.values) <= 16
    assert found.integers * found.scale == pytest.approx(target, abs=0.02)


def test_signed_extremes() -> None:
    book = Codebook.of(np.array([-128.0, -300.0, 127.0, 0.2]))
    assert list(book.values) == [-128, 0, 127]
    found = book.round(np.array([-1e9, -64.1, -63.9, 63.4, 1e9]), np.ones(1))
    assert list(found) == [-128, -128, 0, 0, 127]
