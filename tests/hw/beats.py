"""Beats of AXI4-Stream video, good and broken, and the frames that must come of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from hearth.toolchain.ir import Array

Beat = tuple[int, bool, bool]
"""Pixel, start of frame, end of line."""


@dataclass
class Mended:
    """What must come of a stream of beats: frames, whether each was mended, faults seen."""

    frames: list[list[int]] = field(default_factory=list)
    damaged: list[bool] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)


class Border:
    """The rules of hearth_axi_video.sv in Python, one beat at a time."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.pixels = width, width * height
        self.result = Mended()
        self.frame: list[int] | None = None
        self.broken = self.dropping = False

    def take(self, pixel: int, start: bool, end: bool) -> None:
        if start:
            if self.frame is not None:
                self._fault("truncated")
                self._finish()
            self.frame, self.broken, self.dropping = [], False, False
        elif self.dropping:
            self.dropping = not end
            return
        elif self.frame is None:
            self.result.faults.add("stray")
            return
        assert self.frame is not None
        self.frame.append(pixel)
        if len(self.frame) % self.width == 0:
            if not end:
                self._fault("long_line")
                self.dropping = True
        elif end:
            self._fault("short_line")
            self.frame += [0] * (-len(self.frame) % self.width)
        if len(self.frame) == self.pixels:
            self._finish()

    def _fault(self, name: str) -> None:
        self.result.faults.add(name)
        self.broken = True

    def _finish(self) -> None:
        assert self.frame is not None
        self.result.frames.append(self.frame + [0] * (self.pixels - len(self.frame)))
        self.result.damaged.append(self.broken)
        self.frame = None


def mended(beats: Sequence[Beat], width: int, height: int) -> Mended:
    border = Border(width, height)
    for beat in beats:
        border.take(*beat)
    return border.result


def beats_of(frame: Array) -> list[Beat]:
    """The beats of a frame, uint8 [height, width, colours]."""
    width, colours = frame.shape[1:]
    pixels = [int.from_bytes(bytes(pixel), "little") for pixel in frame.reshape(-1, colours)]
    return [(pixel, i == 0, i % width == width - 1) for i, pixel in enumerate(pixels)]


def spoil(beats: list[Beat], rng: random.Random) -> list[Beat]:
    """A frame with one fault: beats lost or doubled, or a marker set or cleared."""
    start = rng.randrange(len(beats))
    stop = min(len(beats), start + rng.randrange(1, 9))
    kind = rng.randrange(5)
    if kind == 0:
        return beats[:start] + beats[stop:]
    if kind == 1:
        return beats[:stop] + beats[start:stop] + beats[stop:]
    pixel, first, last = beats[start]
    changed = {2: (pixel, not first, last), 3: (pixel, first, not last), 4: (pixel, True, True)}
    return [*beats[:start], changed[kind], *beats[start + 1 :]]
