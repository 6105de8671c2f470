"""Clips of a few frames, made with PyAV: how they are rotated, coloured and timed is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from hearth.toolchain.ir import Array

SIZE = (48, 64)
"""Height and width."""
CODECS = {"avi": "mpeg4", "gif": "gif", "mkv": "ffv1", "mp4": "libx264", "webm": "libvpx-vp9"}
BLOCKS = ((250, 30, 40), (30, 240, 50), (40, 60, 245), (255, 255, 255))
"""Colours of the quarters: above left and right, below left and right."""
_LIMITED, _FULL = 1, 2
_MATRICES = {"bt601": (6, 0.299, 0.114), "bt709": (1, 0.2126, 0.0722)}
"""Number (ITU-T H.273), and the shares of red and blue in luminance."""


@dataclass(frozen=True)
class Look:
    """How a clip names its colours and its way up.

    matrix   bt601 or bt709; None: the file says nothing, and bt601 is used
    turned   degrees counterclockwise by which a player turns it, then mirrored
    """

    matrix: str | None = None
    full: bool = False
    turned: int = 0
    mirrored: bool = False


def quarters() -> Array:
    """A picture of four colours."""
    pixels = np.zeros((*SIZE, 3), np.uint8)
    height, width = SIZE[0] // 2, SIZE[1] // 2
    for index, colour in enumerate(BLOCKS):
        row, column = divmod(index, 2)
        pixels[row * height :, column * width :] = colour
    return pixels


def greys(count: int) -> list[Array]:
    """Frames of one grey each, brighter and brighter."""
    return [np.full((*SIZE, 3), 20 + 200 * i // max(1, count - 1), np.uint8) for i in range(count)]


def clip(
    path: Path,
    frames: Sequence[Array],
    look: Look | None = None,
    stamps: Sequence[int] | None = None,
    rate: int = 25,
    options: dict[str, str] | None = None,
) -> Path:
    """Write frames, uint8 [height, width, 3]; `stamps` are milliseconds instead of even steps."""
    look = look or Look()
    kind = path.suffix[1:]
    with av.open(str(path), "w", options=options or {}) as file:
        stream = cast(VideoStream, file.add_stream(CODECS[kind], rate=rate))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "rgb8" if kind == "gif" else "yuv420p"
        if kind == "mp4":
            stream.codec_context.options = {"qp": "0"}
        if look.turned or look.mirrored:
            stream.set_display_rotation(look.turned, hflip=look.mirrored)
        if look.matrix is not None:
            stream.codec_context.color_range = _FULL if look.full else _LIMITED
            stream.codec_context.colorspace = _MATRICES[look.matrix][0]
        if stamps is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for index, pixels in enumerate(frames):
            frame = _frame(pixels, look, kind)
            if stamps is not None:
                frame.pts, frame.time_base = stamps[index], Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def sound(path: Path) -> Path:
    """A file of audio alone."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.sample_rate = 8000
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def cut(path: Path, part: float) -> Path:
    """The same file, its end cut off."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    return path


def _frame(pixels: Array, look: Look, kind: str) -> av.VideoFrame:
    if kind == "gif":
        return av.VideoFrame.from_ndarray(pixels, format="rgb24")
    made = av.VideoFrame.from_ndarray(_planes(pixels, look), format="yuv420p")
    if look.matrix is not None:
        made.color_range = _FULL if look.full else _LIMITED
        made.colorspace = _MATRICES[look.matrix][0]
    return made


def _planes(pixels: Array, look: Look) -> Array:
    """Luminance and colour differences of half the size, by the equations of BT.601 and BT.709."""
    _, of_red, of_blue = _MATRICES[look.matrix or "bt601"]
    red, green, blue = pixels.astype(float).transpose(2, 0, 1)
    light = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    differences = ((blue - light) / (2 - 2 * of_blue), (red - light) / (2 - 2 * of_red))
    if not look.full:
        light = 16 + light * 219 / 255
        differences = (differences[0] * 224 / 255, differences[1] * 224 / 255)
    parts = [light, *(128 + plane[::2, ::2] for plane in differences)]
    flat = np.concatenate([np.clip(part.round(), 0, 255).ravel() for part in parts])
    return flat.astype(np.uint8).reshape(-1, pixels.shape[1])
