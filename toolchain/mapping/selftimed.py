"""Self-timed execution of the kernels: do they keep a period with these FIFOs?

    before   what each kernel does when it never waits (Layer.timing), pixels that every channel
             holds
    after    whether a frame every `period` cycles is possible, and how late every kernel runs

A kernel comes to its moments in a fixed order: input must be there (`needs`), an output pixel is
complete and wants room behind it (`emits`). In between it works as fast as it can, so it is late
by the most that any earlier moment made it wait: a running maximum. What it waits for are moments
of its neighbours, data from those before and room from those behind. Frames repeat with the period,
so a moment of the next frame is this frame's, a period later.

These inequalities are a marked graph. Self-timed execution of it keeps a period exactly when some
times satisfy them all, and the least such times are found by beginning with none late and raising
whoever is too early until nobody is (Baccelli et al., Synchronization and Linearity, 1992, chapters
2 and 3). Where the period is too short the times rise for ever; the search gives up after ROUNDS,
so that `no` may be wrong and `yes` never is.

Pixels, not beats, are counted, with latencies rounded up and nothing that a pipeline holds by
itself: hardware is never slower than this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array, Stage, Timing
from hearth.toolchain.mapping.channels import Channel

LATENCY = 40
"""Cycles from the last step of a pixel's work to the pixel at the next kernel, beside the beats
that wait to leave (Timing.lag), rounded up."""
ROUNDS = 12
"""Sweeps over the chain, there and back, after which times are taken to rise for ever. Those that
settle do so in two or three, few need thirty."""
_SAME = 1e-6
"""Cycles that are rounding, not lateness."""


def keeps_pace(source: Timing, sink: Timing, source_cycles: int, sink_cycles: int) -> bool:
    """The consumer stores nothing and is always ready for a pixel before the producer has the next,
    from one frame to the next too, so that pixels pass through beat by beat."""
    spacing = np.diff(source.emits, append=source_cycles + source.emits[0]).min()
    busy = np.diff(sink.needs, append=sink_cycles + sink.needs[0]).max()
    return sink.holds == 0 and bool(busy <= spacing)


@dataclass(frozen=True, eq=False)
class _Source:
    """What a kernel does with the pixels of one source.

    arrivals positions in the kernel's `at` at which input must be there, and the last pixel of it
    frees    [source pixels] cycles as in `at`
    freed_by [source pixels] the last moment before that; -1: it is of the frame before
    """

    arrivals: Array
    arriving: Array
    frees: Array
    freed_by: Array


@dataclass(frozen=True, eq=False)
class _Kernel:
    """A kernel's moments of one frame in the order in which it comes to them.

    at       [moments] cycles from the frame's start when it never waits
    emits    [target pixels] positions in `at`
    sources  in the order of its ports
    """

    cycles: int
    latency: int
    at: Array
    emits: Array
    sources: tuple[_Source, ...]


def _kernel(reads: Sequence[Timing], cycles: int, beat_by_beat: bool) -> _Kernel:
    """`beat_by_beat`: a pixel is needed when its last beat is taken, not when its first is."""
    timing = reads[0]
    needs = [read.frees - 1 if beat_by_beat else read.needs for read in reads]
    moments = np.unique(np.concatenate(needs))
    at = np.concatenate([timing.emits, moments])  # at the same time, outputs first: stable
    order = np.argsort(at, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    outputs = len(timing.emits)
    sources = []
    for read, needed in zip(reads, needs, strict=True):
        own, first_from_the_end = np.unique(needed[::-1], return_index=True)
        arrivals = place[outputs + np.searchsorted(moments, own)]
        done = np.searchsorted(timing.emits, read.frees, side="right")
        begun = np.searchsorted(moments, read.frees, side="left")
        arriving = needed.size - 1 - first_from_the_end
        sources.append(_Source(arrivals, arriving, read.frees, done + begun - 1))
    lag = LATENCY + timing.lag
    return _Kernel(cycles, lag, at[order], place[:outputs], tuple(sources))


class SelfTimed:
    """The kernels, and `rooms`: pixels that each channel holds, the reader's own included.

    period  no shorter than the cycles of any kernel: those are not looked at
    late    [kernels][moments] least lateness found so far; it only grows
    passes  channels whose pixels pass beat by beat: their FIFOs are shallow whatever the room
    """

    def __init__(self, stages: Sequence[Stage], channels: Iterable[Channel], period: float) -> None:
        self.period = period
        self.rooms = dict.fromkeys(channels, 1)
        self._reads = [stage.layer.reads(stage.fold) for stage in stages]
        self._into, self._out = ([list[Channel]() for _ in stages] for _ in range(2))
        for channel in self.rooms:
            self._into[channel.reader].append(channel)
            self._out[channel.producer].append(channel)
        self.passes = frozenset(c for c in self.rooms if self._passes(c, stages))
        self._kernels = [
            _kernel(reads, stage.cycles, not self.passes.isdisjoint(into))
            for reads, stage, into in zip(self._reads, stages, self._into, strict=True)
        ]
        self.late = [np.zeros(kernel.at.size) for kernel in self._kernels]

    def _passes(self, channel: Channel, stages: Sequence[Stage]) -> bool:
        a, b = channel.producer, channel.reader
        one = len(self._into[b]) == 1
        paces = self._reads[a][0], self._reads[b][0], stages[a].cycles, stages[b].cycles
        return one and keeps_pace(*paces)

    def holds(self, channel: Channel) -> int:
        """Pixels that the reader of a channel stores itself."""
        return self._reads[channel.reader][channel.port].holds

    def settle(self, changed: Iterable[int] | None = None, rounds: int = ROUNDS) -> bool:
        """Raise the times until they fit `rooms`, beginning with the kernels in `changed` (all);
        whether they do after `rounds`."""
        count = len(self._kernels)
        waiting = set(range(count) if changed is None else changed)
        sweep = [*range(count), *reversed(range(count))]
        for _ in range(rounds):
            for index in sweep:
                if index in waiting:
                    waiting.discard(index)
                    if self._raised(index):
                        waiting |= {c.producer for c in self._into[index]}
                        waiting |= {c.reader for c in self._out[index]}
            if not waiting:
                return True
        return False

    def allows(self, channel: Channel, room: int) -> bool:
        """Whether the period is kept with `room` pixels on a channel; if so, that is its room
        now."""
        before, late = self.rooms[channel], list(self.late)
        self.rooms[channel] = room
        if room >= before or self.settle([channel.producer]):
            return True
        self.rooms[channel], self.late = before, late
        return False

    def _raised(self, index: int) -> bool:
        """Bring one kernel up to its neighbours; whether it became later."""
        kernel, before = self._kernels[index], self.late[index]
        waits = np.zeros(kernel.at.size)
        for channel in self._into[index]:
            source = kernel.sources[channel.port]
            shown, at = self._outputs(channel.producer)[source.arriving], source.arrivals
            waits[at] = np.maximum(waits[at], shown - kernel.at[at])
        for channel in self._out[index]:
            at = kernel.emits
            waits[at] = np.maximum(waits[at], self._room_by(channel) - kernel.at[at])
        late = np.maximum.accumulate(waits)
        late = np.maximum(late, self._next_frame(kernel, late))
        if not (late > before + _SAME).any():
            return False
        self.late[index] = np.maximum(late, before)
        return True

    def _next_frame(self, kernel: _Kernel, late: Array) -> float:
        """How late a frame begins when the one before ended `late`."""
        return float(late[-1]) + kernel.cycles - self.period

    def _outputs(self, index: int) -> Array:
        """[target pixels] when each is there for the next kernel."""
        kernel = self._kernels[index]
        shown: Array = (kernel.at + self.late[index])[kernel.emits] + kernel.latency
        return shown

    def _room_by(self, channel: Channel) -> Array:
        """[pixels] when a channel has room for each: once the one that lies `room` before it is
        freed, maybe of an earlier frame."""
        sink, late = self._kernels[channel.reader], self.late[channel.reader]
        of_last, source = self._next_frame(sink, late), sink.sources[channel.port]
        freed = source.frees + np.where(source.freed_by < 0, of_last, late[source.freed_by])
        pixels, passes = freed.size, channel in self.passes
        owed = np.arange(pixels) - (1 if passes else self.rooms[channel])
        early = self._kernels[channel.producer].latency if passes else 0
        by: Array = freed[owed % pixels] + self.period * (owed // pixels) - early
        return by
