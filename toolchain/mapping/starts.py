"""When every kernel begins its frame in the periodic schedule.

A kernel begins when its last input is there in time: as early as possible. Where two paths meet,
what comes down the shorter one then waits in front of the meeting point, though it might as well
wait elsewhere: a kernel on that path may begin later, and what waited behind it waits in front of
it. One pass from the end to the beginning moves it there where the edges in front are the lighter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hearth.toolchain.ir import Edge, Layer
from hearth.toolchain.mapping.channels import Channel

_SAME = 1e-6
"""Cycles that are rounding."""


@dataclass(frozen=True)
class Starts:
    """at   [kernels] cycles
    delay   from the producer's start to the reader's, of every channel
    tight   channels whose reader begins as early as this input lets it
    """

    at: tuple[float, ...]
    delay: Mapping[Channel, float]
    tight: frozenset[Channel]


def starts(layers: Sequence[Layer], lags: Mapping[Channel, float]) -> Starts:
    """The schedule's starts. `lags`: of every channel, how long after its producer a reader may
    begin so that nothing comes too late."""
    into: dict[int, list[Channel]] = {index: [] for index in range(len(layers))}
    out: dict[int, list[Channel]] = {index: [] for index in range(len(layers))}
    for channel in lags:
        into[channel.reader].append(channel)
        out[channel.producer].append(channel)
    at = [0.0] * len(layers)
    for index in range(len(layers)):
        at[index] = max((at[c.producer] + lags[c] for c in into[index]), default=0.0)
    for index in reversed(range(len(layers))):
        latest = min((at[c.reader] - lags[c] for c in out[index]), default=at[index])
        behind = len(out[index]) * _bits(layers[index].target)
        if latest > at[index] + _SAME and behind > sum(map(_bits, layers[index].sources)):
            at[index] = latest
    found = {c: at[c.reader] - at[c.producer] for c in lags}
    tight = frozenset(c for c in lags if found[c] <= lags[c] + _SAME)
    return Starts(tuple(at), {c: lags[c] if c in tight else found[c] for c in lags}, tight)


def _bits(edge: Edge) -> int:
    """Bits of a frame."""
    return edge.pixels * edge.channels * edge.bits
