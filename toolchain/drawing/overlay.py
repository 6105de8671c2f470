"""What a network says of a frame, drawn into it: the best classes with bars, a heading, and a
thin frame around what the network sees.

Sizes follow the frame's shorter side, and letters do not get smaller than can be read: of a small
frame the panel covers more, and rows that have no room are left out. Texts come from a model and a
file, so that they are cut to their place.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hearth.toolchain.ir import Array

Box = tuple[float, float, float, float]
Bar = tuple[str, float]
"""A class and its share, 0 to 1."""
_SMALLEST = 11
"""Pixels of a line's letters."""
_PER_HEIGHT = 30
"""Lines that would fill the shorter side."""
_ROW = 1.4
"""Height of a row, in letters."""
_PANEL = 0.42
"""Widest part of a frame that the bars cover, where that is enough for `_NARROWEST`."""
_NARROWEST = 15
"""Width of the panel, in letters."""
_SHADE = 0.6
"""How dark the picture is under a text."""
_TEXT, _FRAME, _EDGE = (255, 255, 255), (255, 255, 255), (0, 0, 0)
_FIRST, _OTHERS = (0, 122, 160), (84, 98, 112)
"""Colours of the bars."""


def labelled(pixels: Array, window: Box, heading: str, bars: Sequence[Bar]) -> Array:
    """The frame, uint8 [height, width, 3], with `bars` below and the heading above."""
    image = Image.fromarray(pixels)
    letters = max(_SMALLEST, round(min(image.size) / _PER_HEIGHT))
    _outline(image, window, max(1, letters // 18))
    row, edge = round(letters * _ROW), letters // 2
    _heading(image, heading, letters, row)
    width = min(image.width, max(round(image.width * _PANEL), _NARROWEST * letters))
    room = max(1, (image.height - row - 2 * edge) // row)
    _bars(image, bars[:room], (edge if width < image.width else 0, edge, width), letters, row)
    return np.asarray(image)


def _outline(image: Image.Image, window: Box, line: int) -> None:
    """White between black, so that it is seen on anything."""
    left, top, right, bottom = (round(side) for side in window)
    draw = ImageDraw.Draw(image)
    box = (left, top, max(left, right - 1), max(top, bottom - 1))
    draw.rectangle(box, outline=_EDGE, width=3 * line)
    inner = [place + line * sign for place, sign in zip(box, (1, 1, -1, -1), strict=True)]
    if inner[0] < inner[2] and inner[1] < inner[3]:
        draw.rectangle(tuple(inner), outline=_FRAME, width=line)


def _heading(image: Image.Image, text: str, letters: int, row: int) -> None:
    """One line along the upper edge."""
    strip, draw = _shaded(image, (0, 0, image.width, row))
    _write(draw, text, (letters // 2, row // 2, image.width - letters), letters)
    image.paste(strip, (0, 0))


def _bars(
    image: Image.Image, bars: Sequence[Bar], place: tuple[int, int, int], letters: int, row: int
) -> None:
    """Rows above the lower edge; `place` is their distance from the left and from below, and their
    width."""
    left, below, width = place
    top = image.height - below - row * len(bars)
    panel, draw = _shaded(image, (left, top, left + width, top + row * len(bars)))
    gap = max(1, row // 12)
    for index, (name, share) in enumerate(bars):
        y = index * row
        end = round((width - 1) * min(1.0, max(0.0, share)))
        colour = _OTHERS if index else _FIRST
        draw.rectangle((0, y + gap, end, y + row - 1 - gap), fill=colour)
        percent = f"{100 * share:.0f} %"
        taken = round(_font(letters).getlength(percent)) + letters
        _write(draw, percent, (width - taken + letters // 2, y + row // 2, taken), letters)
        _write(draw, name, (letters // 2, y + row // 2, width - taken - letters // 2), letters)
    image.paste(panel, (left, top))


def _shaded(
    image: Image.Image, box: tuple[int, int, int, int]
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A piece of the picture, darkened, to write on."""
    piece = image.crop(box)
    shaded = Image.blend(piece, Image.new("RGB", piece.size), _SHADE)
    return shaded, ImageDraw.Draw(shaded)


def _write(draw: ImageDraw.ImageDraw, text: str, place: tuple[int, int, int], letters: int) -> None:
    """Text from the middle of its left edge on, as far as the width in `place` reaches."""
    x, y, width = place
    font = _font(letters)
    while text and font.getlength(text) > width:
        text = f"{text[:-3]}.." if len(text) > 3 else ""
    draw.text((x, y), text, fill=_TEXT, font=font, anchor="lm")


@functools.cache
def _font(letters: int) -> ImageFont.FreeTypeFont:
    """Pillow's own."""
    found = ImageFont.load_default(letters)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found
