"""Schedule: FIFO depths, so that no kernel ever waits for a neighbour that is late by a row.

    before   Design with two beats behind every kernel
    after    Design with a row of beats behind every max-pool

Kernels produce and consume evenly over a frame, with one exception: a max-pool of stride S reads S
rows without a word and then emits a whole row at the pace of its input. A convolution behind it that
has no time to spare would starve in between, so the burst is kept in a FIFO of one row. Everything
else is absorbed by the spare row of each line ring (hw/layers/conv/cost.py, slots).
"""

from __future__ import annotations

from toolchain.ir import Design, Stage
from toolchain.passes.fold import with_fifos

SHALLOW = 2


def schedule(design: Design) -> Design:
    """Set the depth of every FIFO in beats."""
    return with_fifos(design, [_depth(stage) for stage in design.stages])


def _depth(stage: Stage) -> int:
    if stage.layer.kind != "maxpool":
        return SHALLOW
    edge = stage.layer.target
    return max(SHALLOW, edge.width * -(-edge.channels // stage.fold.beat))
