"""MaxPool as an operation of our own in an hls4ml project (exports/hls4ml/extension.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import own

if TYPE_CHECKING:
    from hearth.hw.layers.maxpool.layer import MaxPool

HEADER = Path(__file__).with_name("hearth_maxpool.h")


def hls4ml(
    layer: MaxPool, stage: Stage, sources: tuple[str, ...], name: str
) -> Iterator[Operation]:
    (source,) = sources
    top, left, _, _ = layer.pads
    (rows, columns), (down, across) = layer.kernel_size, layer.strides
    window = {"rows": rows, "columns": columns, "down": down, "across": across}
    yield own(
        (layer.source, layer.target),
        HEADER,
        source,
        name,
        {**window, "pad_top": top, "pad_left": left, "below": max(0, -layer.source.low)},
    )
