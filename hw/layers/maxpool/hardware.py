"""Hardware and cost of max-pool: one process and two delay lines (see maxpool.x)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolchain.ir import Edge, Fold, HlsJob, Kernel, Layer, Timing
from toolchain.verilog import declare, hls_stream, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hw.layers.maxpool import MaxPool


def positions(layer: MaxPool) -> tuple[int, int]:
    """Rows and columns walked: all windows and all of the padded map."""

    def span(size: int, count: int, pad: int) -> int:
        return max((count - 1) * layer.stride + layer.kernel_size, size + pad)

    source, target = layer.source, layer.target
    return (
        span(source.height, target.height, layer.pads[0]),
        span(source.width, target.width, layer.pads[1]),
    )


def words(layer: MaxPool, fold: Fold) -> int:
    return -(-layer.source.channels // fold.beat)


def keep(layer: MaxPool) -> int:
    """Partial maxima carried from one position to the next."""
    return max(1, -(-(layer.kernel_size - 1) // layer.stride))


def folds(layer: MaxPool, in_beat: int) -> Iterator[Fold]:
    """The stream's own width: the process takes beats as they come, in_beat channels at a time."""
    yield Fold(1, 1, in_beat)


def cycles(layer: MaxPool, fold: Fold) -> int:
    """One beat a cycle; a delay line of a single entry needs two cycles to come around."""
    rows, columns = positions(layer)
    deep = words(layer, fold)
    if deep > 1 or columns == 1:
        return rows * columns * deep
    return rows * (2 * columns - 1)


def timing(layer: MaxPool, fold: Fold) -> Timing:
    """Every position takes the same time; an output is complete with its window's last position."""
    rows, columns = positions(layer)
    source, target = layer.source, layer.target
    step = cycles(layer, fold) / (rows * columns)
    at = np.arange(rows)[:, None] * columns + np.arange(columns)
    top, left = layer.pads[:2]
    needs = at[top : top + source.height, left : left + source.width].ravel() * step
    last = at[layer.kernel_size - 1 :: layer.stride, layer.kernel_size - 1 :: layer.stride]
    emits = (last[: target.height, : target.width].ravel() + 1) * step
    return Timing(emits, needs, needs + step, 0)


def kernel(layer: MaxPool, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    rows, columns = positions(layer)
    deep = words(layer, fold)
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
    partial = keep(layer) * width
    depths = {"columns": deep, "rows": target.width * deep}
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
    memories = tuple((depth, partial) for depth in depths.values())
    return Kernel(module, text, (job,), (), memories)


def examples(rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless draws: 3x3/2 with floor and ceil first, then any window, stride and padding."""
    maxpool = importlib.import_module("hw.layers.maxpool").MaxPool
    count = 0
    while True:
        kernel_size, stride = (3, 2) if count < 2 else (int(v) for v in rng.integers(1, 4, 2))
        pads = tuple(int(p) for p in rng.integers(0, kernel_size, 4)) if count > 3 else (0,) * 4
        height, width = (int(v) for v in rng.integers(1, 21, 2))
        extra = stride - 1 if count % 2 else 0  # ceil mode keeps a partly covered window
        rows = (height + pads[0] + pads[2] - kernel_size + extra) // stride + 1
        columns = (width + pads[1] + pads[3] - kernel_size + extra) // stride + 1
        channels = int(rng.integers(1, 71))
        beat = int(rng.choice([1, 2, 4]))
        starts_inside = (rows - 1) * stride < height + pads[0] and (
            columns - 1
        ) * stride < width + pads[1]
        if min(rows, columns) < 1 or not starts_inside:
            continue
        count += 1
        layer = maxpool(
            name="pool",
            source=Edge("x", height, width, channels),
            target=Edge("y", rows, columns, channels),
            kernel_size=kernel_size,
            stride=stride,
            pads=pads,
        )
        yield layer, Fold(1, 1, beat), beat
