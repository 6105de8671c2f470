"""The layers of a network as hls4ml knows them, and what layer kinds say them with.

Layers that hls4ml lacks become operations of our own domain, whose C++ lies in the folder of the
layer kind (exports/hls4ml/extension.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
    header      C++ of an operation of our own, in the folder of its layer kind: nnet::{stem of the
                file}, whose CONFIG_T has every attribute; None for what hls4ml has
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
    header: Path | None = None


def precision(edge: Edge) -> str:
    """hls4ml's type of an edge's values; rounding and saturation are those of requantization."""
    return f"{'' if edge.signed else 'u'}fixed<{edge.bits},{edge.bits},RND,SAT>"


def own(
    maps: tuple[Edge, Edge],
    header: Path,
    source: str,
    name: str,
    attributes: Mapping[str, int | tuple[int, ...] | float],
) -> Operation:
    """An operation of our own between two maps: numbers, and tables of numbers, as attributes, with
    the sizes of both maps among them."""
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
        header.stem,
        OWN,
        (source,),
        after.shape,
        {"result": precision(after)},
        {**shape, **attributes},
        edge=after.name,
        header=header,
    )
