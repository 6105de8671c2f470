"""A clip's file opened with care: known formats and codecs alone, nothing read but the file itself.

FFmpeg knows formats that name other files or addresses (playlists), and hundreds of codecs; those
listed here are what clips come in. It reads through a handle of ours and is allowed no protocol, so
that no file leads it elsewhere. Whatever it raises becomes one sentence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from hearth.toolchain.data.clips.kinds import LARGEST_FILE, SUPPORTED
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

FORMATS = ("avi", "gif", "matroska", "mov", "mp4", "webm")
CODECS = (
    *(
        "av1",
        "cinepak",
        "dnxhd",
        "dvvideo",
        "ffv1",
        "flv",
        "gif",
        "h263",
        "h264",
        "hevc",
        "huffyuv",
    ),
    *("libdav1d", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4", "msmpeg4v2", "png"),
    *("prores", "qtrle", "rawvideo", "svq3", "theora", "utvideo", "vc1", "vp8", "vp9", "wmv3"),
)
LARGEST_PIXELS = 36 << 20
"""Of a frame: 8192x4608. A decoder holds a dozen of them."""
ANEW = "save it anew: ffmpeg -i IN OUT.mp4"
_OPTIONS = {
    "format_whitelist": ",".join(FORMATS),
    "codec_whitelist": ",".join(CODECS),
    "protocol_whitelist": "",
    "max_pixels": str(LARGEST_PIXELS),
}
_BUFFER = 1 << 18


@dataclass(frozen=True)
class Opened:
    """A file or a camera that FFmpeg has opened, and what of it is shown."""

    container: InputContainer
    stream: VideoStream

    @property
    def tick(self) -> Fraction:
        """Seconds of a time stamp's unit."""
        return self.stream.time_base or Fraction(1, 1000)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A clip's file. HearthError if it is none, shows nothing, or is larger than Hearth reads."""
    with reading.opened(path, LARGEST_FILE) as file, told(path):
        try:
            container = av.open(
                cast(Any, file),
                "r",
                options=_OPTIONS,
                metadata_errors="replace",
                buffer_size=_BUFFER,
            )
        except Exception as error:
            raise HearthError(
                f"{path}: not a clip that can be read ({reason(error)}): empty, cut off, damaged or"
                f" of another kind; {SUPPORTED}"
            ) from None
        with container:
            yield Opened(container, shown(path, container))


def shown(path: Path, container: InputContainer) -> VideoStream:
    """The first stream of moving pictures; the cover of an album is none."""
    found = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not found:
        sound = " but sound" if container.streams.audio else ""
        raise HearthError(f"{path}: holds no moving pictures{sound}; give a clip, or a picture")
    stream = found[0]
    context = cast(Any, stream.codec_context)  # of some codecs there is none
    if context is None or context.name not in CODECS:
        raise HearthError(
            f"{path}: its frames are in a codec that Hearth does not read"
            f" ({'unknown' if context is None else context.name}); {ANEW}"
        )
    check_size(path, stream.width, stream.height)
    context.options = {"max_pixels": str(LARGEST_PIXELS)}
    stream.thread_type = cast(Any, "AUTO")
    return stream


def check_size(path: Path, width: int, height: int) -> None:
    """HearthError for frames of no pixels or of too many."""
    if not 0 < width * height <= LARGEST_PIXELS:
        raise HearthError(
            f"{path}: frames of {width}x{height} pixels; Hearth reads clips of 1 to"
            f" {LARGEST_PIXELS:,} pixels a frame"
        )


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Whatever a decoder raises about damaged bytes, as one sentence."""
    try:
        yield
    except (HearthError, MemoryError):
        raise
    except Exception as error:
        raise HearthError(f"{path}: the clip cannot be read: {reason(error)}; {ANEW}") from None


def reason(error: Exception) -> str:
    """What an exception says, without the numbers and file names that FFmpeg adds."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
