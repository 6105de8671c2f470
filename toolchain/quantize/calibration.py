"""Runs photographs through the float network and keeps statistics of every layer's output.

Only histograms and means are kept, so that memory does not grow with the number of photographs.
The rules that turn a histogram into a range are in quantize/ranges.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.quantized.runnable import runnable
from hearth.toolchain.frontend.reference import Reference, as_map
from hearth.toolchain.ir import Array, Graph, Preprocessing
from hearth.toolchain.support.errors import HearthError

BINS = 8192
_TOGETHER = 1 << 16
"""Values counted at once: what is made of them on the way stays in a processor's cache."""
FAINTEST = 1e-30
"""Activations that never reach this are refused: bins of their range would not fit float32."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """What one tensor did over all calibration photographs."""

    counts: Array
    """Histogram of magnitudes: bin i covers [i * width, (i + 1) * width)."""
    width: float
    largest: float
    smallest: float
    mean: Array
    """Mean per channel."""

    @property
    def reach(self) -> float:
        """The largest magnitude."""
        return max(self.largest, -self.smallest)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Statistics of the input and of every layer's output, by ONNX tensor name."""

    images: int
    source: str
    tensors: Mapping[str, Statistics]


class Histogram:
    """A histogram whose range doubles, by merging neighbouring bins, as larger values arrive."""

    def __init__(self) -> None:
        self.counts = np.zeros(BINS, np.int64)
        self.top = 0.0
        self.largest = -np.inf
        self.smallest = np.inf
        self.total: Array = np.zeros(1)
        self.pixels = 0

    def add(self, values: Array) -> None:
        """Count values [n, height, width, channels]. FloatingPointError unless all are finite."""
        largest, smallest = float(values.max()), float(values.min())
        if not math.isfinite(largest - smallest):
            raise FloatingPointError(f"values from {smallest} to {largest}")
        self.largest = max(self.largest, largest)
        self.smallest = min(self.smallest, smallest)
        reach = max(largest, -smallest)
        self.total = self.total + values.sum(axis=(0, 1, 2), dtype=np.float64)
        self.pixels += values[..., 0].size
        if self.top == 0 and reach >= FAINTEST:
            self.top = reach * 1.0001
        while reach >= self.top > 0:
            merged = self.counts.reshape(-1, 2).sum(axis=1)
            self.counts = np.concatenate([merged, np.zeros_like(merged)])
            self.top *= 2
        self._count(values.ravel(order="K"), np.float32(BINS / self.top if self.top else 0.0))

    def _count(self, values: Array, scale: np.float32) -> None:
        """Count values [n], whose bins are their magnitudes times `scale`, rounded down."""
        counts = np.zeros(BINS + 1, np.int64)  # the largest may be rounded up to the border
        for start in range(0, len(values), _TOGETHER):
            place = np.abs(values[start : start + _TOGETHER])
            place *= scale
            counts += np.bincount(place.astype(np.int32), minlength=BINS + 1)
        counts[BINS - 1] += counts[BINS]
        self.counts += counts[:BINS]

    def statistics(self) -> Statistics:
        return Statistics(
            self.counts,
            self.top / BINS,
            self.largest,
            self.smallest,
            self.total / max(1, self.pixels),
        )


def collect(
    model: OnnxModel,
    graph: Graph,
    batches: Iterable[Array],
    preprocessing: Preprocessing,
    source: str,
) -> Calibration:
    """Statistics over batches of uint8 RGB frames."""
    names = tensors(graph)
    references = _references(model, names)
    histograms = {name: Histogram() for name in (graph.input_tensor, *names)}
    images = 0
    for frames in batches:
        images += len(frames)
        inputs = as_float(frames, preprocessing)
        histograms[graph.input_tensor].add(as_map(inputs))
        for reference in references:
            for name, values in zip(reference.tensors, reference.run(inputs), strict=True):
                _add(histograms[name], name, values)
    if not images:
        raise HearthError(f"{source}: calibration needs at least one image")
    for name, histogram in histograms.items():
        _check_visible(name, histogram)
    return Calibration(images, source, {n: h.statistics() for n, h in histograms.items()})


def _references(model: OnnxModel, names: Sequence[str]) -> list[Reference]:
    """Where the tensors come from: a quantized file itself, as far as it has them.

    What its quantizers do to the values that reach a layer left in float belongs to that layer's
    range. The rest, and all of a float file, comes from the float network.
    """
    file = runnable(model.original) if model.kept.quantized else None
    present = {name for node in file.graph.node for name in node.output} if file else set()
    own = [name for name in dict.fromkeys(names) if name in present - model.kept.codes.keys()]
    rest = [name for name in dict.fromkeys(names) if name not in own]
    parts = ((own, file), (rest, None))
    return [Reference(model, found, proto) for found, proto in parts if found]


def tensors(graph: Graph) -> Sequence[str]:
    """The ONNX tensors of all layers, in order."""
    return [layer.tensor for layer in graph.layers]


def _check_visible(name: str, histogram: Histogram) -> None:
    reach = max(histogram.largest, -histogram.smallest)
    if 0 < reach < FAINTEST:
        raise HearthError(
            f"{name}: the float network vanishes: no value exceeds {reach:.3g} on any calibration"
            " image; check the model and --preprocessing"
        )


def _add(histogram: Histogram, name: str, values: Array) -> None:
    try:
        histogram.add(as_map(values))
    except FloatingPointError:
        raise HearthError(
            f"{name}: the float network overflows on a calibration image; check the model and"
            " --preprocessing"
        ) from None
