"""Lowering: layers of a QGraph as the operations of an hls4ml project.

    before   Conv fire2/expand (1x1 and 3x3 side by side, one requantizer)
    after    Conv centre_X, BatchNormalization requantize_centre_X, Conv window_X,
             BatchNormalization requantize_window_X, Concat X        (X = layer_fire2_expand)

What a layer is made of is named in front of the layer's own identifier (verilog.MODEL_PREFIX), so
that it is never the name of another layer.

All integers stay integers: an activation of b bits is ufixed<b,b>, a weight of b bits fixed<b,b>, a
weight from a codebook, whose values are int8, fixed<8,8>, an accumulator fixed<32,32>.
Requantization is a batch normalization whose scale is multiplier * 2^-shift, exactly representable
as ufixed<16,16-shift>; its product is exact, and its result type rounds half up (RND) and saturates
(SAT), which is the golden model's clip((acc * M + 2^(shift-1)) >> shift).

Layers that hls4ml lacks become operations of our own domain (extension.py). A layer kind that is
not listed in `_LOWER` cannot be expressed and is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from hw.layers.border import Border
from hw.layers.conv import Conv
from hw.layers.globalpool import GlobalPool
from hw.layers.maxpool import MaxPool
from hw.layers.topk import TopK
from toolchain.errors import HearthError
from toolchain.ir import Array, Edge, Layer, QGraph, Stage
from toolchain.verilog import identifier

CHANNELS_LAST = "qonnx.custom_op.channels_last"
OWN = "hearth"
ACCUMULATOR = "fixed<32,32>"

Attribute = int | tuple[int, ...] | float


@dataclass(frozen=True, eq=False)
class Operation:
    """One node of the hls4ml project.

    inputs      names of the operations (or of the input) whose results it reads
    weights     constants in the order ONNX expects them behind the inputs
    precision   hls4ml's types: result, weight, bias, accum, scale
    cycles      cycles per output pixel that the folding gives this operation, 0 where it has none
    edge        name of the QGraph edge this result is, empty for inner results
    """

    name: str
    kind: str
    domain: str
    inputs: tuple[str, ...]
    shape: tuple[int, int, int]
    precision: Mapping[str, str]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    cycles: int = 0
    edge: str = ""


INPUT = "frame"
"""Name of the project's input."""


def lower(part: QGraph, stages: tuple[Stage, ...]) -> tuple[Operation, ...]:
    """Operations of every layer in order. HearthError names the layer that cannot be expressed."""
    taken = {INPUT}
    operations: list[Operation] = []
    source = INPUT
    for layer, stage in zip(part.layers, stages, strict=True):
        rule = _LOWER.get(layer.kind)
        if rule is None:
            raise HearthError(
                f"{layer.name}: hls4ml export cannot express layers of kind {layer.kind}; export"
                " the layers around it with --layers FIRST:LAST"
            )
        made = tuple(rule(layer, source, identifier(layer.name, taken), stage))
        operations += made
        source = made[-1].name
    return tuple(operations)


def precision(edge: Edge) -> str:
    """hls4ml's type of an edge's values; rounding and saturation are those of requantization."""
    return f"{'' if edge.signed else 'u'}fixed<{edge.bits},{edge.bits},RND,SAT>"


def _conv(layer: Layer, source: str, name: str, stage: Stage) -> Iterator[Operation]:
    assert isinstance(layer, Conv)
    if layer.target.narrowed:
        raise HearthError(
            f"{layer.name}: clips at {layer.target.low} and {layer.target.high}, but hls4ml export"
            f" can only saturate at the limits of {layer.target.bits} bits; export the layers"
            " around it with --layers FIRST:LAST"
        )
    cycles = max(1, stage.cycles // layer.target.pixels)
    if not len(layer.centre):
        yield from _convolution(layer, slice(None), layer.window, source, name, cycles)
        return
    split = len(layer.centre)
    centre = layer.centre[:, None, None, :]
    yield from _convolution(layer, slice(0, split), centre, source, f"centre_{name}", cycles)
    rest = slice(split, None)
    yield from _convolution(layer, rest, layer.window, source, f"window_{name}", cycles)
    yield Operation(
        name,
        "Concat",
        "",
        (f"requantize_centre_{name}", f"requantize_window_{name}"),
        layer.target.shape,
        {"result": precision(layer.target)},
        {"axis": 3},
        edge=layer.target.name,
    )


def _convolution(
    layer: Conv, channels: slice, weights: Array, source: str, name: str, cycles: int
) -> Iterator[Operation]:
    """A convolution to 32-bit accumulators and its requantization."""
    size = weights.shape[1]
    bias, multiplier = layer.bias[channels], layer.multiplier[channels]
    shape = (layer.target.height, layer.target.width, len(bias))
    pads = layer.pads if size == layer.kernel_size else (0, 0, 0, 0)
    weight_bits = 8 if len(layer.codebook) else layer.weight_bits
    _check_size(layer, size, pads)
    yield Operation(
        name,
        "Conv",
        CHANNELS_LAST,
        (source,),
        shape,
        {
            "result": ACCUMULATOR,
            "accum": ACCUMULATOR,
            "weight": f"fixed<{weight_bits},{weight_bits}>",
            "bias": ACCUMULATOR,
        },
        {
            "kernel_shape": (size, size),
            "strides": (layer.stride, layer.stride),
            "pads": pads,
            "dilations": (1, 1),
            "group": 1,
        },
        {"weight": weights.astype(np.float64), "bias": bias.astype(np.float64)},
        cycles,
    )
    whole = len(bias) == layer.target.channels
    yield Operation(
        f"requantize_{name}",
        "BatchNormalization",
        CHANNELS_LAST,
        (name,),
        shape,
        {
            "result": precision(layer.target),
            "scale": f"ufixed<16,{16 - layer.shift}>",
            "bias": "ufixed<1,1>",
        },
        {"epsilon": 0.0},
        {
            "scale": np.ldexp(multiplier.astype(np.float64), -layer.shift),
            "shift": np.zeros(len(bias)),
            "mean": np.zeros(len(bias)),
            "variance": np.ones(len(bias)),
        },
        cycles,
        layer.target.name if whole else "",
    )


def _check_size(layer: Conv, size: int, pads: tuple[int, int, int, int]) -> None:
    """hls4ml derives the output map from the padding; a map cut shorter has no expression there."""
    top, left, bottom, right = pads
    height = (layer.source.height + top + bottom - size) // layer.stride + 1
    width = (layer.source.width + left + right - size) // layer.stride + 1
    if (height, width) != (layer.target.height, layer.target.width):
        raise HearthError(
            f"{layer.name}: hls4ml export expects an output of {height}x{width} pixels from its"
            f" padding, but the layer has {layer.target.height}x{layer.target.width}"
        )


def _own(
    layer: Layer, kind: str, source: str, name: str, attributes: Mapping[str, Attribute]
) -> Operation:
    shape = {
        "in_height": layer.source.height,
        "in_width": layer.source.width,
        "in_channels": layer.source.channels,
        "out_height": layer.target.height,
        "out_width": layer.target.width,
        "out_channels": layer.target.channels,
    }
    types = {"result": precision(layer.target)}
    edge = layer.target.name
    return Operation(
        name, kind, OWN, (source,), layer.target.shape, types, {**shape, **attributes}, edge=edge
    )


def _max_pool(layer: Layer, source: str, name: str, stage: Stage) -> Iterator[Operation]:
    assert isinstance(layer, MaxPool)
    top, left, _, _ = layer.pads
    window = {"pool": layer.kernel_size, "stride": layer.stride}
    yield _own(layer, "HearthMaxPool", source, name, {**window, "pad_top": top, "pad_left": left})


def _global_pool(layer: Layer, source: str, name: str, stage: Stage) -> Iterator[Operation]:
    assert isinstance(layer, GlobalPool)
    yield _own(layer, "HearthGlobalSum", source, name, {})


def _top_k(layer: Layer, source: str, name: str, stage: Stage) -> Iterator[Operation]:
    assert isinstance(layer, TopK)
    yield _own(layer, "HearthTopK", source, name, {"k": layer.k})


def _border(layer: Layer, source: str, name: str, stage: Stage) -> Iterator[Operation]:
    assert isinstance(layer, Border)
    top, left, _, _ = layer.pads
    values = tuple(int(value) for value in layer.values)
    yield _own(
        layer, "HearthBorder", source, name, {"pad_top": top, "pad_left": left, "values": values}
    )


_LOWER: dict[str, Callable[[Layer, str, str, Stage], Iterator[Operation]]] = {
    "conv": _conv,
    "maxpool": _max_pool,
    "globalpool": _global_pool,
    "topk": _top_k,
    "border": _border,
}
