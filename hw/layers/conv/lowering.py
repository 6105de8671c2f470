"""A convolution as operations of an hls4ml project.

before   Conv fire2/expand (1x1 and 3x3 side by side, one requantizer)
after    Conv centre_X, BatchNormalization requantize_centre_X, Conv window_X,
         BatchNormalization requantize_window_X, Concat X        (X = layer_fire2_expand)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Array, Operation, Stage
from hearth.toolchain.ir.operation import ACCUMULATOR, CHANNELS_LAST, precision
from hearth.toolchain.support.errors import HearthError

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv


def hls4ml(layer: Conv, stage: Stage, source: str, name: str) -> Iterator[Operation]:
    """A convolution to accumulators and its requantization; for an expand stage, two of them."""
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
    bias, factor = layer.bias[channels], layer.factor[channels]
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
            "scale": f"ufixed<{layer.factor_bits},{16 - layer.shift}>",
            "bias": "ufixed<1,1>",
        },
        {"epsilon": 0.0},
        {
            "scale": np.ldexp(factor.astype(np.float64), -layer.factor_shift),
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
