"""Hardware of the global pool: one process and one delay line (see globalpool.x)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.hw.layers.globalpool import cost
from hearth.toolchain.ir import Fold, HlsJob, Kernel
from hearth.toolchain.rtl.verilog import (
    busy_with,
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    ram_place,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.globalpool.layer import GlobalPool

SOURCE = Path(__file__).with_name("globalpool.x")


def kernel(layer: GlobalPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    deep = cost.words(layer, fold)
    width, held = in_beat * target.bits, in_beat * cost.sum_bits(layer)
    job = HlsJob(
        SOURCE,
        {
            "BEAT": in_beat,
            "BITS": source.bits,
            "SIGNED": int(source.signed),
            "WORDS": deep,
            "PIXELS": source.pixels,
            "SUM_BITS": cost.sum_bits(layer),
            "OUT_BITS": target.bits,
        },
        part_of(module, "globalpool"),
    )
    body = (
        declare("sums_in", held)
        + declare("sums_out", held)
        + busy_with("s")
        + instance(
            "hearth_fifo",
            "u_sums",
            {"Width": held, "Depth": deep, "BlockWords": ram_place(0)},
            {"clk": "", "rst": "", **stream("s", "sums_out"), **stream("m", "sums_in")},
        )
        + process(
            job,
            "u_globalpool",
            {"values": "s", "sums_in": "sums_in", "sums_out": "sums_out", "totals": "m"},
        )
    )
    comment = "Global pool (hw/layers/globalpool)."
    text = kernel_module(module, comment, in_beat * source.bits, width, body, memories=1)
    return Kernel(module, text, (job,))
