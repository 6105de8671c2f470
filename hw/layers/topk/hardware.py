"""Hardware and cost of top-k: logits one at a time through a ranking (see topk.x)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolchain.ir import Edge, Fold, HlsJob, Kernel, Layer, Timing
from toolchain.verilog import declare, hls_stream, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.topk import TopK


def folds(layer: TopK, in_beat: int) -> Iterator[Fold]:
    """One logit at a time."""
    yield Fold(1, 1, 1)


def cycles(layer: TopK, fold: Fold) -> int:
    """Two for a logit, one for a class of the ranking."""
    return 2 * layer.source.channels + layer.k


def timing(layer: TopK, fold: Fold) -> Timing:
    """Logits first, then the ranking."""
    return Timing(
        np.array([float(cycles(layer, fold))]),
        np.array([0.0]),
        np.array([2.0 * layer.source.channels]),
        0,
    )


def kernel(layer: TopK, fold: Fold, in_beat: int, module: str) -> Kernel:
    source = layer.source
    job = HlsJob(
        "layers/topk/topk.x",
        {"CLASSES": source.channels, "K": layer.k, "BITS": source.bits},
        part_of(module, "topk"),
    )
    body = (
        declare("logit", source.bits)
        + "\n  assign busy = m_valid && m_ready;\n\n"
        + instance(
            "gearbox",
            "u_gearbox",
            {"Bits": source.bits, "Channels": source.channels, "InBeat": in_beat, "OutBeat": 1},
            {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "logit")},
        )
        + instance(
            job.module,
            "u_topk",
            {},
            {
                "clk": "clk",
                "rst": "rst",
                **hls_stream(job.module, "logits", "logit"),
                **hls_stream(job.module, "results", "m"),
            },
        )
    )
    comment = "Logits and top-k classes (hw/layers/topk)."
    text = kernel_module(module, comment, in_beat * source.bits, source.bits, body)
    return Kernel(module, text, (job,), ())


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws; contract tests feed few distinct values too, so that ties are common."""
    topk = importlib.import_module("hw.layers.topk").TopK
    while True:
        classes = int(rng.integers(1, 71))
        best = min(int(rng.integers(1, 6)), classes)
        layer = topk(
            name="topk",
            source=Edge("x", 1, 1, classes, 32, True),
            target=Edge("y", 1, 1, classes + best, 32, True),
        )
        yield layer, Fold(1, 1, 1), int(rng.choice([1, 2, 4]))
