"""Grey pictures of more than 8 bits, brought to 8 by the range of their format.

Integers keep their upper 8 bits (as Pillow does for 16-bit colours): a signed format counts from 0
to its largest value, and a negative value is refused. Floats run from 0 to 1. A file does not say
which range was meant, so a picture that would come out black, because it uses less than 1/256 of
its range, is refused, and so is a float outside 0 to 1: neither is guessed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

_WIDE = ("I", "F")
_PHOTOMETRIC, _BITS, _SAMPLE_FORMAT = 262, 258, 339
_SIGNED = 2
_ADVICE = "save it as an 8-bit picture"


def is_wide(image: Image.Image) -> bool:
    """Whether its values need this module: more than 8 bits of grey, or signed ones."""
    return image.mode.startswith(_WIDE) or _tag(image, _SAMPLE_FORMAT) == _SIGNED


def values(image: Image.Image) -> Array:
    """The values of the file, [height, width]: integers or floats."""
    found = np.asarray(image)
    if image.mode == "I" and _tag(image, _BITS) == 32 and _tag(image, _SAMPLE_FORMAT) != _SIGNED:
        return found.view(np.uint32)  # Pillow's own integers are signed
    return found


def to_bytes(path: Path, image: Image.Image) -> Array:
    """uint8 [height, width]."""
    found = values(image)
    if image.mode == "F":
        return _upright(image, _floats(path, found))
    bits = _significant_bits(path, image)
    smallest, largest = int(found.min()), int(found.max())
    if smallest < 0:
        raise HearthError(
            f"{path}: holds negative values down to {smallest}, which are no brightness; {_ADVICE}"
        )
    if 0 < largest < 1 << (bits - 8):
        raise HearthError(
            f"{path}: uses only 0 to {largest:,} of the values up to {(1 << bits) - 1:,}, of which"
            f" nothing is left at 8 bits; the range that was meant is not known: {_ADVICE}"
        )
    return _upright(image, (found >> (bits - 8)).astype(np.uint8))


def _significant_bits(path: Path, image: Image.Image) -> int:
    """Bits of the largest value that the format can hold."""
    if image.format == "TIFF":
        bits, signed = _tag(image, _BITS), _tag(image, _SAMPLE_FORMAT) == _SIGNED
        if bits in (12, 16, 32) and image.mode.startswith("I"):
            return bits - signed
    elif image.format in ("PNG", "PPM"):
        return 16  # Pillow scales a PGM's largest value to 65,535
    raise HearthError(f"{path}: its kind of pixels ({image.mode}) is not supported; {_ADVICE}")


def _floats(path: Path, found: Array) -> Array:
    smallest, largest = float(found.min()), float(found.max())
    if not (smallest >= 0 and largest <= 1) or 0 < largest < 1 / 256:
        raise HearthError(
            f"{path}: float values should run from 0 to 1, found {smallest:g} to {largest:g};"
            f" {_ADVICE}"
        )
    return np.round(found * np.float32(255)).astype(np.uint8)


def _upright(image: Image.Image, grey: Array) -> Array:
    """Pillow turns 8-bit TIFFs in which white is zero, but not these."""
    return 255 - grey if _tag(image, _PHOTOMETRIC) == 0 else grey


def _tag(image: Image.Image, tag: int) -> int | None:
    """A number of a TIFF's directory (the first of several)."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return None
    found = image.tag_v2.get(tag)
    first = found[0] if isinstance(found, tuple) and found else found
    return first if isinstance(first, int) else None
