"""Schedule: FIFO depths with which the slowest kernel never waits, or hardly does.

    before   Design with two beats behind every kernel
    after    Design in which every FIFO holds what its neighbours' different rhythms need

The whole network turns over one frame in T = design.cycles cycles. The rhythms of its kernels
differ because a max-pool emits rows in bursts, and because an expand stage is faster in the first
and last row and column, whose padding taps are skipped.

Depths that are enough: let every kernel do its work of a frame stretched evenly to T and repeat
with period T: kernel k+1 starts as early as its input allows. Such a periodic schedule needs, on
each edge, room for the most pixels that are ever produced and not yet freed; the line ring of the
consumer gives some of it, the FIFO the rest. Real kernels run as soon as they can instead, and
self-timed execution of a marked graph is never slower than a periodic schedule with the same
buffers (Baccelli et al., Synchronization and Linearity, 1992): the hardware therefore needs exactly
T cycles per frame, which simulation confirms.

Far less does for a part that is short of memory (`loss`). Few kernels need all of T: the others may
idle, catch up and hold back a producer that has time. selftimed.py asks whether the kernels as they
are keep a period; each FIFO in turn, the largest first, gets the least depth with which they do, in
steps that a memory notices, and a pixel to spare. That the hardware keeps the pace then is not
shown: simulation found it kept in one network of three, and late by 0.1 and 0.5 % in a single frame
of the others (docs/design/architecture.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.ir import Array, Design, Stage
from hearth.toolchain.mapping.fold import with_fifos
from hearth.toolchain.mapping.selftimed import LATENCY, ROUNDS, SelfTimed, keeps_pace

SHALLOW = 2
"""Beats in every FIFO: cuts the combinational paths between kernels."""
LARGEST_LOSS = 100
"""Percent: twice the cycles."""
_STEP = 16
"""Beats from one depth that is tried to the next: words of a LUT RAM; fewer cost the same."""
_SPARE = 1
"""Pixels of a FIFO that nothing is built on: a pixel is written beat by beat."""
_PATIENT = 5 * ROUNDS
"""Rounds where one answer decides."""


def schedule(design: Design, loss: float | None = None) -> Design:
    """Set the depth of every FIFO in beats.

    loss   None: depths that are enough. Otherwise the least ones that cost at most so many percent
           of the cycles by the model, 0 being allowed; the design's cycles are then what it says
           (Design.period)
    """
    if loss is None:
        return with_fifos(design, [*_depths(design, least=False), SHALLOW])
    longest = int(design.cycles * (1 + loss / 100))
    made = with_fifos(design, [*_least(design, _depths(design, least=True), longest), SHALLOW])
    return made if longest == design.cycles else replace(made, period=pace(made, longest))


def _depths(design: Design, least: bool) -> list[int]:
    """Depths that are enough; with `least`, to begin a search with."""
    pairs = zip(design.stages, design.stages[1:], strict=False)
    return [_enough(before, after, design.cycles, least) for before, after in pairs]


def pace(design: Design, longest: int) -> int:
    """Cycles between frames that the FIFOs of a design cost at most, to a thousandth; `longest`
    when it is not below."""
    depths = [stage.fifo_depth for stage in design.stages[:-1]]
    low, high = design.cycles, longest
    while low < high:
        middle = (low + high) // 2
        if _chain(design, depths, middle).settle(rounds=_PATIENT):
            high = middle
        else:
            low = middle + 1 + design.cycles // 2000
    return high


def _chain(design: Design, depths: list[int], period: int) -> SelfTimed:
    """The kernels with these FIFOs."""
    chain = SelfTimed(design.stages, period)
    chain.rooms = [_room(design, chain, edge, depth) for edge, depth in enumerate(depths)]
    return chain


def _room(design: Design, chain: SelfTimed, edge: int, depth: int) -> int:
    """Pixels that an edge holds with a FIFO of `depth` beats, its consumer's own included."""
    return max(1, chain.holds[edge] + depth // _beats(design, edge) - _SPARE)


def _least(design: Design, enough: list[int], period: int) -> list[int]:
    """Least depths in beats with which frames are `period` apart, none above `enough`."""
    chain, depths = _chain(design, enough, period), list(enough)
    if not chain.settle(rounds=_PATIENT):
        return enough
    deep = [edge for edge, depth in enumerate(depths) if depth > _STEP and not chain.passes[edge]]
    for edge in sorted(deep, key=lambda edge: depths[edge] * _bits(design, edge), reverse=True):
        choices = _choices(depths[edge], _beats(design, edge))
        low, high = 0, len(choices) - 1
        while low < high:
            middle = (low + high) // 2
            if chain.allows(edge, _room(design, chain, edge, choices[middle])):
                high = middle
            else:
                low = middle + 1
        depths[edge] = choices[high]
    return depths


def _choices(enough: int, beats: int) -> list[int]:
    """Depths worth trying: whole pixels of so many beats, at least _STEP beats apart."""
    step = beats * -(-_STEP // beats)
    return [SHALLOW, *range(step, enough, step), enough]


def _beats(design: Design, edge: int) -> int:
    """Beats of a pixel on the edge behind a stage."""
    stage = design.stages[edge]
    return -(-stage.layer.target.channels // stage.fold.beat)


def _bits(design: Design, edge: int) -> int:
    """Bits of a beat on the edge behind a stage."""
    stage = design.stages[edge]
    return stage.fold.beat * stage.layer.target.bits


def _enough(before: Stage, after: Stage, period: int, least: bool) -> int:
    """Beats that the FIFO between two kernels must hold in the periodic schedule; with `least`,
    by the stricter account of selftimed.py."""
    source = before.layer.timing(before.fold)
    sink = after.layer.timing(after.fold)
    if keeps_pace(source, sink, before.cycles, after.cycles):
        return SHALLOW
    emits, stretch = source.emits * (period / before.cycles), period / after.cycles
    needs, frees = sink.needs * stretch, sink.frees * stretch
    late = LATENCY + (source.lag if least else 0)
    delay = float((emits + late - needs).max())  # start of the consumer: nothing comes too late
    made = emits if least else emits + LATENCY
    room = most_waiting(made, frees + delay, period) - sink.holds + (_SPARE if least else 0)
    beats = -(-after.layer.source.channels // before.fold.beat)
    return max(SHALLOW, room * beats)


def most_waiting(emits: Array, frees: Array, period: int) -> int:
    """Most pixels produced and not yet freed when frames repeat with `period`, after the pixel that
    is being produced is counted too."""
    frames = int(np.ceil(frees[-1] / period)) + 1
    shifts = np.arange(frames)[:, None] * period
    produced = (emits + shifts).ravel()
    freed = (frees + shifts).ravel()
    waiting = np.arange(1, produced.size + 1) - np.searchsorted(freed, produced, side="right")
    return int(waiting.max()) + 1
