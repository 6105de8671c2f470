"""How far the golden model is from the user's file: decibels per layer, agreement per image.

The yardstick of a float file is the file; that of a quantized one is the file as ONNX Runtime runs
it, quantizers and all, so that what is measured is what Hearth made of it and not what quantizing
had cost before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from hearth.toolchain.adopt.places import views
from hearth.toolchain.data.images import as_float
from hearth.toolchain.few_bits.sensitivity import divergence
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.quantized.kept import Codes
from hearth.toolchain.frontend.quantized.runnable import runnable
from hearth.toolchain.frontend.reference import Reference, as_map
from hearth.toolchain.ir import Array, Graph, QGraph, convolutions, golden

FLOAT, QUANTIZED = "float", "quantized file"
"""What the yardstick is."""


@dataclass(frozen=True)
class Accuracy:
    """Shares in percent over `images` labelled photographs."""

    top1: float
    top5: float
    float_top1: float
    """Of the file as ONNX Runtime runs it; `reference` says whether that is a float network."""
    float_top5: float
    agreement: float
    """How often golden model and file name the same class first."""
    images: int
    reference: str = FLOAT
    divergence: float = 0.0
    """Mean Kullback-Leibler divergence of the class probabilities from the file's, in nats."""
    confusion: tuple[tuple[int, int, int], ...] = ()
    """Class that is shown, class that the golden model names first, and how many photographs."""


def reference(model: OnnxModel) -> str:
    """What a model is held against: its float network, or the quantized file itself."""
    return FLOAT if _file(model) is None else QUANTIZED


def _file(model: OnnxModel) -> onnx.ModelProto | None:
    """The quantized file for ONNX Runtime."""
    return runnable(model.original) if model.kept.quantized else None


class Yardstick:
    """The file's own values of layers, by the layer's name, as far as the file has them."""

    def __init__(self, model: OnnxModel, graph: Graph, last_only: bool = False) -> None:
        proto = _file(model)
        tensors = {layer.name: layer.tensor for layer in graph.layers}
        codes: Mapping[str, Codes] = {}
        if proto is not None:
            present = {name for node in proto.graph.node for name in node.output}
            codes = {k: c for k, c in model.kept.codes.items() if c.tensor in present}
            known = present | codes.keys()
            tensors = {k: t for k, t in views(graph, model.kept).items() if t in known}
        if last_only:
            last = graph.layers[-1].name
            tensors = {last: tensors[last]}
        self.codes = {name: codes[tensor] for name, tensor in tensors.items() if tensor in codes}
        wanted = [self.codes[k].tensor if k in self.codes else t for k, t in tensors.items()]
        self.names = tuple(tensors)
        self.reference = Reference(model, wanted, proto)
        self.kept = list(model.kept_outputs)
        """Classes to take of the file's, where the file still has all."""
        last = list(convolutions(graph))[-1]
        scoring = [layer.name for layer in graph.layers]
        self.scoring = set(scoring[scoring.index(last) :])
        """The layers whose channels are classes."""

    def run(self, inputs: Array) -> dict[str, Array]:
        """inputs [n, channels, height, width] float32 -> each layer's [n, height, width, channels]
        as float64."""
        found = {}
        for name, value in zip(self.names, self.reference.run(inputs), strict=True):
            real = as_map(value).astype(np.float64)
            if name in self.codes:
                real = (real - self.codes[name].zero) * self.codes[name].scale
            found[name] = real[..., self.kept] if self.kept and name in self.scoring else real
        return found


def signal_to_noise(
    qgraph: QGraph, model: OnnxModel, graph: Graph, batches: Iterable[Array]
) -> dict[str, float]:
    """Signal-to-noise ratio in dB of every layer's result, by layer name.

    10 log10(sum file^2 / sum (file - golden)^2) over the given uint8 frames. A layer whose result
    the file does not hold is left out.
    """
    yardstick = Yardstick(model, graph)
    tensors = {layer.name: layer.tensor for layer in graph.layers}
    signal, noise = (dict.fromkeys(yardstick.names, 0.0) for _ in range(2))
    for frames in batches:
        wanted = yardstick.run(as_float(frames, qgraph.preprocessing))
        found = real_values(qgraph, golden.run(qgraph, frames))
        for name, exact in wanted.items():
            ours = found.get(tensors[name])
            if ours is not None and ours.shape == exact.shape:
                signal[name] += float(np.square(exact).sum())
                noise[name] += float(np.square(exact - ours).sum())
    return {name: _decibels(signal[name], noise[name]) for name in yardstick.names if signal[name]}


def real_values(qgraph: QGraph, values: Sequence[Array]) -> dict[str, Array]:
    """What every edge's integers stand for in the float network, by edge name.

    In front of the first convolution these are pixels, still to be prepared; behind the quantizer
    of an imported file's input, integers whose offsets only that convolution knows: left out.
    """
    found, pixels = {}, _pixels(qgraph)
    for edge, value in zip(qgraph.edges, values, strict=True):
        if edge.name not in pixels:
            found[edge.name] = golden.dequantized(edge, value)
        elif edge.scale == 1.0:
            found[edge.name] = as_map(as_float(value, qgraph.preprocessing))
    return found


def _pixels(qgraph: QGraph) -> set[str]:
    """Edges in front of the first convolutions."""
    found = {qgraph.input.name}
    for layer in qgraph.layers:
        if not layer.macs and found.issuperset(edge.name for edge in layer.sources):
            found.add(layer.target.name)
    return found


def accuracy(
    qgraph: QGraph,
    model: OnnxModel,
    graph: Graph,
    batches: Iterable[Array],
    labels: tuple[int, ...],
) -> Accuracy:
    """Golden model and the file against labels, and against each other."""
    yardstick = Yardstick(model, graph, last_only=True)
    (last,) = yardstick.names
    count = min(golden.TOP, golden.classes(qgraph))
    results, logits = [], []
    for frames in batches:
        results.append(golden.outputs(qgraph, frames))
        wanted = yardstick.run(as_float(frames, qgraph.preprocessing))[last]
        logits.append(wanted.reshape(len(frames), -1))
    found, scores = np.concatenate(results), np.concatenate(logits)
    best, file_best = (
        golden.top(qgraph, found),
        np.argsort(-scores, axis=1, kind="stable")[:, :count],
    )
    truth = np.asarray(labels)[:, None]
    return Accuracy(
        top1=_percent(best[:, :1] == truth),
        top5=_percent(best == truth),
        float_top1=_percent(file_best[:, :1] == truth),
        float_top5=_percent(file_best == truth),
        agreement=_percent(best[:, :1] == file_best[:, :1]),
        images=len(truth),
        reference=reference(model),
        divergence=round(divergence(scores, golden.logits(qgraph, found)), 6),
        confusion=_confusion(labels, best[:, 0]),
    )


def _confusion(labels: Sequence[int], named: Array) -> tuple[tuple[int, int, int], ...]:
    counts = Counter(zip(labels, named.tolist(), strict=True))
    return tuple((*pair, count) for pair, count in sorted(counts.items()))


def _decibels(signal: float, noise: float) -> float:
    return round(10 * float(np.log10(max(signal, 1e-300)) - np.log10(max(noise, 1e-300))), 2)


def _percent(hits: Array) -> float:
    """Share of rows with a hit, in percent."""
    return round(100 * float(hits.any(axis=1).mean()), 3)
