"""A convolution as operations of an hls4ml project.

before   Conv fire2/expand (1x1 and 3x3 side by side, one requantizer)
after    Conv centre_X, BatchNormalization requantize_centre_X, Conv window_X,
         BatchNormalization requantize_window_X, Concat X        (X = layer_fire2_expand)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Array, Operation, Pads, Pair, Stage, Windows
from hearth.toolchain.ir.operation import (
    ACCUMULATOR,
    CHANNELS_LAST,
    check_saturation,
    precision,
    scaling,
)
from hearth.toolchain.support.errors import HearthError

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv


def hls4ml(layer: Conv, stage: Stage, sources: tuple[str, ...], name: str) -> Iterator[Operation]:
    """A convolution to accumulators and its requantization; for an expand stage, two of them."""
    (source,) = sources
    check_saturation(layer.name, layer.target)
    depthwise = layer.groups == layer.source.channels == layer.target.channels
    if (layer.groups > 1 and not depthwise) or layer.dilations != (1, 1):
        raise HearthError(
            f"{layer.name}: has {layer.groups} groups and dilations {layer.dilations}, but hls4ml"
            " export can only express dense and depthwise convolutions without dilation; export"
            " the layers around it with --layers FIRST:LAST"
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
    yield _sums(layer, layer.bias[channels], weights, source, name, cycles)
    yield _requantization(layer, layer.factor[channels], name, cycles)


def _sums(
    layer: Conv, bias: Array, weights: Array, source: str, name: str, cycles: int
) -> Operation:
    size = int(weights.shape[1]), int(weights.shape[2])
    pads = layer.pads if size == layer.kernel_size else (0, 0, 0, 0)
    weight_bits = 8 if layer.tables else layer.weight_bits
    _check_size(layer, size, pads)
    return Operation(
        name,
        "Conv",
        CHANNELS_LAST,
        (source,),
        (layer.target.height, layer.target.width, len(bias)),
        {
            "result": ACCUMULATOR,
            "accum": ACCUMULATOR,
            "weight": f"fixed<{weight_bits},{weight_bits}>",
            "bias": ACCUMULATOR,
        },
        {
            "kernel_shape": size,
            "strides": layer.strides,
            "pads": pads,
            "dilations": (1, 1),
            "group": layer.groups,
        },
        {"weight": weights.astype(np.float64), "bias": bias.astype(np.float64)},
        cycles,
    )


def _requantization(layer: Conv, factor: Array, name: str, cycles: int) -> Operation:
    """A batch normalization of multipliers, int64 [channels], and nothing else."""
    channels = len(factor)
    return scaling(
        f"requantize_{name}",
        name,
        (layer.target.height, layer.target.width, channels),
        (factor, layer.factor_bits, layer.factor_shift),
        precision(layer.target),
        cycles=cycles,
        edge=layer.target.name if channels == layer.target.channels else "",
    )


def _check_size(layer: Conv, size: Pair, pads: Pads) -> None:
    """hls4ml derives the output map from the padding; a map cut shorter has no expression there."""
    windows = Windows(size, layer.strides, (1, 1), pads)
    height, width = windows.count(layer.source.shape[:2])
    if (height, width) != (layer.target.height, layer.target.width):
        raise HearthError(
            f"{layer.name}: hls4ml export expects an output of {height}x{width} pixels from its"
            f" padding, but the layer has {layer.target.height}x{layer.target.width}"
        )
