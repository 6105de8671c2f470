"""How far the golden model is from the float network: decibels per layer, agreement per image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hw.layers.conv import Conv
from toolchain import golden
from toolchain.images import as_float
from toolchain.ir import Array, Graph, QGraph
from toolchain.onnx_model import OnnxModel
from toolchain.reference import Reference, as_map


@dataclass(frozen=True)
class Accuracy:
    """Shares in percent over `images` labelled photographs."""

    top1: float
    top5: float
    float_top1: float
    float_top5: float
    agreement: float
    """How often golden model and float network name the same class first."""
    images: int


def signal_to_noise(
    qgraph: QGraph, model: OnnxModel, graph: Graph, batches: Iterable[Array]
) -> dict[str, float]:
    """Signal-to-noise ratio in dB of every layer's result, by layer name.

    10 log10(sum float^2 / sum (float - golden)^2) over the given uint8 frames.
    """
    names = [layer.tensor for layer in graph.layers]
    reference = Reference(model, names)
    signal, noise = np.zeros(len(names)), np.zeros(len(names))
    for frames in batches:
        wanted = reference.run(as_float(frames, qgraph.preprocessing))
        found = real_values(qgraph, golden.run(qgraph, frames))
        for i, name in enumerate(names):
            exact = as_map(wanted[i]).astype(np.float64)
            signal[i] += np.square(exact).sum()
            noise[i] += np.square(exact - found[name]).sum()
    # Not the logarithm of the quotient, which overflows.
    decibels = 10 * (np.log10(np.maximum(signal, 1e-300)) - np.log10(np.maximum(noise, 1e-300)))
    return {layer.name: round(float(d), 2) for layer, d in zip(graph.layers, decibels, strict=True)}


def real_values(qgraph: QGraph, values: Sequence[Array]) -> dict[str, Array]:
    """What every edge's integers stand for in the float network, by edge name.

    In front of the first convolution these are pixels, still to be prepared.
    """
    pixels = next(i for i, layer in enumerate(qgraph.layers) if isinstance(layer, Conv)) + 1
    prepared = {
        edge.name: as_map(as_float(value, qgraph.preprocessing))
        for edge, value in zip(qgraph.edges[:pixels], values[:pixels], strict=True)
    }
    later = zip(qgraph.edges[pixels:], values[pixels:], strict=True)
    return prepared | {edge.name: golden.dequantized(edge, value) for edge, value in later}


def accuracy(
    qgraph: QGraph,
    model: OnnxModel,
    graph: Graph,
    batches: Iterable[Array],
    labels: tuple[int, ...],
) -> Accuracy:
    """Golden model and float network against labels, and against each other."""
    reference = Reference(model, [graph.layers[-1].tensor])
    count = min(golden.TOP, golden.classes(qgraph))
    ours, floats = [], []
    for frames in batches:
        ours.append(golden.top(qgraph, golden.outputs(qgraph, frames)))
        logits = reference.run(as_float(frames, qgraph.preprocessing))[0].reshape(len(frames), -1)
        floats.append(np.argsort(-logits, axis=1, kind="stable")[:, :count])
    best, float_best = np.concatenate(ours), np.concatenate(floats)
    truth = np.asarray(labels)[:, None]
    return Accuracy(
        top1=_percent(best[:, :1] == truth),
        top5=_percent(best == truth),
        float_top1=_percent(float_best[:, :1] == truth),
        float_top5=_percent(float_best == truth),
        agreement=_percent(best[:, :1] == float_best[:, :1]),
        images=len(truth),
    )


def _percent(hits: Array) -> float:
    """Share of rows with a hit, in percent."""
    return round(100 * float(hits.any(axis=1).mean()), 3)
