"""GlobalPool as an operation of our own in an hls4ml project (exports/hls4ml/extension.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import own

if TYPE_CHECKING:
    from hearth.hw.layers.globalpool.layer import GlobalPool

HEADER = Path(__file__).with_name("hearth_globalpool.h")


def hls4ml(
    layer: GlobalPool, stage: Stage, sources: tuple[str, ...], name: str
) -> Iterator[Operation]:
    (source,) = sources
    yield own((layer.source, layer.target), HEADER, source, name, {})
