"""Border as an operation of our own in an hls4ml project (exports/hls4ml/extension.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import own

if TYPE_CHECKING:
    from hearth.hw.layers.border.layer import Border

HEADER = Path(__file__).with_name("hearth_border.h")


def hls4ml(layer: Border, stage: Stage, sources: tuple[str, ...], name: str) -> Iterator[Operation]:
    (source,) = sources
    top, left, _, _ = layer.pads
    values = tuple(int(value) for value in layer.values)
    shape = {"pad_top": top, "pad_left": left}
    yield own((layer.source, layer.target), HEADER, source, name, {**shape, "values": values})
