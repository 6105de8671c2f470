"""Hardware and cost of rescaling: a convolution's requantizer with constants beside each value.

stream -> {multiplier, bias 0, value} -> requantize -> skid          hw/layers/conv/requantize.x
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hw.layers.conv.hardware import SUM_BITS
from toolchain.ir import Edge, Fold, HlsJob, Kernel, Layer, Timing
from toolchain.verilog import declare, hls_stream, instance, kernel_module, stream

if TYPE_CHECKING:
    from hw.layers.rescale import Rescale


def words(layer: Rescale, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def folds(layer: Rescale, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Rescale, fold: Fold) -> int:
    return layer.source.pixels * words(layer, fold)


def timing(layer: Rescale, fold: Fold) -> Timing:
    """Pixels in a steady stream, nothing stored."""
    step = float(words(layer, fold))
    ends = (np.arange(layer.source.pixels) + 1.0) * step
    return Timing(ends, ends - step, ends, 0)


def job(layer: Rescale, fold: Fold) -> HlsJob:
    """The requantizer; layers with equal numbers share one compiled process."""
    edge = layer.target
    bounds = f"from{edge.low}to{edge.high}".replace("-", "m")
    return HlsJob(
        "layers/conv/requantize.x",
        {
            "BEAT": fold.beat,
            "SHIFT": layer.shift,
            "OUT_BITS": edge.bits,
            "LOW": edge.low,
            "HIGH": edge.high,
        },
        f"rescale_{fold.beat}x{edge.bits}_shift{layer.shift}_{bounds}",
    )


def kernel(layer: Rescale, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    process = job(layer, fold)
    item = 16 + 2 * SUM_BITS
    sign = "signed " if source.signed else ""
    body = (
        declare("items", fold.beat * item)
        + declare("values", fold.beat * target.bits)
        + "\n  assign items_valid = s_valid;\n  assign s_ready = items_ready;\n"
        + "  assign busy = s_valid && s_ready;\n"
    )
    for lane in range(fold.beat):
        body += (
            f"  logic {sign}[{source.bits - 1}:0] value_{lane};\n"
            f"  assign value_{lane} = s_data[{lane * source.bits}+:{source.bits}];\n"
            f"  assign items_data[{lane * item}+:{item}] ="
            f" {{16'd{layer.multiplier}, {SUM_BITS}'d0, {SUM_BITS}'(value_{lane})}};\n"
        )
    body += (
        "\n"
        + instance(
            process.module,
            "u_requantize",
            {},
            {
                "clk": "clk",
                "rst": "rst",
                **hls_stream(process.module, "items", "items"),
                **hls_stream(process.module, "values", "values"),
            },
        )
        # Seven stages of the requantizer ask each other whether they may move on.
        + instance(
            "skid",
            "u_values",
            {"Width": fold.beat * target.bits},
            {"clk": "", "rst": "", **stream("s", "values"), **stream("m", "m")},
        )
    )
    comment = "Rescale (hw/layers/rescale)."
    text = kernel_module(module, comment, in_beat * source.bits, fold.beat * target.bits, body)
    return Kernel(module, text, (process,), ())


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: sums of 32 bits as behind a global pool, narrow streams, every rounding."""
    rescale = importlib.import_module("hw.layers.rescale").Rescale
    count = 0
    while True:
        height, width = (1, 1) if count % 2 else (int(v) for v in rng.integers(1, 9, 2))
        channels, beat = int(rng.integers(1, 40)), int(rng.choice([1, 2, 3, 4]))
        bits, signed = ((32, True), (8, False), (16, True), (12, False))[count % 4]
        low, high = ((-95, 160), (0, 255), (-7, 7), (-(1 << 31), (1 << 31) - 1))[count // 2 % 4]
        count += 1
        shift = int(rng.integers(1, 41))
        layer = rescale(
            name="rescale",
            source=Edge("x", height, width, channels, bits, signed),
            target=Edge("y", height, width, channels, 32, True, minimum=low, maximum=high),
            multiplier=int(rng.integers(1, 1 << 16)),
            shift=shift,
        )
        yield layer, Fold(1, 1, beat), beat
