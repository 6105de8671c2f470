"""Pass: the int8 network becomes one with few-bit weights, calibrated layer by layer.

    Conv, int8 weights     Conv with the layer's Format: b-bit weights, or indices and a codebook

Every edge keeps its scale; weights, bias, multiplier and shift change. Layers are taken in order.
The columns that a layer is calibrated with come from the layers already rounded, as the integer
golden model computes them, and the weights it aims at are those that reproduce the *float*
network's result from these columns (ridge regression towards the original weights), so that a
layer repairs part of what the layers before it lost. What happens to one layer: reformat.py.
Convolutions in groups, which have few weights, keep their 8 bits: their channels see columns of
their own.
Measurements: docs/results/few_bits.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hearth.toolchain.few_bits import codebook
from hearth.toolchain.few_bits.columns import Window, float_columns, window
from hearth.toolchain.few_bits.gptq import Solution
from hearth.toolchain.few_bits.reformat import Chosen, Evidence, Real, assemble, calibrated
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.ir import (
    Array,
    Coding,
    FloatConv,
    FloatExpand,
    Graph,
    Layer,
    QGraph,
    Weighted,
    convolutions,
    golden,
    main_part,
)
from hearth.toolchain.quantize.int8 import in_pixels
from hearth.toolchain.quantize.precision import Plan
from hearth.toolchain.support import progress

BATCH = 8
FEW_IMAGES = 50
"""Below so many calibration photographs the covariances are poor."""


@dataclass(frozen=True)
class FewBits:
    """Choices; the defaults are what docs/results/few_bits.md measured as best."""

    columns: int = 16_000
    """Columns per layer, over all photographs."""
    ridge: float = 0.02
    """Pull towards the original weights, as a share of the mean column variance."""
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Samples:
    """What the pass learns from: photographs, and the float network's columns at sampled places."""

    frames: Array
    windows: Mapping[str, Window]
    floats: Mapping[str, Array]
    options: FewBits = field(default_factory=FewBits)


Choice = Callable[[Weighted, list[Real], Evidence], Weighted]


def sample(
    qgraph: QGraph,
    model: OnnxModel,
    graph: Graph,
    frames: Array,
    options: FewBits | None = None,
    report: progress.Report = progress.silent,
) -> Samples:
    """Run the float network once and keep the columns of every convolution."""
    chosen = options or FewBits()
    count = max(1, -(-chosen.columns // len(frames)))
    layers = convolutions(graph)
    windows = {
        layer.name: window(
            layers[layer.name],
            layer.target.height,
            layer.target.width,
            len(frames),
            count,
            chosen.seed,
        )
        for layer in qgraph.weighted
        if layer.groups == 1
    }
    batches = (frames[i : i + BATCH] for i in range(0, len(frames), BATCH))
    task = "columns: photographs through the float network"
    shown = progress.counted(batches, task, len(frames), report, BATCH)
    return Samples(
        frames,
        windows,
        float_columns(model, graph, shown, qgraph.preprocessing, windows),
        chosen,
    )


def few_bits(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    plan: Plan,
    report: progress.Report = progress.silent,
    keep_zeros: bool = False,
) -> QGraph:
    """The network with every convolution in its planned format.

    `keep_zeros` holds weights that are exactly zero in the float network at zero; a codebook then
    has 2^bits values besides the zero.
    """
    plan.check(graph)
    floats = convolutions(graph)

    def choose(layer: Weighted, parts: list[Real], evidence: Evidence) -> Weighted:
        chosen = Chosen.of(plan, floats[layer.name])
        return calibrated(layer, parts, evidence, chosen, samples.options.ridge)

    return _walk(qgraph, graph, samples, choose, report, keep_zeros)


def keep_codebooks(
    qgraph: QGraph, graph: Graph, samples: Samples, report: progress.Report = progress.silent
) -> QGraph:
    """The network with its own codebooks, for models that already share weights.

    A matrix keeps one scale, so that equal weights stay equal and zeros stay zero; the only change
    is that codebook entries become int8. Gain and bias of every channel are calibrated as usual.
    """
    return _walk(qgraph, graph, samples, _kept, report, keep_zeros=True)


def _walk(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    choose: Choice,
    report: progress.Report,
    keep_zeros: bool,
) -> QGraph:
    """`choose` for every convolution in order, each with what the layers before it produce."""
    floats = convolutions(graph)
    done = list[Layer]()
    values = golden.Values(qgraph.layers, {qgraph.input.name: samples.frames})
    for index, layer in enumerate(qgraph.layers):
        report(f"few-bit weights: {layer.name}", index, len(qgraph.layers))
        if isinstance(layer, Weighted) and layer.groups == 1:
            parts = real_parts(floats[layer.name], qgraph, keep_zeros)
            (maps,) = values.of(layer)
            layer = choose(layer, parts, gather(layer, floats[layer.name], samples, maps))
        done.append(layer)
        values.add(layer, advance(layer, *values.of(layer)))
    return replace(qgraph, layers=tuple(done))


def _kept(layer: Weighted, parts: list[Real], evidence: Evidence) -> Weighted:
    """Weights rounded to int8 with one scale per matrix."""
    found = []
    for part in parts:
        scale = np.float32((np.abs(part.weights).max() or 1.0) / codebook.LARGEST)
        integers = np.rint(part.weights / scale).astype(np.float32)
        found.append(Solution(integers, np.full(len(part.bias), scale, np.float32)))
    values = np.unique(np.concatenate([s.integers.reshape(-1) for s in found])).astype(np.int8)
    few = len(values) <= 128
    coding = Coding((len(values) - 1).bit_length() or 1, values) if few else Coding(8)
    return assemble(layer, parts, evidence, found, [coding] * len(found))


def advance(layer: Layer, *sources: Array) -> Array:
    """The layer's result for many frames of its sources, a few at a time."""
    starts = range(0, len(sources[0]), BATCH)
    parts = ([maps[i : i + BATCH] for maps in sources] for i in starts)
    return np.concatenate([layer.golden(*part) for part in parts])


def real_parts(layer: FloatConv | FloatExpand, qgraph: QGraph, keep_zeros: bool) -> list[Real]:
    """The matrices of a layer; the first layer's read pixels."""
    window = main_part(layer)
    parts = [layer.centre, window] if isinstance(layer, FloatExpand) else [window]
    whole = window.weights[0].size
    result = []
    for conv in parts:
        if layer.name == _first(qgraph):
            conv = in_pixels(conv, qgraph.preprocessing)
        weights = conv.weights.reshape(len(conv.weights), -1).T.astype(np.float64)
        mask = weights != 0 if keep_zeros else None
        start = (whole - len(weights)) // 2  # a 1x1 part reads the window's centre
        reads = slice(start, start + len(weights))
        result.append(Real(weights, conv.bias.astype(np.float64), reads, mask))
    return result


def _first(qgraph: QGraph) -> str:
    return qgraph.weighted[0].name


def gather(
    layer: Weighted, real: FloatConv | FloatExpand, samples: Samples, maps: Array
) -> Evidence:
    """The layer's columns: integers from `maps`, reals from the float network."""
    window = samples.windows[layer.name]
    if layer.pads != main_part(real).pads:
        window = window.without_padding()
    integer = window.columns(maps).astype(np.float32)
    floats = samples.floats.get(layer.name, integer)
    return Evidence(integer, floats, layer.source.scale)
