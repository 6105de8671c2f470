"""Pass: the int8 network becomes one with few-bit weights, calibrated layer by layer.

    Conv, int8 weights     Conv with the layer's Format: b-bit weights, or indices and a codebook

Every edge keeps its scale; weights, bias, multiplier and shift change. Layers are taken in order.
The columns that a layer is calibrated with come from the layers already rounded, as the integer
golden model computes them, and the weights it aims at are those that reproduce the *float*
network's result from these columns (ridge regression towards the original weights), so that a
layer repairs part of what the layers before it lost. How weights are rounded: gptq.py and
codebook.py; gain and bias: gain.py. Measurements: docs/results/few_bits.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hearth.toolchain.few_bits import codebook, gain
from hearth.toolchain.few_bits.columns import Window, float_columns, window
from hearth.toolchain.few_bits.gptq import Problem, Solution
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
    main_part,
)
from hearth.toolchain.quantize.int8 import in_pixels
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.quantize.requantize import LARGEST_ACCUMULATOR, LARGEST_MULTIPLIER, shift_for
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

BATCH = 8
EMPTY = np.zeros(0, np.int8)
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


@dataclass(frozen=True, eq=False)
class Real:
    """One matrix of a layer in real numbers: weights [columns, out], bias [out], the slice of the
    layer's columns that it reads, and a mask of weights that may differ from zero."""

    weights: Array
    bias: Array
    reads: slice
    mask: Array | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """Columns of one layer: integer (with the scale of a step) and float, [n, columns]."""

    integer: Array
    real: Array
    scale: float


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
    plan.check(convolutions(graph))

    def choose(layer: Weighted, parts: list[Real], evidence: Evidence) -> Weighted:
        return calibrated(layer, parts, evidence, plan.format(layer.name), samples.options)

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
    maps, done = samples.frames, list[Layer]()
    for index, layer in enumerate(qgraph.layers):
        report(f"few-bit weights: {layer.name}", index, len(qgraph.layers))
        if isinstance(layer, Weighted):
            parts = real_parts(floats[layer.name], qgraph, keep_zeros)
            layer = choose(layer, parts, gather(layer, floats[layer.name], samples, maps))
        done.append(layer)
        maps = advance(layer, maps)
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
    return assemble(layer, parts, evidence, found, 1 if few else 8, values if few else EMPTY)


def advance(layer: Layer, maps: Array) -> Array:
    """The layer's result for many frames, a few at a time."""
    return np.concatenate([layer.golden(maps[i : i + BATCH]) for i in range(0, len(maps), BATCH)])


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


def calibrated(
    layer: Weighted, parts: list[Real], evidence: Evidence, chosen: Format, options: FewBits
) -> Weighted:
    """The same layer in another format: weights rounded, then gain, bias, multiplier and shift."""
    problems = _problems(parts, evidence, options)
    floors = [_floor(layer, part) for part in parts]
    if chosen.codebook:
        book, found = codebook.shared(problems, 1 << chosen.bits, floors)
        values = book.values.astype(np.int8)
    else:
        _, found = codebook.uniform(problems, chosen.bits, floors)
        values = EMPTY
    return assemble(layer, parts, evidence, found, chosen.bits, values)


def _problems(parts: list[Real], evidence: Evidence, options: FewBits) -> list[Problem]:
    """Covariances and regression targets of every part, in real units."""
    integer = evidence.integer - evidence.integer.mean(axis=0)
    covariance = (integer.T @ integer).astype(np.float64)
    covariance *= evidence.scale**2 / len(integer)
    cross = (integer.T @ evidence.real).astype(np.float64) * (evidence.scale / len(integer))
    problems = []
    for part in parts:
        inner = covariance[part.reads, part.reads]
        target = _target(part, inner, cross[part.reads, part.reads], options)
        mask = None if part.mask is None else part.mask.astype(np.float32)
        problems.append(Problem.of(target, inner, mask))
    return problems


def _target(part: Real, covariance: Array, cross: Array, options: FewBits) -> Array:
    """Weights that give the float layer's result from the columns of the rounded network."""
    pull = options.ridge * np.trace(covariance) / len(covariance)
    if pull <= 0:
        return part.weights
    ridge = covariance + pull * np.eye(len(covariance))
    result: Array = np.linalg.solve(ridge, cross @ part.weights + pull * part.weights)
    return result


def _floor(layer: Weighted, part: Real) -> Array:
    """Smallest scale [out] at which the bias still fits a 32-bit accumulator with room to spare."""
    steps = LARGEST_ACCUMULATOR / 4
    return (np.abs(part.bias) / (steps * layer.source.scale)).astype(np.float32) + 1e-30


def assemble(
    layer: Weighted,
    parts: list[Real],
    evidence: Evidence,
    found: list[Solution],
    bits: int,
    values: Array,
) -> Weighted:
    """The layer with these integers, and the gain and bias that bring it closest to the float
    layer."""
    fitted = [_fit(layer, p, evidence, s) for p, s in zip(parts, found, strict=True)]
    scale = np.concatenate([s for s, _ in fitted])
    bias = np.concatenate([b for _, b in fitted])
    ratio = scale * layer.source.scale / layer.target.scale
    shift = shift_for(ratio.max())
    multiplier = np.rint(ratio * 2.0**shift).clip(1, LARGEST_MULTIPLIER)
    steps = np.rint(bias / layer.target.scale * 2.0**shift / multiplier)
    weights = [s.integers.T.astype(np.int8) for s in found]
    bits = max(bits, (len(values) - 1).bit_length() if len(values) else bits)
    check_accumulator(layer, weights, steps)
    return layer.with_matrices(
        weights,
        bias=steps.astype(np.int32),
        multiplier=multiplier.astype(np.uint16),
        shift=shift,
        codings=(Coding(bits, values),) * len(weights),
    )


def _fit(layer: Weighted, part: Real, evidence: Evidence, found: Solution) -> tuple[Array, Array]:
    """Scale with gain, and bias, of every channel in real units."""
    weights = (found.integers * (found.scale * evidence.scale)).astype(np.float32)
    result = evidence.integer[:, part.reads] @ weights
    wanted = evidence.real[:, part.reads] @ part.weights.astype(np.float32)
    wanted += part.bias.astype(np.float32)
    start = (wanted.mean(axis=0) - result.mean(axis=0)).astype(np.float64)
    low, top = layer.target.low * layer.target.scale, layer.target.high * layer.target.scale
    gains, bias = gain.fit(result, wanted, start, low, top)
    return found.scale * gains, bias


def check_accumulator(layer: Weighted, weights: list[Array], bias: Array) -> None:
    sums = np.concatenate([np.abs(w.astype(np.int64)).sum(axis=1) for w in weights])
    if (np.abs(bias) + sums * layer.source.high).max() > LARGEST_ACCUMULATOR:
        raise HearthError(
            f"{layer.name}: no 32-bit accumulator can hold these weights and biases; are they"
            " trained ones?"
        )
