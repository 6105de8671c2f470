"""One picture file as Pillow's 8-bit RGB, or RGBA: upright, the first frame of several.

Bytes become colours as docs/guide/pictures.md tells; the size stays what it is
(toolchain/data/images.py resizes).
Only the formats listed here are tried: Pillow knows others that start programs (EPS) or
that no photograph comes in. Its decoders see bytes that nobody has checked and may raise anything;
whatever they raise becomes one sentence.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, UnidentifiedImageError

from hearth.toolchain.data.pictures import budget, depth, quiet
from hearth.toolchain.data.pictures.budget import LARGEST_FILE
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

SUFFIXES = (
    ".avif",
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
SUPPORTED = f"supported are {', '.join(suffix[1:] for suffix in SUFFIXES)}"
BACKGROUND = (255, 255, 255)
"""What shows through where a picture is transparent."""

_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes the picture upright."""
_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How TIFFs and BigTIFFs begin."""
_PNG_LEVELS = {"L;2": 85, "L;4": 17}
"""Grey step of PNGs whose transparent level Pillow leaves unscaled."""


def picture(path: Path, alpha: bool = False) -> Image.Image:
    """The picture in mode RGB, opaque, or with `alpha` in mode RGBA, its colours as they are under
    what is transparent. HearthError if it is none that can be read, or has no alpha."""
    with reading.opened(path, LARGEST_FILE) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with quiet.unlogged():
                return _decoded(path, stream, alpha)
        except HearthError:
            raise
        except UnidentifiedImageError:
            raise _unknown(path, stream) from None
        except Image.DecompressionBombError:
            raise HearthError(f"{path}: has more pixels than Hearth reads") from None
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise HearthError(f"{path}: the image cannot be read: {reason}") from None


def _unknown(path: Path, stream: BinaryIO) -> HearthError:
    stream.seek(0)
    if stream.read(4) in _TIFFS:
        return HearthError(
            f"{path}: a damaged TIFF, or one of a kind that is not supported (grey of up to 32"
            " bits, colours of up to 16 bits are); save it as an 8-bit picture"
        )
    return HearthError(f"{path}: not an image that can be read; {SUPPORTED}")


def _decoded(path: Path, stream: BinaryIO, alpha: bool) -> Image.Image:
    image = Image.open(stream, formats=FORMATS)
    budget.check(path, image, stream)
    raw_mode = _raw_mode(image)
    _load(image)
    turn = _TURNED.get(_orientation(image))
    wide = depth.is_wide(image)
    if alpha and (wide or not image.has_transparency_data):
        kind = "grey of more than 8 bits" if wide else f"mode {image.mode}"
        raise HearthError(
            f"{path}: the network takes images of 4 channels, colours and alpha, but this picture"
            f" ({kind}) has no alpha; give a PNG with alpha, or a .npy of uint8"
            " [n, height, width, 4]"
        )
    if alpha:
        colours = _levelled(image, raw_mode).convert("RGBA")
    else:
        colours = _opaque_grey(path, image) if wide else _opaque(image, raw_mode)
    return colours.transpose(turn) if turn is not None else colours


def _load(image: Image.Image) -> None:
    """Decode. libtiff goes on after damaged lines of a fax; a picture with guesses is none."""
    if image.format != "TIFF":
        image.load()
        return
    failure: Exception | None = None
    with quiet.listened() as said:
        try:
            image.load()
        except Exception as error:
            failure = error
    damage = next((line for line in said if "Decode" in line), None)
    if damage is not None:
        raise OSError(damage)
    if failure is not None:
        raise failure


def _raw_mode(image: Image.Image) -> str:
    """How the pixels lie in the file, such as 'RGB;16B'; known until they are loaded."""
    tiles = getattr(image, "tile", None) or [None]
    arguments = getattr(tiles[0], "args", None)
    first = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return first if isinstance(first, str) else ""


def _orientation(image: Image.Image) -> int:
    """EXIF's or XMP's orientation. Viewers show a picture whose EXIF is damaged; so does Hearth.

    A TIFF has been turned by Pillow when it was loaded and says 1.
    """
    try:
        found = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:
        return 1
    return found if isinstance(found, int) else 1


def _opaque(image: Image.Image, raw_mode: str) -> Image.Image:
    """8 bits per colour, on the background where transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    below = Image.new("RGBA", image.size, (*BACKGROUND, 255))
    return Image.alpha_composite(below, _levelled(image, raw_mode).convert("RGBA")).convert("RGB")


def _levelled(image: Image.Image, raw_mode: str) -> Image.Image:
    """The image, its transparent level brought to 8 bits as its pixels are."""
    level = image.info.get("transparency")
    if raw_mode in _PNG_LEVELS and isinstance(level, int):
        image.info["transparency"] = level * _PNG_LEVELS[raw_mode]
    elif raw_mode.endswith("16B") and isinstance(level, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in level)
    return image


def _opaque_grey(path: Path, image: Image.Image) -> Image.Image:
    """More than 8 bits of grey; a 16-bit PNG can call one of its levels transparent."""
    grey = depth.to_bytes(path, image)
    level = image.info.get("transparency")
    if isinstance(level, int):
        grey[depth.values(image) == level] = BACKGROUND[0]
    return Image.fromarray(grey).convert("RGB")
