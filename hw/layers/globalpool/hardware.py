"""Hardware and cost of the global pool: one process and one delay line (see globalpool.x)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolchain.ir import Edge, Fold, HlsJob, Kernel, Layer, Timing
from toolchain.verilog import declare, hls_stream, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.globalpool import GlobalPool


def words(layer: GlobalPool, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def folds(layer: GlobalPool, in_beat: int) -> Iterator[Fold]:
    """The stream's own width."""
    yield Fold(1, 1, in_beat)


def cycles(layer: GlobalPool, fold: Fold) -> int:
    """One beat a cycle; a delay line of a single entry needs two cycles to come around."""
    deep = words(layer, fold)
    return layer.source.pixels * deep if deep > 1 else 2 * layer.source.pixels - 1


def timing(layer: GlobalPool, fold: Fold) -> Timing:
    """Pixels in a steady stream; the sums leave with the last."""
    total, pixels = cycles(layer, fold), layer.source.pixels
    ends = np.arange(1, pixels + 1) * (total / pixels)
    return Timing(ends[-1:], ends - total / pixels, ends, 0)


def kernel(layer: GlobalPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    deep = words(layer, fold)
    width = in_beat * target.bits
    job = HlsJob(
        "layers/globalpool/globalpool.x",
        {
            "BEAT": in_beat,
            "BITS": source.bits,
            "SIGNED": int(source.signed),
            "WORDS": deep,
            "PIXELS": source.pixels,
            "SUM_BITS": target.bits,
        },
        part_of(module, "globalpool"),
    )
    ports = {"clk": "clk", "rst": "rst"}
    for channel, wire in (
        ("values", "s"),
        ("sums_in", "sums_in"),
        ("sums_out", "sums_out"),
        ("totals", "m"),
    ):
        ports |= hls_stream(job.module, channel, wire)
    body = (
        declare("sums_in", width)
        + declare("sums_out", width)
        + "\n  assign busy = s_valid && s_ready;\n\n"
        + instance(
            "fifo",
            "u_sums",
            {"Width": width, "Depth": deep},
            {"clk": "", "rst": "", **stream("s", "sums_out"), **stream("m", "sums_in")},
        )
        + instance(job.module, "u_globalpool", {}, ports)
    )
    comment = "Global pool (hw/layers/globalpool)."
    text = kernel_module(module, comment, in_beat * source.bits, width, body)
    return Kernel(module, text, (job,), (), ((deep, width),))


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws; every third sums signed 16-bit values."""
    globalpool = importlib.import_module("hw.layers.globalpool").GlobalPool
    count = 0
    while True:
        height, width = (int(v) for v in rng.integers(1, 15, 2))
        channels, beat = int(rng.integers(1, 71)), int(rng.choice([1, 2, 4]))
        bits, signed = ((8, False), (16, False), (16, True))[count % 3]
        count += 1
        layer = globalpool(
            name="pool",
            source=Edge("x", height, width, channels, bits, signed),
            target=Edge("y", 1, 1, channels, 32, True),
        )
        yield layer, Fold(1, 1, beat), beat
