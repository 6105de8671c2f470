"""Hardware of the border: one process, no memory (see border.x)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, HlsJob, Kernel
from hearth.toolchain.rtl.verilog import busy_with, kernel_module, part_of, process

if TYPE_CHECKING:
    from hearth.hw.layers.border.layer import Border

SOURCE = Path(__file__).with_name("border.x")


def kernel(layer: Border, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    mask = (1 << source.bits) - 1
    pixel = sum((int(v) & mask) << (i * source.bits) for i, v in enumerate(layer.values))
    job = HlsJob(
        SOURCE,
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
    body = busy_with("m") + process(job, "u_border", {"values": "s", "padded": "m"})
    width = in_beat * source.bits
    text = kernel_module(module, "Border (hw/layers/border).", width, width, body)
    return Kernel(module, text, (job,))
