"""Small pictures of frames, as the network sees them, for pages."""

from __future__ import annotations

import base64
import io

from PIL import Image

from hearth.toolchain.ir import Array

LARGEST = 96
"""Pixels of a side."""
MOST = 64
"""Frames of which there are pictures."""
_QUALITY = 88
_COLOURS = 3


def several(frames: Array) -> list[str]:
    """JPEG in base64 of the first frames, uint8 [n, height, width, channels]; a fourth channel is
    left out."""
    return [base64.b64encode(jpeg(frame)).decode() for frame in frames[:MOST]]


def jpeg(frame: Array, largest: int = LARGEST) -> bytes:
    """One frame, uint8 [height, width, channels], no larger than so many pixels a side."""
    grey = frame.shape[2] == 1
    picture = Image.fromarray(frame[:, :, 0] if grey else frame[:, :, :_COLOURS])
    picture.thumbnail((largest, largest))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
