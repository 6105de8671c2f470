"""Every kind of picture file against the 8-bit colours it stands for (docs/guide/pictures.md)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from hearth.toolchain.data.pictures import decode
from hearth.toolchain.ir import Array
from tests.data.picture_files import COLOUR, GREY, GREY_ALPHA, PALETTE, png, tiff

RAMP = np.arange(256, dtype=np.uint8).reshape(8, 32)
"""Every grey level once."""
COLOURS = np.random.default_rng(1).integers(0, 256, (8, 32, 3), np.uint8)
ORIENTATION = 0x0112


def decoded(path: Path) -> Array:
    image = decode.picture(path)
    assert image.mode == "RGB"
    return np.asarray(image)


def grey(values: Array) -> Array:
    return np.repeat(values[..., None], 3, axis=2)


def save(image: Image.Image, path: Path, **options: Any) -> Path:
    image.save(path, **options)
    return path


def wide(kind: type[np.generic], shift: int) -> Image.Image:
    return Image.fromarray(RAMP.astype(kind) << shift)


def packed(bits: int) -> Array:
    """A row of every level that `bits` bits can hold, eight times."""
    levels = np.tile(np.arange(1 << bits, dtype=np.uint8), 8)
    ones = (levels[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(ones.reshape(1, -1), axis=1)


LOW = np.random.default_rng(2).integers(0, 256, RAMP.shape, np.uint16)
"""What the lower byte holds must not matter."""
RAMPS: dict[str, Callable[[Path], Path]] = {
    "8-bit PNG": lambda d: save(Image.fromarray(RAMP), d / "a.png"),
    "16-bit PNG": lambda d: save(Image.fromarray((RAMP.astype(np.uint16) << 8) | LOW), d / "a.png"),
    "16-bit PNG, times 257": lambda d: save(
        Image.fromarray(RAMP.astype(np.uint16) * 257), d / "a.png"
    ),
    "16-bit TIFF": lambda d: save(wide(np.uint16, 8), d / "a.tiff"),
    "16-bit TIFF, deflated": lambda d: save(
        wide(np.uint16, 8), d / "a.tiff", compression="tiff_deflate"
    ),
    "16-bit TIFF, big endian": lambda d: tiff(d / "a.tif", RAMP.astype(np.uint16) << 8, {}, ">"),
    "16-bit TIFF, white is zero": lambda d: tiff(
        d / "a.tif", (255 - RAMP.astype(np.uint16)) << 8, {262: 0}
    ),
    "signed 16-bit TIFF": lambda d: tiff(d / "a.tif", RAMP.astype(np.int16) << 7, {339: 2}),
    "signed 16-bit TIFF, big endian": lambda d: tiff(
        d / "a.tif", RAMP.astype(np.int16) << 7, {339: 2}, ">"
    ),
    "32-bit TIFF": lambda d: tiff(d / "a.tif", RAMP.astype(np.uint32) << 24, {}),
    "signed 32-bit TIFF": lambda d: save(wide(np.int32, 23), d / "a.tiff"),
    "float TIFF": lambda d: save(Image.fromarray(RAMP.astype(np.float32) / 255), d / "a.tiff"),
    "float TIFF, white is zero": lambda d: tiff(
        d / "a.tif", 1 - RAMP.astype(np.float32) / 255, {262: 0, 339: 3}
    ),
    "16-bit PGM": lambda d: save(wide(np.uint16, 8), d / "a.pgm"),
    "8-bit TIFF, white is zero": lambda d: tiff(d / "a.tif", 255 - RAMP, {262: 0}),
    "lossless WebP": lambda d: save(Image.fromarray(grey(RAMP)), d / "a.webp", lossless=True),
    "GIF": lambda d: save(Image.fromarray(RAMP), d / "a.gif"),
    "BMP": lambda d: save(Image.fromarray(RAMP), d / "a.bmp"),
    "palette": lambda d: save(Image.fromarray(RAMP).convert("P"), d / "a.png"),
    "16-bit grey and opaque alpha": lambda d: png(
        d / "a.png",
        np.stack([RAMP, RAMP, RAMP * 0 + 255, RAMP * 0 + 255], axis=-1).reshape(8, -1),
        16,
        GREY_ALPHA,
    ),
}


@pytest.mark.parametrize("kind", RAMPS)
def test_every_grey_level_survives(kind: str, tmp_path: Path) -> None:
    assert (decoded(RAMPS[kind](tmp_path)) == grey(RAMP)).all()


def test_twelve_bits(tmp_path: Path) -> None:
    values = (np.arange(16, dtype=np.uint8) * 17)[:, None].repeat(2, axis=1)  # 0x00 to 0xff
    pairs = np.stack([values[:, 0], np.full(16, 0x3), values[:, 1]], axis=-1).astype(np.uint8)
    pairs[:, 1] = (values[:, 1] >> 4) | 0x30  # aa3b bc: low bits of the first, high of the second
    pairs[:, 2] = (values[:, 1] << 4) & 0xFF
    path = tiff(tmp_path / "a.tif", pairs, {256: 2, 258: 12})
    assert (decoded(path) == grey(values)).all()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_of_grey(bits: int, tmp_path: Path) -> None:
    levels = np.tile(np.arange(1 << bits) * 255 // ((1 << bits) - 1), 8)
    assert (decoded(png(tmp_path / "a.png", packed(bits), bits, GREY))[0, :, 0] == levels).all()


COLOURED: dict[str, Callable[[Path], Path]] = {
    "PNG": lambda d: save(Image.fromarray(COLOURS), d / "a.png"),
    "16-bit PNG": lambda d: png(
        d / "a.png", np.stack([COLOURS, COLOURS], axis=-1).reshape(8, -1), 16, COLOUR
    ),
    "PPM": lambda d: save(Image.fromarray(COLOURS), d / "a.ppm"),
    "BMP": lambda d: save(Image.fromarray(COLOURS), d / "a.bmp"),
    "CMYK TIFF": lambda d: save(Image.fromarray(COLOURS).convert("CMYK"), d / "a.tiff"),
    "lossless WebP": lambda d: save(Image.fromarray(COLOURS), d / "a.webp", lossless=True),
    "opaque RGBA": lambda d: save(Image.fromarray(COLOURS).convert("RGBA"), d / "a.png"),
}


@pytest.mark.parametrize("kind", COLOURED)
def test_every_colour_survives(kind: str, tmp_path: Path) -> None:
    assert (decoded(COLOURED[kind](tmp_path)) == COLOURS).all()


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("CMYK", "jpg"), ("CMYK", "tiff"), ("YCbCr", "jpg"), ("YCbCr", "tiff"), ("LAB", "tiff")],
)
def test_other_colour_spaces(mode: str, suffix: str, tmp_path: Path) -> None:
    """A wide gradient: right within the codec's loss, and a CMYK JPEG not inverted."""
    y, x = np.mgrid[:64, :64]
    wanted = np.stack([y * 4, x * 4, 255 - y * 4], axis=-1).astype(np.uint8)
    image = Image.fromarray(wanted)
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
        assert converted is not None
    else:
        converted = image.convert(mode)
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    found = decoded(save(converted, tmp_path / f"a.{suffix}", **options)).astype(int)
    assert np.abs(found - wanted).mean() < (12 if mode == "LAB" else 3)


def alpha_cases() -> dict[str, Callable[[Path], Path]]:
    """Files of 1 x 4 pixels: opaque red or black, and three that are wholly transparent."""
    keep = np.array([[255, 0, 0, 0]], np.uint8)
    black = np.zeros((1, 4), np.uint8)
    rgba = np.dstack([black, black, black, keep])
    index = np.array([[0, 1, 1, 1]], np.uint8)
    level = np.array([[0, 9, 9, 9]], np.uint8)
    two = struct.pack(">H", 9)
    la = Image.merge("LA", [Image.fromarray(black), Image.fromarray(keep)])
    palette = Image.fromarray(index, "P")
    palette.putpalette([0, 0, 0, 200, 10, 10])
    sixteen = np.stack([level, level], axis=-1)
    return {
        "RGBA": lambda d: save(Image.fromarray(rgba), d / "a.png"),
        "RGBA TIFF": lambda d: save(Image.fromarray(rgba), d / "a.tiff"),
        "RGBA WebP": lambda d: save(Image.fromarray(rgba), d / "a.webp", lossless=True),
        "LA": lambda d: save(la, d / "a.png"),
        "LA TIFF": lambda d: save(la, d / "a.tiff"),
        "palette": lambda d: save(palette, d / "a.png", transparency=1),
        "palette of alphas": lambda d: save(palette, d / "a.png", transparency=b"\xff\x00"),
        "GIF": lambda d: save(palette, d / "a.gif", transparency=1),
        "grey level": lambda d: png(d / "a.png", level, 8, GREY, {"tRNS": two}),
        "2-bit grey": lambda d: png(
            d / "a.png", np.array([[0b00101010]], np.uint8), 2, GREY, {"tRNS": b"\0\2"}
        ),
        "16-bit grey": lambda d: png(
            d / "a.png", sixteen.reshape(1, -1), 16, GREY, {"tRNS": b"\x09\x09"}
        ),
        "colour": lambda d: png(
            d / "a.png", np.repeat(level, 3, axis=1), 8, COLOUR, {"tRNS": two * 3}
        ),
        "16-bit colour": lambda d: png(
            d / "a.png", np.repeat(level, 6, axis=1), 16, COLOUR, {"tRNS": b"\x09\x09" * 3}
        ),
        "few-bit palette": lambda d: png(
            d / "a.png",
            np.array([[0b01110000]], np.uint8)[:, :1],
            1,
            PALETTE,
            {"PLTE": bytes([0, 0, 0, 200, 0, 0]), "tRNS": b"\xff\x00"},
        ),
    }


@pytest.mark.parametrize("kind", alpha_cases())
def test_transparency_shows_white(kind: str, tmp_path: Path) -> None:
    found = decoded(alpha_cases()[kind](tmp_path))
    assert (found[0, 0] == 0).all()
    assert (found[0, 1:4] == 255).all()


def test_half_transparent(tmp_path: Path) -> None:
    pixels = np.full((2, 2, 4), (100, 0, 200, 128), np.uint8)
    found = decoded(save(Image.fromarray(pixels), tmp_path / "a.png"))
    assert np.abs(found[0, 0].astype(int) - (177, 127, 227)).max() <= 1


TURNS: dict[int, Callable[[Array], Array]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
    0: lambda a: a,
    9: lambda a: a,
}
"""Orientation -> upright picture (TIFF 6.0, Orientation); 0 and 9 mean nothing."""


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("suffix", ["png", "tiff", "webp", "jpg"])
def test_orientation(orientation: int, suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {"lossless": True}
    y, x = np.mgrid[:16, :24]
    pixels = np.stack([y * 16, x * 10, y * 0], axis=-1).astype(np.uint8)
    path = save(Image.fromarray(pixels), tmp_path / f"a.{suffix}", exif=exif, **options)
    wanted, found = TURNS[orientation](pixels), decoded(path)
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted).max() <= (8 if suffix == "jpg" else 0)


def test_orientation_of_wide_and_damaged(tmp_path: Path) -> None:
    values = RAMP.astype(np.uint16) << 8
    assert (decoded(tiff(tmp_path / "a.tif", values, {274: 3})) == grey(RAMP[::-1, ::-1])).all()
    path = save(Image.fromarray(COLOURS), tmp_path / "a.png", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert (decoded(path) == COLOURS).all()


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tiff", "mpo"])
def test_the_first_of_several_frames(suffix: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("black", "white", "red")]
    path = tmp_path / f"a.{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert (decoded(path) == 0).all()


def test_a_profile_is_not_applied(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = save(Image.fromarray(COLOURS), tmp_path / "a.png", icc_profile=profile)
    assert (decoded(path) == COLOURS).all()
