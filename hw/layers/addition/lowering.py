"""Addition in an hls4ml project: each map times its multiplier, exactly, and hls4ml's sum of both,
whose type rounds and saturates.

before   Addition X of a and b
after    BatchNormalization scale0_X of a, scale1_X of b, Add X
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.joins import FACTOR_BITS
from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import check_saturation, precision, scaling

if TYPE_CHECKING:
    from hearth.hw.layers.addition.layer import Addition


def hls4ml(
    layer: Addition, stage: Stage, sources: tuple[str, ...], name: str
) -> Iterator[Operation]:
    check_saturation(layer.name, layer.target)
    scaled = []
    for port, (edge, source) in enumerate(zip(layer.inputs, sources, strict=True)):
        bits = edge.bits + FACTOR_BITS
        sign = "" if edge.signed else "u"
        made = scaling(
            f"scale{port}_{name}",
            source,
            edge.shape,
            (np.full(edge.channels, layer.multiplier[port]), FACTOR_BITS, layer.shift),
            f"{sign}fixed<{bits},{bits - layer.shift}>",
        )
        scaled.append(made.name)
        yield made
    yield Operation(
        name,
        "Add",
        "",
        tuple(scaled),
        layer.target.shape,
        {"result": precision(layer.target)},
        edge=layer.target.name,
    )
