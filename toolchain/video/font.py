"""Letters for a screen: the bitmaps of Pillow's own default font, 6 x 11 dots each."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hearth.toolchain.ir import Array

CODES, WIDTH, HEIGHT = 128, 8, 16
"""Letters, codes of ASCII; dots of a cell."""
_PRINTED = range(0x20, 0x7F)
_LEFT, _ABOVE = 1, 3
"""Free dots of a cell beside and above a letter."""


def cells() -> Array:
    """Dots of every code, bool [128, 16, 8]; none of what is not printed."""
    font = ImageFont.load_default_imagefont()
    found = np.zeros((CODES, HEIGHT, WIDTH), bool)
    for code in _PRINTED:
        image = Image.new("1", (WIDTH, HEIGHT))
        ImageDraw.Draw(image).text((_LEFT, _ABOVE), chr(code), fill=1, font=font)
        found[code] = np.asarray(image)
    return found


def codes(text: str, letters: int) -> Array:
    """Codes of a text cut or filled with blanks to `letters`, uint8 [letters]; a question mark for
    what the font has not."""
    known = (c if ord(c) in _PRINTED else "?" for c in text[:letters])
    return np.frombuffer("".join(known).ljust(letters).encode("ascii"), np.uint8)
