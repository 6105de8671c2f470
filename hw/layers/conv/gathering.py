"""A convolution that takes the taps of a row at once: SIMD counts columns x channels.

With few input channels SIMD ends early: at 3 behind a camera, which caps the whole network. So the
pixels that a window covers in a row are put side by side in front of the line ring
(hearth_columns.sv), and what follows is a convolution of windows one column wide over as many times
the channels: the very same kernel, weights and order of products. Padding to the left and right is
multiplied, as zeros, and the ring holds every pixel as often as windows cover it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.conv import cost, kernel
from hearth.toolchain.ir import Fold, Kernel, Timing
from hearth.toolchain.rtl.verilog import declare, instance, kernel_module, stream

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

MOST_CHANNELS = 8
"""Of the input: with more, SIMD is wide enough without."""


def able(layer: Conv) -> bool:
    """Whether it can be done, and SIMD gains by it."""
    plain = layer.groups == layer.dilations[1] == 1 and not len(layer.centre)
    return plain and layer.kernel_size[1] > 1 and layer.source.channels <= MOST_CHANNELS


def widened(layer: Conv) -> Conv:
    """The convolution behind the gathered columns."""
    rows, channels = layer.kernel_size[0], columns_of(layer)
    source = replace(layer.source, width=layer.target.width, channels=channels)
    top, _, bottom, _ = layer.pads
    return replace(
        layer,
        source=source,
        strides=(layer.strides[0], 1),
        pads=(top, 0, bottom, 0),
        dilations=(layer.dilations[0], 1),
        window=layer.window.reshape(len(layer.window), rows, 1, channels),
        live=layer.live[:0],
    )


def columns_of(layer: Conv) -> int:
    """Channels of a gathered word."""
    return layer.kernel_size[1] * layer.source.channels


def folds(layer: Conv, in_beat: int) -> Iterator[Fold]:
    """Legal foldings wider than a pixel."""
    channels = layer.source.channels
    if not able(layer) or max(channels, in_beat) % min(channels, in_beat):
        return
    for fold in cost.folds(layer.gathered, columns_of(layer), above=channels):
        yield replace(fold, gathers=True)


def span(layer: Conv) -> int:
    """Cycles that a row takes to be gathered."""
    last = (layer.target.width - 1) * layer.strides[1] + layer.kernel_size[1]
    return max(last, layer.pads[1] + layer.source.width)


def pace(layer: Conv, fold: Fold, in_beat: int) -> int:
    """Cycles per frame: rows come in as fast as they are gathered, or as beats come."""
    a_pixel = cost.ceil_div(layer.source.channels, in_beat)
    padding = span(layer) - layer.source.width  # one pixel is made of beats meanwhile
    a_row = layer.source.width * a_pixel + max(0, padding - a_pixel + 1)
    at_hand = layer.kernel_size[1] + 2 * layer.strides[1]  # in front of a skid of two words
    late = cost.pace_behind(layer.gathered, fold, a_row, at_hand)
    return max(late, a_row * layer.source.height)


def timing(layer: Conv, fold: Fold) -> Timing:
    """As a convolution's: rows are needed and freed whole."""
    found, shape = cost.timing(layer.gathered, fold), (layer.source.height, -1)
    width, rows = layer.source.width, found.holds // layer.target.width
    needs, frees = (np.repeat(v.reshape(shape)[:, 0], width) for v in (found.needs, found.frees))
    return Timing(found.emits, needs, frees, rows * width, found.lag)


def luts(layer: Conv) -> float:
    """LUT4 of hearth_columns.sv and its two words of registers."""
    return 40 + columns_of(layer) * layer.source.bits


def kernel_of(layer: Conv, fold: Fold, in_beat: int, module: str) -> Kernel:
    """hearth_conv.sv behind hearth_columns.sv."""
    channels, bits = layer.source.channels, layer.source.bits
    body = declare("pixels", channels * bits) + declare("columns", columns_of(layer) * bits) + "\n"
    ports = {"clk": "", "rst": ""}
    body += instance(
        "hearth_gearbox",
        "u_pixels",
        {"Bits": bits, "Channels": channels, "InBeat": in_beat, "OutBeat": channels},
        {**ports, **stream("s", "s"), **stream("m", "pixels")},
    )
    numbers: dict[str, int | str] = {
        "Width": channels * bits,
        "Taps": layer.kernel_size[1],
        "Stride": layer.strides[1],
        "Left": layer.pads[1],
        "Size": layer.source.width,
        "Count": layer.target.width,
    }
    ends = {**ports, **stream("s", "pixels"), **stream("m", "columns")}
    body += instance("hearth_columns", "u_columns", numbers, ends)
    inner, jobs = kernel.dense(layer.gathered, fold, columns_of(layer), module, "columns")
    comment = f"Convolution, {fold.pe} x {fold.simd} lanes, rows of taps at once (hw/layers/conv)."
    widths = in_beat * bits, fold.beat * layer.target.bits
    text = kernel_module(module, comment, *widths, body + inner, 2, memories=3)
    return Kernel(module, text, jobs)
