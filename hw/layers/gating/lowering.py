"""A product of two maps in an hls4ml project: hls4ml's product, exact, and a batch normalization
whose type rounds and saturates. A gate of one pixel would have to be repeated for every pixel of
the map, which no stream of hls4ml does.

before   Gating X of a and b
after    Mul product_X of a and b, BatchNormalization X
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.joins import FACTOR_BITS
from hearth.toolchain.ir import Operation, Stage
from hearth.toolchain.ir.operation import check_saturation, precision, scaling
from hearth.toolchain.support.errors import HearthError

if TYPE_CHECKING:
    from hearth.hw.layers.gating.layer import Gating


def hls4ml(layer: Gating, stage: Stage, sources: tuple[str, ...], name: str) -> Iterator[Operation]:
    check_saturation(layer.name, layer.target)
    if layer.repeats > 1:
        raise HearthError(
            f"{layer.name}: multiplies all pixels of '{layer.inputs[0].name}' by the one of"
            f" '{layer.inputs[1].name}', and hls4ml's streams repeat none; export the layers around"
            " it with --layers FIRST:LAST"
        )
    shape, bits = layer.target.shape, sum(edge.bits for edge in layer.inputs)
    sign = "" if any(edge.signed for edge in layer.inputs) else "u"
    result = {"result": f"{sign}fixed<{bits},{bits}>"}
    yield Operation(f"product_{name}", "Mul", "", sources, shape, result)
    yield scaling(
        name,
        f"product_{name}",
        shape,
        (np.full(shape[2], layer.multiplier), FACTOR_BITS, layer.shift),
        precision(layer.target),
        edge=layer.target.name,
    )
