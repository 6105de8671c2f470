"""Golden model of hw/video/hearth_dvp.sv: the bytes that a camera sends, as 8-bit colours."""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array


def rgb565(sent: Array) -> Array:
    """Bytes rrrrrggg gggbbbbb, uint8 [lines, 2 width], as uint8 [lines, width, 3].

    The highest bits of a colour are repeated below it, so that all ones become 255.
    """
    word = sent[:, 0::2].astype(int) << 8 | sent[:, 1::2]
    red, green, blue = word >> 11, word >> 5 & 63, word & 31
    colours = (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)
    pixels: Array = np.stack(colours, axis=-1).astype(np.uint8)
    return pixels


def as_rgb565(pixels: Array) -> Array:
    """The bytes that a camera sends for a picture: uint8 [lines, width, 3] as uint8 [lines, 2
    width]; of each colour the highest bits."""
    red, green, blue = (pixels[..., i].astype(int) >> shift for i, shift in enumerate((3, 2, 3)))
    word = red << 11 | green << 5 | blue
    pairs: Array = np.stack((word >> 8, word & 255), axis=-1).astype(np.uint8)
    return pairs.reshape(len(pixels), -1)


def yuv422(sent: Array) -> Array:
    """Bytes Y U Y V, uint8 [lines, 2 width], as uint8 [lines, width, 3]; full range, ITU-R BT.601.

    Two pixels share U and V; the last of an odd width has V = 128.
    """
    luma, chroma = sent[:, 0::2].astype(int), sent[:, 1::2].astype(int)
    width = luma.shape[1]
    u = np.repeat(chroma[:, 0::2], 2, axis=1)[:, :width] - 128
    v = np.repeat(chroma[:, 1::2], 2, axis=1) - 128
    v = np.pad(v, ((0, 0), (0, width - v.shape[1])))
    grey = 256 * luma + 128
    colours = (grey + 359 * v, grey - 88 * u - 183 * v, grey + 454 * u)
    pixels: Array = np.clip(np.stack(colours, axis=-1) >> 8, 0, 255).astype(np.uint8)
    return pixels
