"""Pictures that are refused, each in one sentence, and damaged ones that must not do worse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data.pictures import budget, decode
from hearth.toolchain.support.errors import HearthError
from tests.data.damage import downloads
from tests.data.picture_files import claiming, tiff
from tests.data.test_decode import COLOURS, ORIENTATION, RAMP, decoded, save

FORMATS = "avif, bmp, gif, jpeg, jpg, pgm, png, ppm, tif, tiff, webp"
ADVICE = "save it as an 8-bit picture"
F = np.float32


def scanned(path: Path, more: int) -> Path:
    """A progressive JPEG with its last scan again and again."""
    save(Image.fromarray(COLOURS), path, progressive=True)
    data = path.read_bytes()
    last = data[data.rindex(b"\xff\xda") : -2]
    path.write_bytes(data[:-2] + more * last + data[-2:])
    return path


def damaged(path: Path) -> Path:
    """Some bytes of the pixels, which come first in Pillow's compressed TIFFs."""
    data = bytearray(path.read_bytes())
    data[40:60] = b"\xaa" * 20
    path.write_bytes(bytes(data))
    return path


def fax(path: Path) -> Path:
    noise = np.random.default_rng(4).integers(0, 2, (64, 64)).astype(bool)
    return damaged(save(Image.fromarray(noise), path, compression="group4"))


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "floats to 255": (
        lambda d: save(Image.fromarray(RAMP.astype(F)), d / "a.tiff"),
        f"a.tiff: float values should run from 0 to 1, found 0 to 255; {ADVICE}",
    ),
    "negative floats": (
        lambda d: save(Image.fromarray(RAMP.astype(F) / 128 - 1), d / "a.tiff"),
        f"a.tiff: float values should run from 0 to 1, found -1 to 0.992188; {ADVICE}",
    ),
    "tiny floats": (
        lambda d: save(Image.fromarray(RAMP.astype(F) / 1e6), d / "a.tiff"),
        f"a.tiff: float values should run from 0 to 1, found 0 to 0.000255; {ADVICE}",
    ),
    "not a number": (
        lambda d: save(Image.fromarray(np.full((2, 2), np.nan, F)), d / "a.tiff"),
        f"a.tiff: float values should run from 0 to 1, found nan to nan; {ADVICE}",
    ),
    "infinite": (
        lambda d: save(Image.fromarray(np.full((2, 2), np.inf, F)), d / "a.tiff"),
        f"a.tiff: float values should run from 0 to 1, found inf to inf; {ADVICE}",
    ),
    "small 32-bit integers": (
        lambda d: save(Image.fromarray(RAMP.astype(np.int32)), d / "a.tiff"),
        "a.tiff: uses only 0 to 255 of the values up to 2,147,483,647, of which nothing is left at"
        f" 8 bits; the range that was meant is not known: {ADVICE}",
    ),
    "small 16-bit integers": (
        lambda d: save(Image.fromarray(RAMP.astype(np.uint16)), d / "a.png"),
        "a.png: uses only 0 to 255 of the values up to 65,535, of which nothing is left at 8 bits;"
        f" the range that was meant is not known: {ADVICE}",
    ),
    "negative integers": (
        lambda d: save(Image.fromarray(RAMP.astype(np.int32) - 7), d / "a.tiff"),
        f"a.tiff: holds negative values down to -7, which are no brightness; {ADVICE}",
    ),
    "signed bytes": (
        lambda d: tiff(d / "a.tif", RAMP, {339: 2}),
        f"a.tif: its kind of pixels (L) is not supported; {ADVICE}",
    ),
    "empty": (
        lambda d: (d / "a.png", (d / "a.png").write_bytes(b""))[0],
        f"a.png: not an image that can be read; supported are {FORMATS}",
    ),
    "PostScript": (
        lambda d: save(Image.fromarray(COLOURS), d / "a.eps"),
        f"a.eps: not an image that can be read; supported are {FORMATS}",
    ),
    "a TIFF of halves": (
        lambda d: tiff(d / "a.tif", RAMP.astype(np.float16), {339: 3}),
        "a.tif: a damaged TIFF, or one of a kind that is not supported (grey of up to 32 bits,"
        f" colours of up to 16 bits are); {ADVICE}",
    ),
    "1,000 scans": (
        lambda d: scanned(d / "a.jpg", 990),
        "a.jpg: a JPEG of 1000 scans, where photographs have about 10; save it anew",
    ),
    "a tile of 900 million pixels": (
        lambda d: tiff(d / "a.tif", RAMP, {322: 30_000, 323: 30_000}),
        "a.tif: a TIFF of tiles of 30000x30000 pixels; save it anew",
    ),
    "a fax with a bad line": (
        lambda d: fax(d / "a.tif"),
        "a.tif: the image cannot be read: Fax4Decode: Bad code word at line ",
    ),
    "damaged deflate": (
        lambda d: damaged(save(Image.fromarray(COLOURS), d / "a.tif", compression="tiff_deflate")),
        "a.tif: the image cannot be read: ZIPDecode: Decoding error at scanline 0, ",
    ),
    "100 million pixels": (
        lambda d: claiming(d / "a.png", 10_000, 10_000),
        "a.png: 10000x10000 pixels; Hearth reads pictures of 1 to 67,108,864 pixels",
    ),
    "400 million pixels": (
        lambda d: claiming(d / "a.png", 20_000, 20_000),
        "a.png: has more pixels than Hearth reads",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_one_sentence(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, message = REFUSED[kind]
    with pytest.raises(HearthError) as caught:
        decode.picture(make(tmp_path))
    found = str(caught.value).replace(f"{tmp_path}/", "")
    assert found.startswith(message) if message.endswith(" ") else found == message
    assert capfd.readouterr() == ("", "")


def test_scans_are_counted_up_to_the_end(tmp_path: Path) -> None:
    """A thumbnail before and a film behind, as telephones write them, are not the picture's."""
    thumbnail = scanned(tmp_path / "t.jpg", 99).read_bytes()
    exif = Image.Exif()
    exif[0x010E] = thumbnail[:20_000]
    path = save(Image.fromarray(COLOURS), tmp_path / "a.jpg", progressive=True, exif=exif)
    path.write_bytes(path.read_bytes() + b"\0\2" + b"\xff\xda\0\2" * 500)
    assert budget.scans(path.read_bytes()) == 10
    assert (decoded(path) == np.asarray(Image.open(path))).all()


@pytest.mark.parametrize("black", [np.uint16, np.int32, np.float32])
def test_a_black_picture_is_black(black: type[np.generic], tmp_path: Path) -> None:
    path = save(Image.fromarray(np.zeros((4, 4), black)), tmp_path / "a.tiff")
    assert (decoded(path) == 0).all()


@pytest.mark.parametrize(
    "kind", ["avif", "bmp", "gif", "jpg", "mpo", "pgm", "png", "ppm", "tiff", "webp"]
)
def test_damaged_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    """Cut off, and with random bytes in random places, most of them in the headers."""
    path = tmp_path / f"a.{kind}"
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.fromarray(COLOURS).convert("L" if kind == "pgm" else "RGB").save(path, exif=exif)
    for data in downloads(path.read_bytes(), hash_of(kind), 40):
        path.write_bytes(data)
        assert outcome(path) in ("picture", "refused")


def outcome(path: Path) -> str:
    try:
        return "picture" if decoded(path).ndim == 3 else "no picture"
    except HearthError as error:
        return "refused" if str(error).startswith(f"{path}: ") else str(error)


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[:4], "big")
