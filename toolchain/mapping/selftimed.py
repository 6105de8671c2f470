"""Self-timed execution of a chain of kernels: does it keep a period with these FIFOs?

    before   what each kernel does when it never waits (Layer.timing), pixels that every edge holds
    after    whether a frame every `period` cycles is possible, and how late every kernel runs

A kernel comes to its moments in a fixed order: input must be there (`needs`), an output pixel is
complete and wants room behind it (`emits`). In between it works as fast as it can, so it is late
by the most that any earlier moment made it wait: a running maximum. What it waits for are moments
of its neighbours, data from the one before and room from the one behind. Frames repeat with the
period, so a moment of the next frame is this frame's, a period later.

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
class _Kernel:
    """A kernel's moments of one frame in the order in which it comes to them.

    at       [moments] cycles from the frame's start when it never waits
    arrivals positions in `at` at which input must be there, and the last pixel of it
    emits    [target pixels] positions in `at`
    frees    [source pixels] cycles as in `at`
    freed_by [source pixels] the last moment before that; -1: it is of the frame before
    """

    cycles: int
    latency: int
    at: Array
    arrivals: Array
    arriving: Array
    emits: Array
    frees: Array
    freed_by: Array


def _kernel(timing: Timing, cycles: int, beat_by_beat: bool) -> _Kernel:
    """`beat_by_beat`: a pixel is needed when its last beat is taken, not when its first is."""
    needs = timing.frees - 1 if beat_by_beat else timing.needs
    moments, first_from_the_end = np.unique(needs[::-1], return_index=True)
    at = np.concatenate([timing.emits, moments])  # at the same time, outputs first: stable
    order = np.argsort(at, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    outputs = len(timing.emits)
    done = np.searchsorted(timing.emits, timing.frees, side="right")
    begun = np.searchsorted(moments, timing.frees, side="left")
    return _Kernel(
        cycles,
        LATENCY + timing.lag,
        at[order],
        place[outputs:],
        needs.size - 1 - first_from_the_end,
        place[:outputs],
        timing.frees,
        done + begun - 1,
    )


class SelfTimed:
    """The chain with `rooms`: pixels that each edge holds, the consumer's own included.

    period  no shorter than the cycles of any kernel: those are not looked at
    late   [kernels][moments] least lateness found so far; it only grows
    """

    def __init__(self, stages: Sequence[Stage], period: float) -> None:
        timings = [stage.layer.timing(stage.fold) for stage in stages]
        pairs = zip(stages, stages[1:], timings, timings[1:], strict=False)
        self.period = period
        self.holds = [timing.holds for timing in timings[1:]]
        self.passes = [keeps_pace(a, b, x.cycles, y.cycles) for x, y, a, b in pairs]
        """Edges whose pixels pass beat by beat: their FIFOs are shallow whatever the room."""
        rows = zip(timings, stages, [False, *self.passes], strict=True)
        self._kernels = [_kernel(timing, stage.cycles, beats) for timing, stage, beats in rows]
        self.late = [np.zeros(kernel.at.size) for kernel in self._kernels]
        self.rooms = [1] * len(self.passes)

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
                        waiting |= {index - 1, index + 1} & set(range(count))
            if not waiting:
                return True
        return False

    def allows(self, edge: int, room: int) -> bool:
        """Whether the period is kept with `room` pixels on an edge; if so, that is its room now."""
        before, late = self.rooms[edge], list(self.late)
        self.rooms[edge] = room
        if room >= before or self.settle([edge]):
            return True
        self.rooms[edge], self.late = before, late
        return False

    def _raised(self, index: int) -> bool:
        """Bring one kernel up to its neighbours; whether it became later."""
        kernel, before = self._kernels[index], self.late[index]
        waits = np.zeros(kernel.at.size)
        if index:
            shown = self._outputs(index - 1)
            waits[kernel.arrivals] = shown[kernel.arriving] - kernel.at[kernel.arrivals]
        if index < len(self.rooms):
            waits[kernel.emits] = self._room_by(index) - kernel.at[kernel.emits]
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

    def _room_by(self, edge: int) -> Array:
        """[pixels] when an edge has room for each: once the one that lies `room` before it is
        freed, maybe of an earlier frame."""
        sink, late = self._kernels[edge + 1], self.late[edge + 1]
        of_last = self._next_frame(sink, late)
        freed = sink.frees + np.where(sink.freed_by < 0, of_last, late[sink.freed_by])
        pixels = freed.size
        owed = np.arange(pixels) - (1 if self.passes[edge] else self.rooms[edge])
        early = self._kernels[edge].latency if self.passes[edge] else 0
        by: Array = freed[owed % pixels] + self.period * (owed // pixels) - early
        return by
