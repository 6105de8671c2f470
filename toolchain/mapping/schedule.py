"""Schedule: FIFO depths with which the slowest kernel never waits, or hardly does.

    before   Design with two beats in front of every kernel
    after    Design in which every FIFO holds what its neighbours' different rhythms need

The whole network turns over one frame in T = design.cycles cycles. The rhythms of its kernels
differ because a max-pool emits rows in bursts, and because an expand stage is faster in the first
and last row and column, whose padding taps are skipped. Where two paths meet, the shorter one is
early by what the longer one takes.

Depths that are enough: let every kernel do its work of a frame stretched evenly to T and repeat
with period T, each beginning as early as its inputs allow, or later where that saves bits
(`_starts`). Such a periodic schedule needs, in front of each source of a kernel, room for the most
pixels that are ever produced and not yet freed; the kernel's own line ring gives some of it, the
FIFO the rest. Real kernels run as soon as they can instead, and self-timed execution of a marked
graph is never slower than a periodic schedule with the same buffers (Baccelli et al.,
Synchronization and Linearity, 1992): the hardware therefore needs exactly T cycles per frame and
never deadlocks, which simulation confirms.

Far less does for a part that is short of memory (`loss`). Few kernels need all of T: the others may
idle, catch up and hold back a producer that has time. selftimed.py asks whether the kernels as they
are keep a period; each FIFO in turn, the largest first, gets the least depth with which they do, in
steps that a memory notices, and a pixel to spare. That the hardware keeps the pace then is not
shown: simulation found it kept in one network of three, and late by 0.1 and 0.5 % in a single frame
of the others (docs/design/architecture.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.ir import SHALLOW, Array, Design, Stage, Timing
from hearth.toolchain.mapping.channels import Channel, channels, entries
from hearth.toolchain.mapping.fold import with_fifos
from hearth.toolchain.mapping.selftimed import LATENCY, ROUNDS, SelfTimed, keeps_pace
from hearth.toolchain.mapping.starts import starts

LARGEST_LOSS = 100
"""Percent: twice the cycles."""
_STEP = 16
"""Beats from one depth that is tried to the next: words of a LUT RAM; fewer cost the same."""
_SPARE = 1
"""Pixels of a FIFO that nothing is built on: a pixel is written beat by beat."""
_PATIENT = 5 * ROUNDS
"""Rounds where one answer decides."""

Depths = Mapping[Channel, int]
"""Beats of the FIFO of every channel."""


def schedule(design: Design, loss: float | None = None) -> Design:
    """Set the depth of every FIFO in beats.

    loss   None: depths that are enough. Otherwise the least ones that cost at most so many percent
           of the cycles by the model, 0 being allowed; the design's cycles are then what it says
           (Design.period)
    """
    if loss is None:
        periodic = _Periodic(design, least=False)
        return _with(design, {**periodic.depths, **periodic.entries})
    longest = int(design.cycles * (1 + loss / 100))
    periodic = _Periodic(design, least=True)
    made = _with(design, {**_least(design, periodic.depths, longest), **periodic.entries})
    return made if longest == design.cycles else replace(made, period=pace(made, longest))


def _with(design: Design, depths: Depths) -> Design:
    rows = [list(stage.depths) for stage in design.stages]
    for place, depth in depths.items():
        rows[place.reader][place.port] = depth
    return with_fifos(design, [tuple(row) for row in rows])


def pace(design: Design, longest: int) -> int:
    """Cycles between frames that the FIFOs of a design cost at most, to a thousandth; `longest`
    when it is not below."""
    low, high = design.cycles, longest
    depths = {c: c.depth(design.stages) for c in channels(design.qgraph)}
    while low < high:
        middle = (low + high) // 2
        if _executed(design, depths, middle).settle(rounds=_PATIENT):
            high = middle
        else:
            low = middle + 1 + design.cycles // 2000
    return high


def _executed(design: Design, depths: Depths, period: int) -> SelfTimed:
    """The kernels with these FIFOs."""
    made = SelfTimed(design.stages, channels(design.qgraph), period)
    made.rooms = {c: _room(design, made, c, depths[c]) for c in made.rooms}
    return made


def _room(design: Design, executed: SelfTimed, channel: Channel, depth: int) -> int:
    """Pixels that a channel holds with a FIFO of `depth` beats, its reader's own included."""
    return max(1, executed.holds(channel) + depth // channel.beats(design.stages) - _SPARE)


def _least(design: Design, enough: Depths, period: int) -> dict[Channel, int]:
    """Least depths in beats with which frames are `period` apart, none above `enough`."""
    executed, depths = _executed(design, enough, period), dict(enough)
    if not executed.settle(rounds=_PATIENT):
        return depths
    deep = [c for c, depth in depths.items() if depth > _STEP and c not in executed.passes]
    for channel in sorted(deep, key=lambda c: depths[c] * c.bits(design.stages), reverse=True):
        choices = _choices(depths[channel], channel.beats(design.stages))
        low, high = 0, len(choices) - 1
        while low < high:
            middle = (low + high) // 2
            room = _room(design, executed, channel, choices[middle])
            low, high = (low, middle) if executed.allows(channel, room) else (middle + 1, high)
        depths[channel] = choices[high]
    return depths


def _choices(enough: int, beats: int) -> list[int]:
    """Depths worth trying: whole pixels of so many beats, at least _STEP beats apart."""
    step = beats * -(-_STEP // beats)
    return [SHALLOW, *range(step, enough, step), enough]


@dataclass(frozen=True)
class _Moves:
    """A kernel's progress stretched to the period (ir/kernel.py, Timing), as one of its sources
    sees it."""

    emits: Array
    needs: Array
    frees: Array
    timing: Timing


def _moves(timing: Timing, stretch: float) -> _Moves:
    emits, needs, frees = (x * stretch for x in (timing.emits, timing.needs, timing.frees))
    return _Moves(emits, needs, frees, timing)


class _Periodic:
    """The periodic schedule of a design. With `least`, and wherever paths meet, by the stricter
    account of selftimed.py: in a chain latency only puts off what follows, but of two paths that
    meet the one with less of it has to wait."""

    def __init__(self, design: Design, least: bool) -> None:
        self._design, self._strict = design, least or bool(design.qgraph.joins)
        self._moves: list[list[_Moves]] = []
        for stage in design.stages:
            stretch = design.cycles / _at_work(stage)
            reads = stage.layer.reads(stage.fold)
            self._moves.append([_moves(timing, stretch) for timing in reads])
        lags = {channel: self._lag(channel) for channel in channels(design.qgraph)}
        self._starts = starts(design.qgraph.layers, lags)

    @property
    def depths(self) -> Depths:
        """Beats that are enough, of every channel."""
        found = self._starts
        return {c: self._enough(c, delay, c in found.tight) for c, delay in found.delay.items()}

    @property
    def entries(self) -> Depths:
        """Beats that are enough in front of each reader of the input. A pixel comes for all of them
        when the first needs it, and waits for the others."""
        found = entries(self._design.qgraph)
        if len(found) == 1:
            return {found[0]: SHALLOW}
        begin = {entry: self._starts.at[entry.reader] for entry in found}
        needs = [self._moves[e.reader][e.port].needs + begin[e] for e in found]
        comes = np.minimum.accumulate(np.min(needs, axis=0)[::-1])[::-1] - LATENCY
        source = self._design.qgraph.input
        stages, beat = self._design.stages, self._design.beats[0]
        beats = {e: -(-source.channels // max(beat, stages[e.reader].in_beat)) for e in found}
        rooms = {e: self._waiting(comes, e, begin[e]) for e in found}
        return {entry: max(SHALLOW, room * beats[entry]) for entry, room in rooms.items()}

    def _waiting(self, comes: Array, entry: Channel, start: float) -> int:
        """Pixels in front of a reader of the input."""
        sink = self._moves[entry.reader][entry.port]
        most = most_waiting(comes, sink.frees + start, self._design.cycles)
        return most - sink.timing.holds + _SPARE

    def _ends(self, channel: Channel) -> tuple[_Moves, _Moves]:
        """The producer, and the reader as it reads this channel."""
        return self._moves[channel.producer][0], self._moves[channel.reader][channel.port]

    def _lag(self, channel: Channel) -> float:
        """How long after its producer a reader may begin, so that nothing comes too late."""
        source, sink = self._ends(channel)
        late = LATENCY + (source.timing.lag if self._strict else 0)
        return float((source.emits + late - sink.needs).max())

    def _enough(self, channel: Channel, delay: float, tight: bool) -> int:
        """Beats that the FIFO of a channel must hold."""
        stages = self._design.stages
        before, after = stages[channel.producer], stages[channel.reader]
        source, sink = self._ends(channel)
        alone = tight and len(after.layer.sources) == 1
        if alone and keeps_pace(source.timing, sink.timing, _at_work(before), _at_work(after)):
            return SHALLOW
        made = source.emits if self._strict else source.emits + LATENCY
        waiting = most_waiting(made, sink.frees + delay, self._design.cycles)
        room = waiting - sink.timing.holds + (_SPARE if self._strict else 0)
        return max(SHALLOW, room * channel.beats(stages))


def _at_work(stage: Stage) -> int:
    """Cycles of a frame in which a kernel does something: what its timing is in."""
    return stage.layer.cycles(stage.fold)


def most_waiting(emits: Array, frees: Array, period: int) -> int:
    """Most pixels produced and not yet freed when frames repeat with `period`, after the pixel that
    is being produced is counted too."""
    frames = int(np.ceil(frees[-1] / period)) + 1
    shifts = np.arange(frames)[:, None] * period
    produced = (emits + shifts).ravel()
    freed = (frees + shifts).ravel()
    waiting = np.arange(1, produced.size + 1) - np.searchsorted(freed, produced, side="right")
    return int(waiting.max()) + 1
