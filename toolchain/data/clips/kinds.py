"""Whether a file is a clip: told by its first bytes, as pictures are told by theirs.

A file that is called like a clip and begins otherwise is meant as one, so that it is refused as
one. A GIF is a clip where it has several frames, and a picture otherwise.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from PIL import Image

from hearth.toolchain.data.pictures import quiet
from hearth.toolchain.support import reading

SUFFIXES = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm")
SUPPORTED = "supported are avi, gif, mkv, mov, mp4, webm"
LARGEST_FILE = 1 << 44
_MATROSKA = b"\x1aE\xdf\xa3"
_GIF = b"GIF8"
_PICTURES = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
"""Brands of pictures in the boxes of ISO base media files, which clips share."""
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_HEAD = 12


def is_clip(path: Path) -> bool:
    """By content, or else by name. HearthError if `path` is no regular file."""
    head = _head(path)
    if head.startswith(_GIF):
        return _moves(path)
    boxes = head[4:8] in _BOXES and head[8:12] not in _PICTURES
    riff = head[:4] == b"RIFF" and head[8:11] == b"AVI"
    by_name = path.suffix.lower() in SUFFIXES
    return boxes or riff or head.startswith(_MATROSKA) or by_name


def is_gif(path: Path) -> bool:
    """Whether a file begins like a GIF."""
    return _head(path).startswith(_GIF)


def _moves(path: Path) -> bool:
    """Whether a GIF has more than one frame; of a damaged one the first is looked for."""
    with reading.opened(path, LARGEST_FILE) as stream, warnings.catch_warnings(), quiet.unlogged():
        warnings.simplefilter("ignore")
        try:
            return bool(getattr(Image.open(stream, formats=("GIF",)), "is_animated", False))
        except Exception:
            return False


def _head(path: Path) -> bytes:
    with reading.opened(path, LARGEST_FILE) as stream:
        return stream.read(_HEAD)
