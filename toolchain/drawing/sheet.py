"""A contact sheet: up to a dozen frames of a clip, evenly spread, as one picture."""

from __future__ import annotations

import io

from PIL import Image

from hearth.toolchain.ir import Array

MOST = 12
_COLUMNS = 3
_WIDEST = 640
"""Pixels of a frame on the sheet."""
_GAP = 8
_GROUND = (32, 34, 37)


class Sheet:
    """Takes every frame of a clip whose length nobody need know, and keeps few of them."""

    def __init__(self) -> None:
        self._kept: list[Image.Image] = []
        self._seen = 0
        self._step = 1

    def add(self, pixels: Array) -> None:
        """One more frame, uint8 [height, width, 3]."""
        if self._seen % self._step == 0:
            self._kept.append(_small(Image.fromarray(pixels)))
        self._seen += 1
        if len(self._kept) > MOST:
            self._kept, self._step = self._kept[::2], 2 * self._step

    def png(self) -> bytes:
        """The frames in rows of three."""
        width = max(image.width for image in self._kept) + _GAP
        height = max(image.height for image in self._kept) + _GAP
        columns = min(_COLUMNS, len(self._kept))
        rows = -(-len(self._kept) // columns)
        sheet = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), _GROUND)
        for index, image in enumerate(self._kept):
            row, column = divmod(index, columns)
            sheet.paste(image, (_GAP + column * width, _GAP + row * height))
        content = io.BytesIO()
        sheet.save(content, "PNG")
        return content.getvalue()


def _small(image: Image.Image) -> Image.Image:
    if image.width <= _WIDEST:
        return image
    height = max(1, round(image.height * _WIDEST / image.width))
    return image.resize((_WIDEST, height), Image.Resampling.LANCZOS)
