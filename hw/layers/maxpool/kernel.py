"""Hardware of max-pool: one process and two delay lines (see maxpool.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.layers.maxpool import cost
from toolchain.ir import Fold, HlsJob, Kernel
from toolchain.verilog import declare, hls_stream, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.maxpool.layer import MaxPool


def kernel(layer: MaxPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    rows, columns = cost.positions(layer)
    deep = cost.words(layer, fold)
    width = in_beat * source.bits
    job = HlsJob(
        "layers/maxpool/maxpool.x",
        {
            "BEAT": in_beat,
            "BITS": source.bits,
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
    lines = dict(zip(("columns", "rows"), cost.memories(layer, fold, in_beat), strict=True))
    depths, partial = {name: words for name, (words, _) in lines.items()}, lines["rows"][1]
    body = "".join(declare(f"{line}_{side}", partial) for line in depths for side in ("in", "out"))
    body += declare("values", width)
    body += "\n  assign busy = values_valid && values_ready;\n\n"
    # Whether the process takes a beat depends on all its other streams, late in the cycle.
    body += instance(
        "skid",
        "u_values",
        {"Width": width},
        {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "values")},
    )
    body += "".join(
        instance(
            "fifo",
            f"u_{line}",
            {"Width": partial, "Depth": depth},
            {"clk": "", "rst": "", **stream("s", f"{line}_out"), **stream("m", f"{line}_in")},
        )
        for line, depth in depths.items()
    )
    channels = {
        "values": "values",
        "maxima": "m",
        **{f"{line}_{side}": f"{line}_{side}" for line in depths for side in ("in", "out")},
    }
    ports = {"clk": "clk", "rst": "rst"}
    for channel, wire in channels.items():
        ports |= hls_stream(job.module, channel, wire)
    body += instance(job.module, "u_maxpool", {}, ports)
    text = kernel_module(module, "Max-pool (hw/layers/maxpool).", width, width, body)
    return Kernel(module, text, (job,))
