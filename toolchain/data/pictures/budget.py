"""What a picture may cost: pixels, a JPEG's passes over them, a TIFF's tiles. Checked before any.

A few hundred bytes can ask for gigabytes or minutes. Every format is bounded by its number of
pixels; two can ask for more than those: each scan of a progressive JPEG passes over the whole
picture, and a TIFF's tile may be larger than the picture.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from hearth.toolchain.support.errors import HearthError

LARGEST_PIXELS = 64 << 20
LARGEST_FILE = 512 << 20
MOST_SCANS = 64
"""Usual progressive files have 10."""
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff+([^\xff\x00])", re.DOTALL)
_IN_SCAN = re.compile(rb"\xff+([^\xff\x00\xd0-\xd7])", re.DOTALL)
"""Markers within a scan: a zero after 0xff stands for the byte itself, 0xd0 to 0xd7 restart."""


def check(path: Path, image: Image.Image, stream: BinaryIO) -> None:
    """HearthError if the opened `image`, not yet decoded, would cost too much."""
    if not 0 < image.width * image.height <= LARGEST_PIXELS:
        raise HearthError(
            f"{path}: {image.width}x{image.height} pixels; Hearth reads pictures of 1 to"
            f" {LARGEST_PIXELS:,} pixels"
        )
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        stream.seek(0)
        count = scans(stream.read(LARGEST_FILE))
        if count > MOST_SCANS:
            raise HearthError(
                f"{path}: a JPEG of {count} scans, where photographs have about 10; save it anew"
            )
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        width, height = tags.get(_TILE_WIDTH, 1), tags.get(_TILE_HEIGHT, 1)
        if isinstance(width, int) and isinstance(height, int) and width * height > LARGEST_PIXELS:
            raise HearthError(f"{path}: a TIFF of tiles of {width}x{height} pixels; save it anew")


def scans(data: bytes) -> int:
    """Scans of a JPEG, up to its end: what follows (other pictures, films) is not decoded.

    ITU-T T.81, B.1.1.4: a segment's length follows its marker; a scan's data follow its segment.
    """
    at, count = 2, 0
    marker = _MARKER.match(data, at)
    while marker is not None and marker[1][0] != _END and marker.end() + 2 <= len(data):
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        if marker[1][0] == _SCAN:
            count += 1
            marker = _IN_SCAN.search(data, at)
        else:
            marker = _MARKER.search(data, at)
    return count
