"""Photographs to frames: sources, resizing, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError

CROP = Preprocessing(resize=32)


def picture(height: int, width: int) -> Array:
    y, x = np.mgrid[:height, :width]
    return np.stack([y % 256, x % 256, (y + x) % 256], axis=-1).astype(np.uint8)


def saved(path: Path, height: int = 40, width: int = 60) -> Path:
    Image.fromarray(picture(height, width)).save(path)
    return path


def test_exact_size_is_untouched(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", 32, 32)
    assert (images.read(path, CROP, (32, 32)) == picture(32, 32)).all()


def test_centre_crop(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", 32, 64)
    assert (images.read(path, CROP, (20, 28)) == picture(32, 64)[6:26, 18:46]).all()


@pytest.mark.parametrize(("height", "width"), [(40, 60), (60, 40), (8, 8), (1, 1), (300, 31)])
@pytest.mark.parametrize("resize", [0, 20, 32])
@pytest.mark.parametrize("size", [(24, 24), (16, 30)])
def test_every_geometry_gives_the_wanted_size(
    height: int, width: int, resize: int, size: tuple[int, int], tmp_path: Path
) -> None:
    path = saved(tmp_path / "a.png", height, width)
    frame = images.read(path, Preprocessing(resize=resize), size)
    assert frame.shape == (*size, 3)
    assert frame.dtype == np.uint8


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_other_colour_modes_become_rgb(mode: str, tmp_path: Path) -> None:
    path = tmp_path / ("a.tiff" if mode == "CMYK" else "a.png")
    Image.fromarray(picture(16, 16)).convert(mode).save(path)
    assert images.read(path, CROP, (8, 8)).shape == (8, 8, 3)


def test_sources_agree(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{i}.png", 32 + i, 48) for i in range(5)]
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "list.csv").write_text(
        "file,label,extra\n" + "".join(f"{p.name},{i},x\n" for i, p in enumerate(paths))
    )
    folder = np.concatenate(list(images.open_set(tmp_path).batches(CROP, (16, 16), 2)))
    listed = images.open_set(tmp_path / "list.csv")
    assert listed.labels == (0, 1, 2, 3, 4)
    assert (np.concatenate(list(listed.batches(CROP, (16, 16)))) == folder).all()
    assert (np.concatenate(list(images.open_all(paths).batches(CROP, (16, 16)))) == folder).all()
    np.savez(tmp_path / "f.npz", images=folder, labels=np.arange(5))
    arrays = images.open_set(tmp_path / "f.npz")
    assert (np.concatenate(list(arrays.batches(CROP, (16, 16)))) == folder).all()
    assert arrays.labels == (0, 1, 2, 3, 4)
    np.save(tmp_path / "f.npy", folder)
    assert len(images.open_set(tmp_path / "f.npy").limited(2)) == 2
    assert images.open_set(tmp_path / "list.csv").limited(3).labels == (0, 2, 4)


def refusal(path: Path) -> str:
    with pytest.raises(HearthError) as caught:
        list(images.open_set(path).batches(CROP, (16, 16)))
    return str(caught.value).replace(f"{path.parent}/", "")


def test_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert refusal(folder) == (
        "empty: the folder holds no image; supported are avif, bmp, gif, jpeg, jpg, pgm, png, ppm,"
        " tif, tiff, webp"
    )


def test_not_an_image(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"hello" * 100)
    assert refusal(path) == (
        "a.jpg: not an image that can be read; supported are avif, bmp, gif, jpeg, jpg, pgm, png,"
        " ppm, tif, tiff, webp"
    )


def test_truncated_image(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", 200, 200)
    path.write_bytes(path.read_bytes()[:200])
    assert refusal(path).startswith("a.png: the image cannot be read: ")


def test_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("1", (20_000, 20_000)).save(path)
    assert refusal(path).startswith("a.png: ")


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no") == "no: no such file or folder of images"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,label\na,1\n", "columns 'file' and 'label' are expected, found ['name', 'label']"),
        ("", "columns 'file' and 'label' are expected, found None"),
        ("file,label\n", "lists no image"),
        (
            "file,label\na.png,cat\n",
            "line 2: the label should be a class index from 0, found 'cat'",
        ),
        ("file,label\na.png\n", "line 2: the label should be a class index from 0, found nothing"),
        ("file,label\na.png,-1\n", "line 2: the label should be a class index from 0, found '-1'"),
    ],
)
def test_csv(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    assert refusal(path) == f"list.csv: {message}"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 8, 8, 3), np.float32),
        np.zeros((2, 8, 8), np.uint8),
        np.zeros((0, 8, 8, 3), np.uint8),
        np.array([{"a": 1}], dtype=object),
    ],
)
def test_wrong_arrays(array: Array, tmp_path: Path) -> None:
    path = tmp_path / "f.npy"
    np.save(path, array, allow_pickle=True)
    assert refusal(path).startswith("f.npy: ")
