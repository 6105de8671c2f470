"""Pass: the integers of an already quantized file take the place of freshly chosen ones.

    Conv, weights and scales by quantize.py      Conv, the file's integers and scales

A layer whose integers take few distinct values gets a codebook of them, when indices are shorter.
Weights, their scales and the scales of activations are the file's; biases follow from them. A
convolution or an edge that the file left in float keeps what quantize.py chose. Two things differ
from running the file itself, and both only take rounding away: an expand stage is requantized once,
to the scale of its concatenation, and the mean over the last map is exact.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hw.layers.conv import Conv
from toolchain.columns import convolutions
from toolchain.errors import HearthError
from toolchain.ir import Array, Edge, FloatConv, FloatExpand, Graph, Layer, QGraph
from toolchain.passes.quantize import in_pixels
from toolchain.passes.requantize import LARGEST_ACCUMULATOR, LARGEST_MULTIPLIER, shift_for
from toolchain.precision import ENTRY_BITS
from toolchain.unquantize import Kept

CLOSE = 1e-4
"""Relative error up to which float weights count as integers times a scale."""


def adopt(qgraph: QGraph, graph: Graph, kept: Kept) -> QGraph:
    """The network with the file's integers; HearthError where they cannot be kept."""
    floats = convolutions(graph)
    layers: list[Layer] = []
    source = qgraph.input
    for layer in qgraph.layers:
        target = _target(layer, source, kept)
        if isinstance(layer, Conv):
            first = not any(isinstance(before, Conv) for before in layers)
            layer = _conv(layer, source, target, floats[layer.name], qgraph, kept, first)
        else:
            ends: dict[str, Any] = {"source": source, "target": target}
            layer = replace(layer, **ends)  # type: ignore[type-var]
        layers.append(layer)
        source = target
    return replace(qgraph, layers=tuple(layers))


def _target(layer: Layer, source: Edge, kept: Kept) -> Edge:
    """The layer's edge with the file's scale, or one that follows from its source."""
    target = layer.target
    if isinstance(layer, Conv):
        found = kept.edges.get(target.name)
        if found is None:
            return target
        if (found.bits > 8 and target.bits <= 8) or (found.signed and not target.signed):
            kind = f"{found.bits}-bit {'signed' if found.signed else 'unsigned'} integers"
            raise HearthError(
                f"{layer.name}: its results are {kind}; only the last convolution's may have more"
                " than 8 bits, or a sign where no Relu follows"
            )
        return replace(target, scale=found.scale, bits=found.bits, signed=found.signed)
    same = (target.bits, target.signed) == (layer.source.bits, layer.source.signed)
    bits, signed = (source.bits, source.signed) if same else (target.bits, target.signed)
    scale = target.scale / layer.source.scale * source.scale
    return replace(target, scale=scale, bits=bits, signed=signed)


def _conv(
    layer: Conv,
    source: Edge,
    target: Edge,
    real: FloatConv | FloatExpand,
    qgraph: QGraph,
    kept: Kept,
    first: bool,
) -> Conv:
    parts = [real.centre, real.window] if isinstance(real, FloatExpand) else [real]
    if not all(part.name in kept.weights for part in parts):
        if any(part.name in kept.weights for part in parts) or (source, target) != (
            layer.source,
            layer.target,
        ):
            raise HearthError(
                f"{layer.name}: some of its weights or activations are quantized and others are"
                " not; quantize the whole network"
            )
        return layer
    found = [_integers(part, qgraph, kept, first) for part in parts]
    scale = np.concatenate([s for _, s, _ in found])
    bias = np.concatenate([b for _, _, b in found])
    ratio = scale * source.scale / target.scale
    most = LARGEST_MULTIPLIER + 0.4  # a multiplier of 65535 survives the scale's float32
    shift = shift_for(ratio.max(), most)
    multiplier = np.rint(ratio * 2.0**shift).clip(1, LARGEST_MULTIPLIER)
    steps = np.rint(bias / (scale * source.scale))
    if np.abs(steps).max() > LARGEST_ACCUMULATOR / 2:
        raise HearthError(f"{layer.name}: a bias of {np.abs(steps).max():.3g} steps is too large")
    bits, values = _format(found, max(kept.weights[part.name].bits for part in parts))
    window = found[-1][0].reshape(layer.window.shape)
    return replace(
        layer,
        source=source,
        target=target,
        centre=found[0][0] if len(found) > 1 else layer.centre,
        window=np.ascontiguousarray(window),
        bias=steps.astype(np.int32),
        multiplier=multiplier.astype(np.uint16),
        shift=shift,
        weight_bits=bits,
        codebook=values,
    )


def _format(found: list[tuple[Array, Array, Array]], bits: int) -> tuple[int, Array]:
    """Bits per weight and codebook: indices where they, and the table, take less than integers."""
    values = np.unique(np.concatenate([integers.reshape(-1) for integers, _, _ in found]))
    index = max(1, (len(values) - 1).bit_length())
    count = sum(integers.size for integers, _, _ in found)
    if count * index + ENTRY_BITS * (1 << index) < count * bits:
        return index, values.astype(np.int8)
    return bits, np.zeros(0, np.int8)


def _integers(
    part: FloatConv, qgraph: QGraph, kept: Kept, first: bool
) -> tuple[Array, Array, Array]:
    """integers [out, columns] int8, scale [out] and bias [out] of one convolution."""
    integers = kept.weights[part.name].integers.transpose(0, 2, 3, 1)
    if first:
        part = in_pixels(part, qgraph.preprocessing)
        if qgraph.preprocessing.channel_order == "BGR":
            integers = integers[..., ::-1]
    flat = integers.reshape(len(integers), -1)
    real = part.weights.reshape(len(flat), -1).astype(np.float64)
    energy = np.square(flat.astype(np.float64)).sum(axis=1)
    scale = (flat * real).sum(axis=1) / np.maximum(energy, 1)
    scale = np.where(energy > 0, scale, np.abs(scale).max() or 1.0)
    wrong = np.abs(real - flat * scale[:, None]).max() > CLOSE * np.abs(real).max()
    if wrong or (scale <= 0).any():
        hint = "; its colours need equal scales, such as --preprocessing unit" if first else ""
        raise HearthError(
            f"{part.name}: the file's integers cannot be kept, because weights are changed after"
            f" they were quantized (preprocessing or batch normalization){hint}"
        )
    return np.ascontiguousarray(flat), scale, part.bias.astype(np.float64)
