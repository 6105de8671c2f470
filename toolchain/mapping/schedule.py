"""Schedule: FIFO depths with which the slowest kernel never waits.

    before   Design with two beats behind every kernel
    after    Design in which every FIFO holds what its neighbours' different rhythms need

The whole network turns over one frame in T = design.cycles cycles. Let every kernel do its work of
a frame stretched evenly to T and repeat with period T: kernel k+1 starts as early as its input
allows. Such a periodic schedule needs, on each edge, room for the most pixels that are ever
produced and not yet freed; the line ring of the consumer gives some of it, the FIFO the rest. Real
kernels run as soon as they can instead, and self-timed execution of a marked graph is never slower
than a periodic schedule with the same buffers (Baccelli et al., Synchronization and Linearity,
1992): the hardware therefore needs exactly T cycles per frame, which simulation confirms.

The rhythms differ because a max-pool emits rows in bursts, and because an expand stage is faster in
the first and last row and column, whose padding taps are skipped.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array, Design, Stage, Timing
from hearth.toolchain.mapping.fold import with_fifos

SHALLOW = 2
"""Beats in every FIFO: cuts the combinational paths between kernels."""
_LATENCY = 40
"""Cycles from a kernel's last read of a pixel's data to the pixel at its output, rounded up."""


def schedule(design: Design) -> Design:
    """Set the depth of every FIFO in beats."""
    pairs = zip(design.stages, design.stages[1:], strict=False)
    depths = [_depth(before, after, design.cycles) for before, after in pairs]
    return with_fifos(design, [*depths, SHALLOW])


def _depth(before: Stage, after: Stage, period: int) -> int:
    """Beats that the FIFO between two kernels must hold."""
    source = before.layer.timing(before.fold)
    sink = after.layer.timing(after.fold)
    if keeps_pace(source, sink, before.cycles, after.cycles):
        return SHALLOW
    emits = source.emits * (period / before.cycles) + _LATENCY
    stretch = period / after.cycles
    needs, frees = sink.needs * stretch, sink.frees * stretch
    delay = float((emits - needs).max())  # start of the consumer, so that nothing comes too late
    room = most_waiting(emits, frees + delay, period) - sink.holds
    beats = -(-after.layer.source.channels // before.fold.beat)
    return max(SHALLOW, room * beats)


def keeps_pace(source: Timing, sink: Timing, source_cycles: int, sink_cycles: int) -> bool:
    """The consumer stores nothing and is always ready for a pixel before the producer has the next,
    from one frame to the next too, so that pixels pass through beat by beat."""
    spacing = np.diff(source.emits, append=source_cycles + source.emits[0]).min()
    busy = np.diff(sink.needs, append=sink_cycles + sink.needs[0]).max()
    return sink.holds == 0 and bool(busy <= spacing)


def most_waiting(emits: Array, frees: Array, period: int) -> int:
    """Most pixels produced and not yet freed when frames repeat with `period`, after the pixel that
    is being produced is counted too."""
    frames = int(np.ceil(frees[-1] / period)) + 1
    shifts = np.arange(frames)[:, None] * period
    produced = (emits + shifts).ravel()
    freed = (frees + shifts).ravel()
    waiting = np.arange(1, produced.size + 1) - np.searchsorted(freed, produced, side="right")
    return int(waiting.max()) + 1
