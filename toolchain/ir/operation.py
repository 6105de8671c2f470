"""The layers of a network as hls4ml knows them, and what layer kinds say them with.

Layers that hls4ml lacks become operations of our own domain, whose C++ lies in the folder of the
layer kind (exports/hls4ml/extension.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hearth.toolchain.ir.edge import Array, Edge
from hearth.toolchain.support.errors import HearthError

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


def check_saturation(name: str, target: Edge) -> None:
    """HearthError where a layer clips its results at other limits than their type has."""
    if target.narrowed:
        raise HearthError(
            f"{name}: clips at {target.low} and {target.high}, but hls4ml export can only saturate"
            f" at the limits of {target.bits} bits; export the layers around it with --layers"
            " FIRST:LAST"
        )


def scaling(
    name: str,
    source: str,
    shape: tuple[int, int, int],
    factor: tuple[Array, int, int],
    result: str,
    **more: Any,
) -> Operation:
    """A batch normalization that multiplies by constants and does nothing else: `factor` are
    integers for each channel, their bits, and how many of these are behind the point."""
    integers, bits, fraction = factor
    channels = shape[2]
    return Operation(
        name,
        "BatchNormalization",
        CHANNELS_LAST,
        (source,),
        shape,
        {
            "result": result,
            "scale": f"ufixed<{bits},{bits - fraction}>",
            "bias": "ufixed<1,1>",
        },
        {"epsilon": 0.0},
        {
            "scale": np.ldexp(integers.astype(np.float64), -fraction),
            "shift": np.zeros(channels),
            "mean": np.zeros(channels),
            "variance": np.ones(channels),
        },
        **more,
    )


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
