"""Frames as a clip: H.264 in MP4, MOV or Matroska, each frame shown when it was in its source.

Colours are BT.709 or BT.601 by the size, limited range, and the file says so: what picture.py reads
of it are the colours that were given. H.264 halves the resolution of colours, so a side of an odd
number of pixels gets one more, the last once again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from hearth.toolchain.data.clips.container import reason
from hearth.toolchain.data.clips.picture import usual_matrix
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

FORMATS = {".mkv": "matroska", ".mov": "mov", ".mp4": "mp4"}
_CODEC = "libx264"
_QUALITY = {"crf": "18", "preset": "veryfast"}
"""x264's constant rate factor at which letters have no visible edges, and a quick search."""
_NUMBERS = {Colorspace.ITU709: 1, Colorspace.ITU601: 6}
"""ITU-T H.273: of matrix, primaries and transfer function alike."""
_FINEST = 1_000_000
"""Ticks per second that a track of an MP4 may have and players still read."""


def check(path: Path, option: str = "-o") -> None:
    """HearthError unless the name of a clip to write says a kind that is written."""
    if path.suffix.lower() not in FORMATS:
        raise HearthError(
            f"{option} {path}: a clip is written as {', '.join(FORMATS)}; give such a name"
        )


class Writer:
    """A clip that is being written to an open file; closed at the end of a `with`."""

    def __init__(self, path: Path, file: BinaryIO, tick: Fraction, rate: Fraction) -> None:
        """`path` tells the kind; times are kept to a `tick` (in seconds), `rate` is their average
        number of frames a second."""
        self._path = path
        kind = FORMATS[path.suffix.lower()]
        self._container = av.open(cast(Any, file), "w", format=kind)
        self._rate = rate
        self._tick = tick if tick >= Fraction(1, _FINEST) else Fraction(1, 90_000)
        self._stream: VideoStream | None = None
        self._reformatter = VideoReformatter()
        self._matrix = Colorspace.ITU601
        self._last = -1

    def add(self, pixels: Array, seconds: Fraction) -> None:
        """One more frame, uint8 [height, width, 3] of the first one's size."""
        if self._stream is None:
            self._stream = self._begun(pixels)
        frame = self._reformatter.reformat(
            VideoFrame.from_ndarray(_even(pixels), format="rgb24"),
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=self._matrix,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND,
        )
        frame.time_base = self._tick
        frame.pts = self._last = max(round(seconds / self._tick), self._last + 1)
        with self._told():
            self._container.mux(self._stream.encode(frame))

    def _begun(self, pixels: Array) -> VideoStream:
        height, width = (side + side % 2 for side in pixels.shape[:2])
        self._matrix = usual_matrix(width, height)
        stream = self._container.add_stream(_CODEC, rate=self._rate, options=_QUALITY)
        made = cast(VideoStream, stream)
        made.width, made.height, made.pix_fmt = width, height, "yuv420p"
        context = made.codec_context
        context.time_base = self._tick
        number = _NUMBERS[self._matrix]
        context.color_range = ColorRange.MPEG
        context.colorspace = context.color_primaries = context.color_trc = number
        return made

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            with contextlib.suppress(Exception):  # what went wrong has been raised
                self._container.close()
            return
        with self._told():
            if self._stream is not None:
                self._container.mux(self._stream.encode())
            self._container.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk refuses stays an OSError; what else FFmpeg says becomes one sentence."""
        try:
            yield
        except (HearthError, MemoryError, OSError):
            raise
        except Exception as error:
            raise HearthError(f"{self._path}: cannot be written: {reason(error)}") from None


def _even(pixels: Array) -> Array:
    odd = [(0, side % 2) for side in pixels.shape[:2]]
    return np.pad(pixels, (*odd, (0, 0)), mode="edge") if any(more for _, more in odd) else pixels
