"""Golden model of hw/video/hearth_screen.sv in time: what is on the screen while camera and network
go on.

A picture of the screen is drawn while the camera writes what it shows, so it depends on when. All
that is told of the hardware is in which cycles the camera's pixels came by, and the words of
results; which of them a pixel of the screen shows follows here from how long the hardware takes:

    a square of the camera's pixels  is read KEPT cycles behind its last pixel, or later
    a result                         is worked on for so many cycles; one that comes meanwhile is
                                     passed over
    a picture of the screen          shows the result that was there CAUGHT cycles behind the end
                                     of the last picture but one

Cycles are those of the network's clock, from the end of its reset. The pixel clock rises in every
`period`-th one before that cycle's own edge; its edge number n is in cycle n * period.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.video.screen import Said, Screen

_KEPT = 3
"""Cycles: sums across, sums down, the memory's own edge."""
_CAUGHT = 2
"""Cycles: two flip-flops of hearth_sync.sv."""
_READ = 2
"""Edges of the pixel clock from a read of the memory to the pixel's symbol."""
_BEGUN = 4
"""The same from the count of pixels."""
_ITEM = 6
"""Cycles of work for a logit (hearth_screen_shares.sv)."""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture of the camera's: uint8 [height, width, 3], and the cycles in which its first
    pixels came by, int64 [pixels]: all of them, unless it was cut short."""

    pixels: Array
    cycles: Array


@dataclass(frozen=True, eq=False)
class Result:
    """The words of a result, int64 [classes + ranked], and the cycles of the first and the last."""

    words: Array
    first: int
    last: int


class Shown:
    """What a screen shows; asked for in the order of time."""

    def __init__(
        self, screen: Screen, period: int, seen: Sequence[Seen], results: Sequence[Result]
    ) -> None:
        """Both in the order in which they came."""
        self._screen = screen
        self._period = period
        coming = [(screen.kept(one.pixels), self._kept_from(one)) for one in seen]
        self._coming = [(kept, at) for kept, at in coming if at[0, 0] < _NEVER]
        size = screen.down.seen >> screen.zoom, screen.across.seen >> screen.zoom
        self._memory = np.zeros(size, np.uint16)
        self._ends = [one.last for one in results]
        self._said = self._worked_on(results)
        whole = [int(at.max()) for _, at in self._coming if at.max() < _NEVER]
        self._known = min(whole, default=_NEVER)

    def _kept_from(self, seen: Seen) -> Array:
        """The cycle from which each square is read: int64 [kept height, kept width]."""
        camera, side = self._screen.camera, 1 << self._screen.shrink
        at = np.full(camera.width * camera.height, _NEVER)
        came = seen.cycles[: len(at)]
        at[: len(came)] = came + _KEPT
        return at.reshape(camera.height, camera.width)[side - 1 :: side, side - 1 :: side]

    def _worked_on(self, results: Sequence[Result]) -> list[tuple[int, int]]:
        """The cycle from which each is there, and its place; but those that are passed over."""
        screen, found, free = self._screen, [], 0
        work = _ITEM * (1 + len(screen.names)) + screen.shown * (screen.panel + 3 + _ITEM)
        self._results = results
        for place, one in enumerate(results):
            if one.first >= free:
                free = one.last + work + 1
                found.append((free, place))
        return found

    def is_known(self, begin: int) -> bool:
        """Whether all of the picture whose first symbol comes at edge `begin` is the camera's:
        before its first picture the memory holds what it held when it was switched on."""
        return (begin - _READ) * self._period >= self._known

    def result(self, begin: int) -> int | None:
        """The place of the result that it shows, or None before the first."""
        place = bisect.bisect_right(self._said, (self._caught(begin), len(self._results))) - 1
        return None if place < 0 else self._said[place][1]

    def picture(self, begin: int) -> Array:
        """The picture whose first symbol comes at edge `begin`, uint8 [height, width, 3]."""
        return self._screen.drawn(self._words(begin), self._said_at(begin))

    def _caught(self, begin: int) -> int:
        """The cycle in which what it says was caught; below 0 at its reset."""
        seen = self._screen.down.seen * self._screen.across.total
        return (begin - 2 * self._screen.cycles + seen - _BEGUN) * self._period + _CAUGHT

    def _said_at(self, begin: int) -> Said:
        screen, place = self._screen, self.result(begin)
        second = self._caught(begin) // screen.clock_hz
        rate = sum(end // screen.clock_hz == second - 1 for end in self._ends)
        if place is None:
            nothing = np.zeros(screen.shown, np.int64)
            return Said(nothing, nothing, min(rate, 9999))
        return screen.said(self._results[place].words, min(rate, 9999))

    def _words(self, begin: int) -> Array:
        """What was read, uint16 [height, width]."""
        screen = self._screen
        lines = np.arange(screen.down.seen)[:, None] * screen.across.total
        read = (begin - _READ + lines + np.arange(screen.across.seen)) * self._period
        while self._coming and self._over(self._coming[0][1]) <= read[0, 0]:
            kept, at = self._coming.pop(0)
            self._memory = np.where(at < _NEVER, kept, self._memory)
        words = screen.enlarged(self._memory)
        for kept, at in self._coming:
            if at[0, 0] > read[-1, -1]:
                break
            words = np.where(screen.enlarged(at) <= read, screen.enlarged(kept), words)
        return words

    @staticmethod
    def _over(at: Array) -> int:
        """When the last of its squares is there."""
        return int(at[at < _NEVER].max())
