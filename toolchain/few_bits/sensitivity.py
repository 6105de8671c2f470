"""How much the network's answer suffers from few bits in each layer, measured once.

One layer at a time takes a format while all others stay at 8 bits, and the Kullback-Leibler
divergence between the class probabilities before and after is averaged over photographs that the
layer's rounding has not seen: on its own calibration photographs a wide layer, the classifier above
all, looks better than it is. Two
formats are run through the whole network (`PROBES`). Between them the divergence follows the
squared error of the layer's own result, so others only cost their rounding; beyond `FINEST` bits
even that is spared, since every further bit divides the squared error by four. What is done with
the figures: toolchain/few_bits/allocation.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.few_bits import trellis
from hearth.toolchain.few_bits.calibrated import Samples, advance, gather, real_parts
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.few_bits.reformat import Chosen, Evidence, Real, formatted, problems
from hearth.toolchain.ir import Array, Graph, Layer, QGraph, Weighted, convolutions, golden
from hearth.toolchain.quantize.precision import INT8, Format, matrices
from hearth.toolchain.support import progress

PROBES = (2, 4)
"""Bits at which the divergence is measured through the rest of the network."""
FINEST = 4
"""Most bits for which weights are rounded to measure the error they cause."""


LONGEST_BOOK = 5
"""Bits of a codebook beyond which its table in front of every lane buys nearly nothing."""


def offered(chosen: Format) -> Format:
    """A codebook, or the plain integers that stand in for a long one beside trellis codes."""
    return Format(chosen.bits) if chosen.bits > LONGEST_BOOK else chosen


@dataclass(frozen=True)
class Sensitivity:
    """Divergence (nats) that each format adds, by layer name."""

    losses: Mapping[str, Mapping[Format, float]]


def measure(
    qgraph: QGraph,
    graph: Graph,
    samples: Samples,
    bits: Sequence[int],
    codebook: bool,
    images: int,
    report: progress.Report = progress.silent,
    trellises: bool = False,
) -> Sensitivity:
    """Losses of every layer of the int8 network `qgraph` over the first `images` photographs, with
    weights rounded for the rest (where these are too few, for all).

    With `trellises` every matrix stands for itself, so that the halves of an expand stage are told
    apart, and has trellis codes among its formats.
    """
    floats = convolutions(graph)
    images = min(images, len(samples.frames))
    wanted = golden.logits(qgraph, golden.outputs(qgraph, samples.frames[:images]))
    menu = _Menu(tuple(sorted({*bits, *PROBES})), codebook, trellises)
    losses = dict[str, Mapping[Format, float]]()
    values = golden.Values(qgraph.layers, {qgraph.input.name: samples.frames})
    for index, layer in enumerate(qgraph.layers):
        report(f"sensitivity: {layer.name}", index, len(qgraph.layers))
        if isinstance(layer, Weighted) and layer.groups > 1:
            losses[layer.name] = {INT8: 0.0}
        elif isinstance(layer, Weighted):
            real = floats[layer.name]
            (maps,) = values.of(layer)
            parts = real_parts(real, qgraph, keep_zeros=False)
            evidence = gather(layer, real, samples, maps)
            seen, unseen = _split(evidence, images, len(samples.frames))
            given = problems(parts, seen, samples.options.ridge)
            subject = _Subject(layer, parts, seen, unseen, given)
            through = _Through(qgraph, qgraph.layers[index:], values.first(images), wanted)
            names = [part.name for part in matrices(real)] if trellises else [layer.name]
            for part, name in enumerate(names):
                losses[name] = _losses(subject, part if len(names) > 1 else None, menu, through)
        values.add(layer, advance(layer, *values.of(layer)))
    return Sensitivity(losses)


@dataclass(frozen=True)
class _Menu:
    """The formats whose losses are wanted."""

    bits: tuple[int, ...]
    codebook: bool
    trellises: bool

    @property
    def plain(self) -> list[Format]:
        """Those without a window, coarsest first. Trellis codes follow from those of as many
        bits."""
        also = {f.bits for f in trellis.offers(0)} if self.trellises else set()
        return [Format(b, self.codebook) for b in sorted({*self.bits, *also})]

    def errors(self, plain: Mapping[Format, float], channels: int) -> dict[Format, float]:
        """Of all that may be chosen: with trellis codes, in proportion to codebooks of as many
        bits, and without codebooks so long that plain integers are as good."""
        if not self.trellises:
            return dict(plain)
        codes = {
            chosen: share * plain[Format(chosen.bits, self.codebook)]
            for chosen, share in trellis.offers(channels).items()
        }
        kept = {f: error for f, error in plain.items() if f.bits in self.bits}
        return {offered(f): error for f, error in kept.items()} | codes


@dataclass(frozen=True, eq=False)
class _Subject:
    """One layer, with the columns that it is rounded on and those that it is measured on."""

    layer: Weighted
    parts: list[Real]
    seen: Evidence
    unseen: Evidence
    problems: list[Problem]

    def variant(self, part: int | None, chosen: Format) -> Weighted:
        """The layer in a format, or one of its matrices while the others stay int8."""
        count = len(self.parts)
        kept = {i: self._int8(i) for i in range(count) if part is not None and i != part}
        formats = Chosen((chosen,) * count, part is None)
        return formatted(self.layer, self.parts, self.seen, self.problems, formats, kept)

    def channels(self, part: int | None) -> int:
        """Output channels of the layer, or of one of its matrices."""
        return sum(len(m) for i, m in enumerate(self.layer.matrices) if part in (None, i))

    def _int8(self, part: int) -> Solution:
        start = sum(map(len, self.layer.matrices[:part]))
        integers = self.layer.matrices[part]
        multiplier = self.layer.multiplier[start : start + len(integers)]
        step = self.layer.target.scale / self.layer.source.scale / 2.0**self.layer.shift
        return Solution(integers.T.astype(np.float32), (multiplier * step).astype(np.float32))


@dataclass(frozen=True, eq=False)
class _Through:
    """The rest of the network, from a layer on, what edges hold before it, and the class scores
    without any change."""

    qgraph: QGraph
    tail: Sequence[Layer]
    held: Mapping[str, Array]
    wanted: Array

    def divergence(self, layer: Layer) -> float:
        """When `layer` takes the place of the first of the tail."""
        values = golden.Values(self.tail, self.held)
        for other in (layer, *self.tail[1:]):
            value = values.add(other, advance(other, *values.of(other)))
        return divergence(self.wanted, golden.logits(self.qgraph, value))


def _losses(
    subject: _Subject, part: int | None, menu: _Menu, through: _Through
) -> dict[Format, float]:
    """Divergence of each format of one layer or matrix."""
    formats = menu.plain
    coarse = [f for f in formats if f.bits <= FINEST]
    variants = {f: subject.variant(part, f) for f in coarse}
    errors = {f: result_error(v, subject.parts, subject.unseen, part) for f, v in variants.items()}
    last = coarse[-1]
    errors |= {f: errors[last] / 4 ** (f.bits - last.bits) for f in formats if f not in coarse}
    probes = [Format(b, menu.codebook) for b in PROBES]
    known = [(errors[p], through.divergence(variants[p])) for p in probes]
    found = menu.errors(errors, subject.channels(part))
    return {f: _between(error, known) for f, error in found.items()}


def _split(evidence: Evidence, held: int, frames: int) -> tuple[Evidence, Evidence]:
    """Columns to round with, and columns of the first `held` of `frames` photographs."""
    if 2 * held > frames:
        return evidence, evidence
    rows = len(evidence.integer) // frames * held
    return (
        replace(evidence, integer=evidence.integer[rows:], real=evidence.real[rows:]),
        replace(evidence, integer=evidence.integer[:rows], real=evidence.real[:rows]),
    )


def _between(error: float, probes: list[tuple[float, float]]) -> float:
    """Divergence at `error`: in proportion, on a power law through the probes where they allow."""
    (wide, much), (narrow, little) = probes
    if min(wide, narrow, much, little) <= 0 or wide <= narrow or error <= 0:
        return max(0.0, much * error / max(wide, 1e-30))
    slope = np.clip(np.log(much / little) / np.log(wide / narrow), 0.7, 1.5)
    base, at = (little, narrow) if error < (wide * narrow) ** 0.5 else (much, wide)
    return float(base * (error / at) ** (slope if error > narrow else 1.0))


def result_error(
    layer: Weighted, parts: list[Real], evidence: Evidence, only: int | None = None
) -> float:
    """Mean squared difference of the layer's result, or of that of one of its matrices, from the
    float layer's, after ReLU."""
    ratio = layer.multiplier / 2.0**layer.shift * layer.target.scale
    low, top = layer.target.low * layer.target.scale, layer.target.high * layer.target.scale
    start, error = 0, 0.0
    for index, (part, integers) in enumerate(zip(parts, layer.matrices, strict=True)):
        stop = start + len(integers)
        if only not in (None, index):
            start = stop
            continue
        flat = integers.T.astype(np.float32)
        found = (evidence.integer[:, part.reads] @ flat + layer.bias[start:stop]) * ratio[
            start:stop
        ]
        wanted = evidence.real[:, part.reads] @ part.weights.astype(np.float32) + part.bias
        error += float(np.square(found.clip(low, top) - wanted.clip(low, top)).sum())
        start = stop
    return error / (len(evidence.integer) * layer.target.channels)


def divergence(wanted: Array, found: Array) -> float:
    """Mean Kullback-Leibler divergence in nats between softmax(wanted) and softmax(found)."""
    p, q = log_softmax(wanted), log_softmax(found)
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())


def log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max(axis=1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
