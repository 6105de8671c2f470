"""GlobalPool as an operation of our own in an hls4ml project (toolchain/vitis/extension.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolchain.ir import Operation, Stage
from toolchain.ir.operation import own

if TYPE_CHECKING:
    from hw.layers.globalpool.layer import GlobalPool


def hls4ml(layer: GlobalPool, stage: Stage, source: str, name: str) -> Iterator[Operation]:
    yield own((layer.source, layer.target), "HearthGlobalSum", source, name, {})
