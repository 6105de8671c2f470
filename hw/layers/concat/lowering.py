"""Concat as hls4ml's concatenations of two maps: the first two, what they make and the third."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import precision

if TYPE_CHECKING:
    from hearth.hw.layers.concat.layer import Concat


def hls4ml(layer: Concat, stage: Stage, sources: tuple[str, ...], name: str) -> Iterator[Operation]:
    target, made, channels = layer.target, sources[0], layer.inputs[0].channels
    for place, source in enumerate(sources[1:], 1):
        last, before = place == len(sources) - 1, made
        made = name if last else f"first{place + 1}_{name}"
        channels += layer.inputs[place].channels
        yield Operation(
            made,
            "Concat",
            "",
            (before, source),
            (target.height, target.width, channels),
            {"result": precision(target)},
            {"axis": 3},
            edge=target.name if last else "",
        )
