"""Frames of a camera as Linux has it (Video4Linux: /dev/video0), from now on.

A camera never ends by itself and shows something else each time, so it has no number of frames, and
what needs the same ones twice refuses it. While nobody asks for a frame the driver drops some: what
is slower than the camera sees fewer frames, and each with the time at which it was taken.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
from av.container import InputContainer

from hearth.toolchain.data.clips import container
from hearth.toolchain.data.clips.container import Opened
from hearth.toolchain.data.clips.frames import Frame
from hearth.toolchain.data.clips.part import Part
from hearth.toolchain.data.clips.picture import Pictures
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

FORMAT = "v4l2"
_MAJOR = 81
"""Of Video4Linux's devices: Linux, Documentation/admin-guide/devices.txt."""
_HINTS = {
    errno.EACCES: "you may not use it: sudo usermod -aG video $USER, then log in anew",
    errno.EPERM: "you may not use it: sudo usermod -aG video $USER, then log in anew",
    errno.EBUSY: "another program uses it",
}


@dataclass(frozen=True)
class Camera:
    """A camera's frames as they come, `count` of them or without end."""

    path: Path
    part: Part
    count: int | None = None

    def __len__(self) -> int:
        """0 where there is no end."""
        return self.count or 0

    def first(self, count: int) -> Camera:
        """No more than so many."""
        return replace(self, count=count if self.count is None else min(count, self.count))

    def __iter__(self) -> Iterator[Array]:
        """uint8 [height, width, 3] each."""
        return (frame.pixels for frame in self.shown())

    def shown(self) -> Iterator[Frame]:
        """The frames, numbered and timed from the first that the camera gives."""
        with self._opened() as source, container.told(self.path):
            found = Opened(source, container.shown(self.path, source))
            yield from itertools.islice(self._wanted(found), self.count)

    def _wanted(self, found: Opened) -> Iterator[Frame]:
        pictures = Pictures(found.stream.sample_aspect_ratio)
        first: int | None = None
        due = 0
        for number, frame in enumerate(found.container.decode(found.stream)):
            stamp = frame.pts or 0
            first = stamp if first is None else first
            seconds = (stamp - first) * found.tick
            if number < due or seconds < self.part.seconds or frame.is_corrupt:
                continue
            due = number + self.part.every
            container.check_size(self.path, frame.width, frame.height)
            yield Frame(number, seconds, pictures.picture(frame))

    def _opened(self) -> InputContainer:
        try:
            return av.open(str(self.path), "r", format=FORMAT)
        except Exception as error:
            hint = _HINTS.get(getattr(error, "errno", None) or 0, "is it a camera, and plugged in?")
            raise HearthError(
                f"{self.path}: the camera cannot be opened ({container.reason(error)}); {hint}"
            ) from None


def is_camera(path: Path) -> bool:
    """Whether `path` is a device of Video4Linux."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _MAJOR
