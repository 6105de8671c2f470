"""Lowering: layers of a QGraph as the operations of an hls4ml project.

    before   Conv fire2/expand (1x1 and 3x3 side by side, one requantizer)
    after    Conv centre_X, BatchNormalization requantize_centre_X, Conv window_X,
             BatchNormalization requantize_window_X, Concat X        (X = layer_fire2_expand)

What a layer is made of is named in front of the layer's own identifier (LAYER_PREFIX), so
that it is never the name of another layer.

All integers stay integers: an activation of b bits is ufixed<b,b>, a weight of b bits fixed<b,b>, a
weight from a codebook, whose values are int8, fixed<8,8>, an accumulator fixed<32,32>.
Requantization is a batch normalization whose scale is multiplier * 2^-shift, exactly representable
as ufixed<16,16-shift>; its product is exact, and its result type rounds half up (RND) and saturates
(SAT), which is the golden model's clip((acc * M + 2^(shift-1)) >> shift).

How a layer is expressed is its kind's own business (hw/layers/<kind>/lowering.py); one that cannot
be is refused by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hearth.toolchain.ir import Operation, QGraph, Stage
from hearth.toolchain.rtl.verilog import identifier
from hearth.toolchain.support.errors import HearthError

INPUT = "frame"
"""Name of the project's input."""
MOST_READERS = 7
"""Of one stream (hls4ml 1.3, backends/fpga/passes/clone.py)."""
LAYER_PREFIX = "layer_"
"""Begins the name of every layer in the project, and no other name of it."""


def lower(part: QGraph, stages: tuple[Stage, ...]) -> tuple[Operation, ...]:
    """Operations of every layer in order. HearthError names the layer that cannot be expressed."""
    taken = {INPUT}
    operations: list[Operation] = []
    names = {part.input.name: INPUT}
    for layer, stage in zip(part.layers, stages, strict=True):
        sources = tuple(names[edge.name] for edge in layer.sources)
        made = tuple(layer.hls4ml(stage, sources, identifier(layer.name, taken, LAYER_PREFIX)))
        operations += made
        names[layer.target.name] = made[-1].name
    _check_readers(part, names, operations)
    return tuple(operations)


def _check_readers(part: QGraph, names: Mapping[str, str], operations: Sequence[Operation]) -> None:
    """HearthError where more operations read an edge than hls4ml makes copies of."""
    counts = Counter(source for operation in operations for source in operation.inputs)
    for edge, name in names.items():
        if counts[name] > MOST_READERS:
            raise HearthError(
                f"{part.name}: '{edge}' is read {counts[name]} times, and hls4ml copies a stream"
                f" {MOST_READERS} times at most; export a part of the network with --layers"
                " FIRST:LAST"
            )
