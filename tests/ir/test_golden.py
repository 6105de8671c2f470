"""Golden model: the chain's edges, against a second and slower way to compute each layer."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from hearth.hw import layers
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.conv import golden as computed
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.ir import Array, Edge, QGraph, golden
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import photographs, quantized, small


@pytest.fixture
def qgraph(tmp_path: Path) -> QGraph:
    return quantized(small(ceil_mode=1).model(), tmp_path)


def slow_conv(layer: Conv, frame: Array) -> Array:
    """One output at a time with Python integers."""
    out = np.zeros(layer.target.shape, layer.target.dtype)
    rows, columns = layer.kernel_size
    own, outputs = layer.source.channels // layer.groups, len(layer.window) // layer.groups
    for y, x, o in np.ndindex(out.shape):
        acc = int(layer.bias[o])
        for ky, kx in np.ndindex(rows, columns):
            row = y * layer.strides[0] - layer.pads[0] + ky * layer.dilations[0]
            column = x * layer.strides[1] - layer.pads[1] + kx * layer.dilations[1]
            if not (0 <= row < layer.source.height and 0 <= column < layer.source.width):
                continue
            first = 0
            if o >= len(layer.centre):
                weights = layer.window[o - len(layer.centre), ky, kx]
                first = (o - len(layer.centre)) // outputs * own
            elif (ky, kx) == (rows // 2, columns // 2):
                weights = layer.centre[o]
            else:
                continue
            values = frame[row, column, first : first + own]
            acc += int(values.astype(np.int64) @ weights.astype(np.int64))
        shift = layer.factor_shift
        value = (acc * int(layer.factor[o]) + (1 << (shift - 1))) >> shift
        out[y, x, o] = min(max(value, layer.target.low), layer.target.high)
    return out


def slow_pool(layer: MaxPool, frame: Array) -> Array:
    out = np.zeros(layer.target.shape, layer.target.dtype)
    (down, across), (high, wide), (top, left, _, _) = layer.strides, layer.kernel_size, layer.pads
    for y, x in np.ndindex(out.shape[:2]):
        rows = slice(max(0, y * down - top), y * down - top + high)
        columns = slice(max(0, x * across - left), x * across - left + wide)
        out[y, x] = frame[rows, columns].max(axis=(0, 1))
    return out


def test_every_edge(qgraph: QGraph) -> None:
    frames = photographs(2)
    edges = golden.run(qgraph, frames)
    assert len(edges) == len(qgraph.edges)
    for edge, values in zip(qgraph.edges, edges, strict=True):
        assert values.shape == (2, *edge.shape)
        assert values.dtype == edge.dtype
    for layer, source, target in zip(qgraph.layers, edges, edges[1:], strict=False):
        if isinstance(layer, Conv):
            assert (slow_conv(layer, source[1]) == target[1]).all(), layer.name
        elif isinstance(layer, MaxPool):
            assert (slow_pool(layer, source[1]) == target[1]).all(), layer.name


def test_pads_of_each_side() -> None:
    """Every side has its own padding, and the stride leaves a rest."""
    rng = np.random.default_rng(8)
    source, target = Edge("x", 5, 8, 2), Edge("y", 3, 2, 3)
    layer = Conv(
        name="y",
        source=source,
        target=target,
        strides=(3, 3),
        pads=(3, 0, 2, 1),
        centre=np.zeros((0, 2), np.int8),
        window=rng.integers(-128, 128, (3, 4, 4, 2)).astype(np.int8),
        bias=rng.integers(-99, 99, 3).astype(np.int32),
        multiplier=np.full(3, 9_000, np.uint16),
        shift=20,
    )
    frames = rng.integers(0, 256, (2, *source.shape)).astype(np.uint8)
    got = layer.golden(frames)
    assert 0 < np.count_nonzero(got) < got.size
    for frame, values in zip(frames, got, strict=True):
        assert (slow_conv(layer, frame) == values).all()


@pytest.mark.parametrize("kind", ["conv", "maxpool"])
def test_examples_of_the_kinds(kind: str) -> None:
    """Axes of their own, dilation, groups, signs: as the contract tests draw them."""
    rng = np.random.default_rng(21)
    for layer, _, _ in itertools.islice(layers.examples(kind, rng), 24):
        source = layer.source
        frame = rng.integers(source.low, source.high, source.shape, endpoint=True)
        frame = frame.astype(source.dtype)
        if isinstance(layer, Conv):
            assert (slow_conv(layer, frame) == layer.golden(frame[None])[0]).all()
        elif isinstance(layer, MaxPool):
            assert (slow_pool(layer, frame) == layer.golden(frame[None])[0]).all()


REAL = {"float32": np.float32, "float64": np.float64}


@pytest.mark.parametrize(
    ("channels", "weight", "bias", "fraction", "shift", "real", "whole"),
    [
        (518, 127, 7, None, 24, "float32", False),  # 518 x 127 x 255 < 2^24
        (519, 127, -7, None, 24, "float64", False),
        (514, -128, 0, None, 40, "float32", False),  # 2^24 - 4096
        (516, -128, 2**31 - 2**25, None, 36, "float64", False),
        (516, -128, -(2**31), None, 40, "float64", False),
        (9, 127, 2**29 - 10**7, 255, 40, "float32", False),  # 2^29 x 2^24 = 2^53
        (9, 127, 2**29, 255, 40, "float32", True),
        (600, 127, -(2**31), 255, 40, "float64", True),
    ],
)
def test_sums_as_large_as_they_get(
    channels: int, weight: int, bias: int, fraction: int | None, shift: int, real: str, whole: bool
) -> None:
    """On either side of what floating-point numbers hold exactly: the darkest and the brightest
    frame, odd numbers near them, rounded to the last bit."""
    rng = np.random.default_rng(channels)
    source, target = Edge("x", 2, 3, channels), Edge("y", 2, 3, 3, 32, True)
    window = np.full((3, 1, 1, channels), weight, np.int8)
    window[1] *= rng.choice([-1, 1], (1, 1, channels)).astype(np.int8)
    layer = Conv(
        name="y",
        source=source,
        target=target,
        strides=(1, 1),
        pads=(0, 0, 0, 0),
        centre=np.zeros((0, channels), np.int8),
        window=window,
        bias=np.array([bias, bias, -bias // 3], np.int32),
        multiplier=np.array([65_535, 65_521, 32_769], np.uint16),
        shift=shift,
        fraction=np.full(0 if fraction is None else 3, fraction or 0, np.uint8),
    )
    frame = rng.integers(250, 256, source.shape).astype(np.uint8)
    frame[0, 0], frame[0, 1] = 0, 255
    assert layer.numbers.real is REAL[real]
    assert (layer.numbers.scale is None) is whole
    assert (slow_conv(layer, frame) == layer.golden(frame[None])[0]).all()


def test_rows_together_or_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are computed a few at a time; how many makes no difference."""
    rng = np.random.default_rng(22)
    for layer, _, _ in itertools.islice(layers.examples("conv", rng), 12):
        source = layer.source
        frames = rng.integers(source.low, source.high, (2, *source.shape), endpoint=True)
        frames = frames.astype(source.dtype)
        monkeypatch.setattr(computed, "_TOGETHER", 1 << 17)
        whole = layer.golden(frames)
        for together in (1, 300, 1_000):
            monkeypatch.setattr(computed, "_TOGETHER", together)
            assert (layer.golden(frames) == whole).all()


def test_ties_go_to_the_lower_class() -> None:
    """Of a thousand classes with four different scores."""
    source, target = Edge("x", 1, 1, 1000, 32, True), Edge("y", 1, 1, 1005, 32, True)
    scores = np.random.default_rng(9).integers(-2, 2, (3, 1, 1, 1000)).astype(np.int32)
    ranked = TopK("top5", source, target).golden(scores)[..., 1000:]
    for frame, best in zip(scores, ranked, strict=True):
        wanted = sorted(range(1000), key=lambda i: (-frame[0, 0, i], i))
        assert best.ravel().tolist() == wanted[:5]


def test_logits_and_top(qgraph: QGraph) -> None:
    frames = photographs(3)
    edges = golden.run(qgraph, frames)
    output = golden.outputs(qgraph, frames)
    assert (output == edges[-1]).all()
    logits = golden.logits(qgraph, output)
    sums = edges[-3].sum(axis=(1, 2), dtype=np.int64)
    np.testing.assert_allclose(logits, sums * qgraph.output.scale)
    assert (golden.top(qgraph, output)[:, 0] == logits.argmax(axis=1)).all()
    assert golden.classes(qgraph) == 7


def test_wrong_frames_are_refused(qgraph: QGraph) -> None:
    for frames in (photographs(1, 15), photographs(1).astype(np.float32), photographs(1)[0]):
        with pytest.raises(HearthError, match=r"data: frames should be uint8 \[n, 16, 16, 3\]"):
            golden.run(qgraph, frames)
