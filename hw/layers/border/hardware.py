"""Hardware and cost of the border: one process, no memory (see border.x)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolchain.ir import Edge, Fold, HlsJob, Kernel, Layer, Timing
from toolchain.verilog import hls_stream, instance, kernel_module, part_of

if TYPE_CHECKING:
    from hw.layers.border import Border


def folds(layer: Border, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: Border, fold: Fold) -> int:
    return layer.target.pixels * -(-layer.target.channels // fold.beat)


def timing(layer: Border, fold: Fold) -> Timing:
    """One output beat a cycle; the first input beat is taken with the first output beat."""
    source, target = layer.source, layer.target
    step = float(-(-target.channels // fold.beat))
    ends = (np.arange(target.pixels) + 1.0) * step
    top, left = layer.pads[:2]
    at = ends.reshape(target.height, target.width)
    frees = at[top : top + source.height, left : left + source.width].ravel()
    needs = frees - step
    needs[0] = 0.0
    return Timing(ends, needs, frees, 0)


def kernel(layer: Border, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    pixel = sum(int(v) << (i * source.bits) for i, v in enumerate(layer.values))
    job = HlsJob(
        "layers/border/border.x",
        {
            "BEAT": in_beat,
            "BITS": source.bits,
            "WORDS": -(-source.channels // in_beat),
            "ROWS": source.height,
            "COLUMNS": source.width,
            "TOP": layer.pads[0],
            "LEFT": layer.pads[1],
            "OUT_ROWS": target.height,
            "OUT_COLUMNS": target.width,
            "PIXEL": hex(pixel),
        },
        part_of(module, "border"),
    )
    ports = {"clk": "clk", "rst": "rst"}
    ports |= hls_stream(job.module, "values", "s") | hls_stream(job.module, "padded", "m")
    body = "  assign busy = m_valid && m_ready;\n\n"
    body += instance(job.module, "u_border", {}, ports)
    width = in_beat * source.bits
    text = kernel_module(module, "Border (hw/layers/border).", width, width, body)
    return Kernel(module, text, (job,), ())


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws of maps, pads and pixel values."""
    border = importlib.import_module("hw.layers.border").Border
    while True:
        height, width = (int(v) for v in rng.integers(1, 21, 2))
        pads = tuple(int(p) for p in rng.integers(0, 4, 4))
        channels, beat = int(rng.integers(1, 20)), int(rng.choice([1, 2, 3]))
        layer = border(
            name="border",
            source=Edge("x", height, width, channels),
            target=Edge("y", height + pads[0] + pads[2], width + pads[1] + pads[3], channels),
            pads=pads,
            values=rng.integers(0, 256, channels).astype(np.uint8),
        )
        yield layer, Fold(1, 1, beat), beat
