"""Hardware of max-pool: hearth_maxpool.sv and the process on its ports (maxpool.x)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.hw.layers.maxpool import cost
from hearth.toolchain.ir import Fold, HlsJob, Kernel
from hearth.toolchain.rtl.verilog import (
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    ram_place,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.maxpool.layer import MaxPool

SOURCE = Path(__file__).with_name("maxpool.x")


def _job(layer: MaxPool, fold: Fold, in_beat: int, module: str) -> HlsJob:
    source, target = layer.source, layer.target
    rows, columns = cost.positions(layer)
    return HlsJob(
        SOURCE,
        {
            "BEAT": in_beat,
            "BITS": source.bits,
            "SIGNED": int(source.signed),
            "WORDS": cost.words(layer, fold),
            "ROWS": source.height,
            "COLUMNS": source.width,
            "TOP": layer.pads[0],
            "LEFT": layer.pads[1],
            "KERNEL_ROWS": layer.kernel_size[0],
            "KERNEL_COLUMNS": layer.kernel_size[1],
            "STRIDE_ROWS": layer.strides[0],
            "STRIDE_COLUMNS": layer.strides[1],
            "OUT_ROWS": target.height,
            "OUT_COLUMNS": target.width,
            "ROW_POSITIONS": rows,
            "COLUMN_POSITIONS": columns,
        },
        part_of(module, "maxpool"),
    )


def kernel(layer: MaxPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    job = _job(layer, fold, in_beat, module)
    (column_words, across), (row_words, down) = cost.memories(layer, fold, in_beat)
    width = in_beat * layer.source.bits
    lines = {
        f"{line}_{side}": partial
        for line, partial in (("columns", across), ("rows", down))
        for side in ("in", "out")
    }
    body = declare("values", width) + "".join(declare(*line) for line in lines.items()) + "\n"
    sizes: dict[str, int | str] = {"Width": width, "ColumnWidth": across, "RowWidth": down}
    sizes |= {"ColumnWords": column_words, "RowWords": row_words}
    sizes |= {"ColumnBlock": ram_place(0), "RowBlock": ram_place(1)}
    ports = {"clk": "", "rst": "", **stream("s", "s"), "busy": "", **stream("values", "values")}
    for line in lines:
        ports |= stream(line, line)
    body += instance("hearth_maxpool", "u_maxpool", sizes, ports)
    channels = {"values": "values", "maxima": "m", **{line: line for line in lines}}
    body += process(job, "u_process", channels)
    comment = "Max-pool (hw/layers/maxpool)."
    text = kernel_module(module, comment, width, width, body, memories=2)
    return Kernel(module, text, (job,))
