"""Some frames of a clip, decoded one after another: one at a time is in memory.

Between frames that lie far apart the file is not decoded but skipped to the last key frame in
front, where its format allows that.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from av.video.frame import VideoFrame

from hearth.toolchain.data.clips import container
from hearth.toolchain.data.clips.clip import Clip
from hearth.toolchain.data.clips.container import ANEW, Opened
from hearth.toolchain.data.clips.part import Part
from hearth.toolchain.data.clips.picture import Pictures
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

_SKIPPED = 5
"""Seconds of a clip that are decoded rather than skipped; key frames lie about as far apart."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame: its number in the clip, seconds since the clip's first, uint8 [height, width, 3]."""

    number: int
    seconds: Fraction
    pixels: Array

    @property
    def name(self) -> str:
        """What to call it."""
        return f"frame {self.number} ({float(self.seconds):.2f} s)"


@dataclass(frozen=True)
class Frames:
    """Frames of a clip by number, ascending."""

    clip: Clip
    index: Sequence[int]

    def __len__(self) -> int:
        return len(self.index)

    def subset(self, index: Sequence[int]) -> Frames:
        """Some of these frames."""
        return replace(self, index=tuple(self.index[i] for i in index))

    def first(self, count: int) -> Frames:
        """The first ones."""
        return replace(self, index=self.index[:count])

    def __iter__(self) -> Iterator[Array]:
        """uint8 [height, width, 3] each."""
        return (frame.pixels for frame in self.shown())

    def shown(self) -> Iterator[Frame]:
        """The frames; fewer at the end where a codec hides some."""
        if not self.index:
            return
        path = self.clip.path
        with container.opened(path) as found:
            pictures = Pictures(found.stream.sample_aspect_ratio)
            wanted = iter(self.index)
            next_one = next(wanted)
            reader = _Reader(self.clip, found)
            while (decoded := reader.towards(next_one)) is not None:
                number, frame = decoded
                if number < next_one:
                    continue
                container.check_size(path, frame.width, frame.height)
                yield Frame(number, self._seconds(number, frame), pictures.picture(frame))
                following = next((i for i in wanted if i > number), None)
                if following is None:
                    return
                next_one = following

    def _seconds(self, number: int, frame: VideoFrame) -> Fraction:
        if frame.pts is None:
            return self.clip.seconds(min(number, len(self.clip.stamps) - 1))
        return (frame.pts - self.clip.stamps[0]) * self.clip.tick


def chosen(clip: Clip, part: Part) -> Frames:
    """The frames of a clip that are asked for. HearthError where it ends before."""
    first = bisect.bisect_left(clip.stamps, clip.stamps[0] + part.seconds / clip.tick)
    if first >= len(clip.stamps):
        raise HearthError(
            f"--start {part.start:g}: the last frame of {clip.path} is at"
            f" {float(clip.seconds(len(clip.stamps) - 1)):.2f} s; give less"
        )
    return Frames(clip, range(first, len(clip.stamps), part.every))


class _Reader:
    """Decodes a file in order, and skips."""

    def __init__(self, clip: Clip, found: Opened) -> None:
        self._clip = clip
        self._found = found
        self._number = -1
        """Of the last frame; the next one's is its time's after a skip."""
        self._frames = self._decoded()
        self._seekable = True

    def towards(self, number: int) -> tuple[int, VideoFrame] | None:
        """The next frame on the way to frame `number`, with its own number; None at the end."""
        stamps, at = self._clip.stamps, max(self._number, 0)
        if (stamps[number] - stamps[at]) * self._clip.tick > _SKIPPED and self._seekable:
            frame = self._skipped(stamps[number])
        else:
            frame = next(self._frames, None)
        if frame is None:
            return None
        if frame.is_corrupt:
            raise HearthError(f"{self._clip.path}: frame {self._number + 1} is damaged; {ANEW}")
        self._number = min(self._number + 1, len(stamps) - 1)
        return self._number, frame

    def _skipped(self, stamp: int) -> VideoFrame | None:
        """The first frame behind a skip to a key frame not after `stamp`; where that fails, the
        next one or, once the place is lost, the first of all."""
        self._seekable = False
        try:
            self._found.container.seek(stamp, stream=self._found.stream)
        except OSError:
            return next(self._frames, None)
        self._frames = self._decoded()
        frame = next(self._frames, None)
        if frame is not None and frame.pts is not None and frame.pts <= stamp:
            found = bisect.bisect_left(self._clip.stamps, frame.pts)
            self._seekable = found > self._number
            self._number = found - 1
            return frame
        self._found.container.seek(self._clip.stamps[0], stream=self._found.stream)
        self._frames, self._number = self._decoded(), -1
        return next(self._frames, None)

    def _decoded(self) -> Iterator[VideoFrame]:
        return self._found.container.decode(self._found.stream)
