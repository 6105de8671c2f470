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


def kernel(layer: MaxPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    rows, columns = cost.positions(layer)
    deep = cost.words(layer, fold)
    job = HlsJob(
        SOURCE,
        {
            "BEAT": in_beat,
            "BITS": source.bits,
            "SIGNED": int(source.signed),
            "WORDS": deep,
            "ROWS": source.height,
            "COLUMNS": source.width,
            "TOP": layer.pads[0],
            "LEFT": layer.pads[1],
            "KERNEL": layer.kernel_size,
            "STRIDE": layer.stride,
            "OUT_ROWS": target.height,
            "OUT_COLUMNS": target.width,
            "ROW_POSITIONS": rows,
            "COLUMN_POSITIONS": columns,
        },
        part_of(module, "maxpool"),
    )
    (column_words, partial), (row_words, _) = cost.memories(layer, fold, in_beat)
    width = in_beat * source.bits
    lines = [f"{line}_{side}" for line in ("columns", "rows") for side in ("in", "out")]
    body = declare("values", width) + "".join(declare(line, partial) for line in lines) + "\n"
    sizes: dict[str, int | str] = {"Width": width, "PartialWidth": partial}
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
