"""The layers of a network as hls4ml knows them, and what layer kinds say them with.

Layers that hls4ml lacks become operations of our own domain (exports/hls4ml/extension.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hearth.toolchain.ir.edge import Array, Edge

CHANNELS_LAST = "qonnx.custom_op.channels_last"
OWN = "hearth"
ACCUMULATOR = "fixed<32,32>"


@dataclass(frozen=True, eq=False)
class Operation:
    """One node of an hls4ml project (toolchain/exports/hls4ml).

    inputs      names of the operations (or of the input) whose results it reads
    weights     constants in the order ONNX expects them behind the inputs
    precision   hls4ml's types: result, weight, bias, accum, scale
    cycles      cycles per output pixel that the folding gives this operation, 0 where it has none
    edge        name of the QGraph edge this result is, empty for inner results
    """

    name: str
    kind: str
    domain: str
    inputs: tuple[str, ...]
    shape: tuple[int, int, int]
    precision: Mapping[str, str]
    attributes: Mapping[str, int | tuple[int, ...] | float] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    cycles: int = 0
    edge: str = ""


def precision(edge: Edge) -> str:
    """hls4ml's type of an edge's values; rounding and saturation are those of requantization."""
    return f"{'' if edge.signed else 'u'}fixed<{edge.bits},{edge.bits},RND,SAT>"


def own(
    maps: tuple[Edge, Edge],
    kind: str,
    source: str,
    name: str,
    attributes: Mapping[str, int | tuple[int, ...] | float],
) -> Operation:
    """An operation of our own between two maps, with the sizes of both among its attributes."""
    before, after = maps
    shape = {
        "in_height": before.height,
        "in_width": before.width,
        "in_channels": before.channels,
        "out_height": after.height,
        "out_width": after.width,
        "out_channels": after.channels,
    }
    return Operation(
        name,
        kind,
        OWN,
        (source,),
        after.shape,
        {"result": precision(after)},
        {**shape, **attributes},
        edge=after.name,
    )
