"""Self-timed execution: the least times of a chain are those that a walk of its moments finds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from hearth.toolchain.ir import Array, Stage, Timing
from hearth.toolchain.mapping.channels import Channel
from hearth.toolchain.mapping.selftimed import LATENCY, SelfTimed

Chain = list[tuple[Timing, int]]
"""Of every kernel its timing and its cycles."""


def _chain(chain: Chain, rooms: list[int], period: float) -> SelfTimed:
    stages = [
        SimpleNamespace(
            layer=SimpleNamespace(reads=lambda fold, timing=timing: (timing,)),
            fold=None,
            cycles=cycles,
        )
        for timing, cycles in chain
    ]
    channels = [Channel(i, i + 1, 0) for i in range(len(rooms))]
    made = SelfTimed(cast(list[Stage], stages), channels, period)
    made.rooms = dict(zip(channels, rooms, strict=True))
    return made


def _burst() -> Chain:
    """Four pixels in a burst, taken evenly over the frame; neither kernel may ever wait."""
    end = np.array([12.0])
    source = Timing(np.array([1.0, 2, 3, 4]), np.array([0.0]), end, 0)
    sink = Timing(end, np.array([0.0, 3, 6, 9]), np.array([3.0, 6, 9, 12]), 0)
    return [(source, 12), (sink, 12)]


def test_a_burst_by_hand() -> None:
    """The first pixel is there at 41, so pixel j of frame f is freed at 44 + 3j + 12f. The fourth
    pixel of frame 4 (at 52) waits for the third of frame 0 (50), 17 pixels before it; 16 before it
    is the fourth of frame 0 (53)."""
    assert LATENCY == 40
    chain = _chain(_burst(), [17], 12)
    assert chain.settle()
    assert chain.late[1][-1] == 41
    (channel,) = chain.rooms
    assert not chain.allows(channel, 16)
    assert chain.rooms[channel] == 17
    assert chain.late[1][-1] == 41, "a refused room leaves the times as they were"
    assert chain.settle()


def test_lag_is_waited_for() -> None:
    (source, cycles), sink = _burst()
    slow = Timing(source.emits, source.needs, source.frees, 0, lag=12)
    assert not _chain([(slow, cycles), sink], [17], 12).settle()
    assert _chain([(slow, cycles), sink], [21], 12).settle()


def _kernel(rng: np.random.Generator, inputs: int, outputs: int) -> tuple[Timing, int]:
    """Random moments in whole cycles; what is needed is freed at once or later."""
    cycles = int(rng.integers(30, 60))
    emits, needs = (np.sort(rng.integers(0, cycles, n)).astype(float) for n in (outputs, inputs))
    frees = np.sort(np.minimum(needs + rng.integers(1, 12, inputs), cycles))
    return Timing(emits, needs, np.maximum(frees, needs), int(rng.integers(0, 4)) + 1), cycles


def _moments(timing: Timing) -> list[tuple[float, int, int]]:
    """(cycle, kind, pixel) in the order in which a kernel comes to them: outputs, what is freed,
    inputs."""
    kinds = (timing.emits, timing.frees, timing.needs)
    return sorted((at, kind, i) for kind, times in enumerate(kinds) for i, at in enumerate(times))


def _walk(chain: Chain, rooms: list[int], frames: int) -> Array:
    """[frames] when the last kernel ends each, event by event: every kernel goes on until it must
    wait for what has not happened yet."""
    shown: list[list[float]] = [[] for _ in chain]
    freed: list[list[float]] = [[] for _ in chain]
    ends: list[list[float]] = [[] for _ in chain]

    def kernel(index: int) -> Iterator[None]:
        timing, cycles = chain[index]
        now = before = 0.0
        for frame in range(frames):
            for at, kind, pixel in _moments(timing):
                now, before = now + at - before, at
                if kind == 0 and index + 1 < len(chain):
                    owed = frame * len(timing.emits) + pixel - rooms[index]
                    while owed >= len(freed[index + 1]):
                        yield
                    now = max(now, freed[index + 1][owed]) if owed >= 0 else now
                    shown[index].append(now + LATENCY)
                elif kind == 1:
                    freed[index].append(now)
                elif kind == 2 and index:
                    due = frame * len(timing.needs) + pixel
                    while due >= len(shown[index - 1]):
                        yield
                    now = max(now, shown[index - 1][due])
            now, before = now + cycles - before, 0.0
            ends[index].append(now)

    walks = [kernel(index) for index in range(len(chain))]
    while len(ends[-1]) < frames:
        for walk in walks:
            next(walk, None)
    return np.array(ends[-1])


@pytest.mark.parametrize("seed", range(12))
def test_a_period_is_kept_where_a_walk_keeps_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = [int(n) for n in rng.integers(3, 9, 5)]
    chain = [_kernel(rng, a, b) for a, b in itertools.pairwise(pixels)]
    rooms = [int(n) for n in rng.integers(5, 30, len(chain) - 1)]
    ends = _walk(chain, rooms, 140)
    period = float(ends[-1] - ends[-61]) / 60
    assert _chain(chain, rooms, np.ceil(period + 1e-9)).settle(rounds=500)
    slowest = max(cycles for _, cycles in chain)
    shorter = max(slowest, np.floor(period - 0.01))
    assert _chain(chain, rooms, shorter).settle(rounds=500) == (shorter >= period)
