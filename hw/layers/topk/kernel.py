"""Hardware of top-k: logits one at a time through a ranking (see topk.x)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, HlsJob, Kernel
from hearth.toolchain.rtl.verilog import (
    busy_with,
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.topk.layer import TopK

SOURCE = Path(__file__).with_name("topk.x")


def kernel(layer: TopK, fold: Fold, in_beat: int, module: str) -> Kernel:
    source = layer.source
    job = HlsJob(
        SOURCE,
        {"CLASSES": source.channels, "K": layer.k, "BITS": source.bits},
        part_of(module, "topk"),
    )
    body = (
        declare("logit", source.bits)
        + busy_with("m")
        + instance(
            "hearth_gearbox",
            "u_gearbox",
            {"Bits": source.bits, "Channels": source.channels, "InBeat": in_beat, "OutBeat": 1},
            {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "logit")},
        )
        + process(job, "u_topk", {"logits": "logit", "results": "m"})
    )
    comment = "Logits and top-k classes (hw/layers/topk)."
    text = kernel_module(module, comment, in_beat * source.bits, source.bits, body)
    return Kernel(module, text, (job,))
