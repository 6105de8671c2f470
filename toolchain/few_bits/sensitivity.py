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

from hearth.toolchain.few_bits.calibrated import (
    Evidence,
    Real,
    Samples,
    advance,
    calibrated,
    gather,
    real_parts,
)
from hearth.toolchain.ir import Array, Graph, Layer, QGraph, Weighted, convolutions, golden
from hearth.toolchain.quantize.precision import Format
from hearth.toolchain.support import progress

PROBES = (2, 4)
"""Bits at which the divergence is measured through the rest of the network."""
FINEST = 4
"""Most bits for which weights are rounded to measure the error they cause."""


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
) -> Sensitivity:
    """Losses of every layer of the int8 network `qgraph` over the first `images` photographs, with
    weights rounded for the rest (where these are too few, for all)."""
    floats = convolutions(graph)
    images = min(images, len(samples.frames))
    wanted = golden.logits(qgraph, golden.outputs(qgraph, samples.frames[:images]))
    maps, losses = samples.frames, dict[str, Mapping[Format, float]]()
    for index, layer in enumerate(qgraph.layers):
        report(f"sensitivity: {layer.name}", index, len(qgraph.layers))
        if isinstance(layer, Weighted):
            parts = real_parts(floats[layer.name], qgraph, keep_zeros=False)
            evidence = gather(layer, floats[layer.name], samples, maps)
            tail = qgraph.layers[index:]
            losses[layer.name] = _layer(
                layer, parts, evidence, samples, bits, codebook, qgraph, tail, maps[:images], wanted
            )
        maps = advance(layer, maps)
    return Sensitivity(losses)


def _layer(
    layer: Weighted,
    parts: list[Real],
    evidence: Evidence,
    samples: Samples,
    bits: Sequence[int],
    codebook: bool,
    qgraph: QGraph,
    tail: Sequence[Layer],
    maps: Array,
    wanted: Array,
) -> dict[Format, float]:
    """Divergence of each format of one layer."""
    formats = [Format(b, codebook) for b in sorted({*bits, *PROBES})]
    coarse = [f for f in formats if f.bits <= FINEST]
    seen, unseen = _split(evidence, len(maps), len(samples.frames))
    variants = {f: calibrated(layer, parts, seen, f, samples.options) for f in coarse}
    errors = {f: result_error(v, parts, unseen) for f, v in variants.items()}
    last = coarse[-1]
    errors |= {f: errors[last] / 4 ** (f.bits - last.bits) for f in formats if f not in coarse}
    probes = [Format(b, codebook) for b in PROBES]
    known = {f: divergence(wanted, _logits(qgraph, variants[f], tail, maps)) for f in probes}
    return {f: _between(errors[f], [(errors[p], known[p]) for p in probes]) for f in formats}


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


def _logits(qgraph: QGraph, layer: Layer, tail: Sequence[Layer], maps: Array) -> Array:
    """Class scores when `layer` takes the place of the first of `tail`."""
    value = advance(layer, maps)
    for other in tail[1:]:
        value = advance(other, value)
    return golden.logits(qgraph, value)


def result_error(layer: Weighted, parts: list[Real], evidence: Evidence) -> float:
    """Mean squared difference of the layer's result from the float layer's, after ReLU."""
    ratio = layer.multiplier / 2.0**layer.shift * layer.target.scale
    low, top = layer.target.low * layer.target.scale, layer.target.high * layer.target.scale
    start, error = 0, 0.0
    for part, integers in zip(parts, layer.matrices, strict=True):
        stop = start + len(integers)
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
