"""A decoded frame as upright 8-bit RGB of square pixels.

Matrix (BT.601, BT.709, BT.2020) and range (limited, full) are those that the frame names. Where it
names no matrix, a frame larger than standard definition is taken as BT.709 and others as BT.601,
as players do; no range is the limited one. Transfer functions and primaries are not applied, as no
ICC profile is to a picture. What is transparent shows white.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import cast

import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from PIL import Image

from hearth.toolchain.data.pictures.decode import BACKGROUND
from hearth.toolchain.ir import Array

_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""ITU-T H.273, table 4 (MatrixCoefficients)."""
_STANDARD = (1024, 576)
"""Largest width and height of standard definition."""
_WIDEST = 8
"""Of a pixel, in its heights, or the other way round; what claims more is taken as square."""


class Pictures:
    """Frames of one stream as pictures."""

    def __init__(self, aspect: Fraction | None) -> None:
        self._aspect = aspect if aspect and 1 <= max(aspect, 1 / aspect) <= _WIDEST else Fraction(1)
        self._reformatter = VideoReformatter()

    def picture(self, frame: VideoFrame) -> Array:
        """uint8 [height, width, 3]."""
        width = max(1, round(frame.width * self._aspect))
        if frame.format.is_rgb or any(part.is_alpha for part in frame.format.components):
            colours = self._reformatter.reformat(frame, width, format="rgba").to_ndarray()
            return upright(frame, _opaque(colours))
        full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
        made = self._reformatter.reformat(
            frame,
            width,
            format="rgb24",
            src_colorspace=matrix(frame),
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT,
        )
        return upright(frame, made.to_ndarray())


def matrix(frame: VideoFrame) -> Colorspace:
    """By what its luminance and colour differences become colours."""
    return _MATRICES.get(frame.colorspace, usual_matrix(frame.width, frame.height))


def usual_matrix(width: int, height: int) -> Colorspace:
    """That of a frame of this size which names none."""
    small = width <= _STANDARD[0] and height <= _STANDARD[1]
    return Colorspace.ITU601 if small else Colorspace.ITU709


def upright(frame: VideoFrame, pixels: Array) -> Array:
    """Turned and mirrored as the display matrix says, to the nearest right angle.

    A matrix (a b u, c d v, x y w) moves (p, q) to (a p + c q, b p + d q): ISO/IEC 14496-12, 8.5.2.
    """
    side = cast(SideData | None, frame.side_data.get(Type.DISPLAYMATRIX.name))
    if side is None:
        return pixels
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(side))
    turned = abs(b) + abs(c) > abs(a) + abs(d)
    across, down = (c, b) if turned else (a, d)
    pixels = pixels.transpose(1, 0, 2) if turned else pixels
    pixels = pixels[:, ::-1] if across < 0 else pixels
    pixels = pixels[::-1] if down < 0 else pixels
    return np.ascontiguousarray(pixels)


def _opaque(colours: Array) -> Array:
    above = Image.fromarray(colours)
    below = Image.new("RGBA", above.size, (*BACKGROUND, 255))
    return np.asarray(Image.alpha_composite(below, above).convert("RGB"))
