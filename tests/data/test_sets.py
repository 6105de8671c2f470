"""Folders and lists of pictures: which files are used, in which order, and what is refused."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hearth.toolchain.data import images
from hearth.toolchain.data.pictures import folder, labels
from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.support.errors import HearthError

CROP = Preprocessing()
PIXEL = Image.new("RGB", (4, 4), "red")


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIXEL.save(path, "PNG")
    return path


def relative(root: Path, found: images.ImageSet) -> list[str]:
    return [os.path.relpath(file, root) for file in found.files]


def refusal(path: Path) -> str:
    with pytest.raises(HearthError) as caught:
        list(images.open_set(path).batches(CROP, (4, 4)))
    return str(caught.value).replace(str(path.parent), "D")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for name in (
        "b/2.png",
        "b/10.PNG",
        "a/deep/er/x.png",
        "a/y.png",
        "c.png/inside.png",
        "z.png",
        ".hidden/x.png",
        "._z.png",
        "b/.x.png",
        "ünïcödé/-f.png",
        "new\nline.png",
    ):
        put(root / name)
    (root / "empty").mkdir()
    return root


def test_folders_below_are_searched_in_sorted_order(photos: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = images.open_set(photos)
    assert relative(photos, found) == [
        "a/deep/er/x.png",
        "a/y.png",
        "b/10.PNG",
        "b/2.png",
        "c.png/inside.png",
        "new\nline.png",
        "z.png",
        "ünïcödé/-f.png",
    ]
    assert found.groups == ("a", "a", "b", "b", "c.png", "", "", "ünïcödé")
    assert found.limited(3).groups == ("a", "c.png", "ünïcödé")
    assert sum(len(batch) for batch in found.batches(CROP, (4, 4), 3)) == 8


def test_other_files_are_counted_in_one_warning(photos: Path) -> None:
    for name in ("a.txt", "b/c.txt", "b/d.json", "README"):
        (photos / name).write_text("")
    with pytest.warns(UserWarning, match="skipped") as told:
        assert len(images.open_set(photos)) == 8
    assert [str(warning.message).replace(str(photos), "F") for warning in told] == [
        "F: skipped 4 files that are not pictures by name (.txt, no suffix, .json)"
    ]


def test_links_are_followed_and_end(photos: Path) -> None:
    (photos / "again").symlink_to(photos, target_is_directory=True)
    (photos / "b" / "up").symlink_to("..", target_is_directory=True)
    elsewhere = put(photos.parent / "elsewhere" / "e.png").parent
    (photos / "outside").symlink_to(elsewhere, target_is_directory=True)
    (photos / "twice").symlink_to(elsewhere, target_is_directory=True)
    (photos / "circle").symlink_to("circle")
    (photos / "away").symlink_to("gone")
    (photos / "x.png").symlink_to(elsewhere / "e.png")
    with pytest.warns(UserWarning, match="skipped 2 files"):
        found = relative(photos, images.open_set(photos))
    assert len(found) == 10
    assert {"outside/e.png", "x.png"} < set(found)


def nowhere(path: Path) -> None:
    path.symlink_to("gone")


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (nowhere, "D/z/b.png: cannot be read: No such file or directory"),
        (circle, "D/z/b.png: cannot be read: Too many levels of symbolic links"),
        (os.mkfifo, "D/z/b.png: a file is expected, but this is a pipe"),
        (device, "D/z/b.png: a file is expected, but this is a device"),
    ],
)
def test_what_is_called_like_a_picture_is_not_left_out(
    make: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    put(tmp_path / "z" / "a.png")
    make(tmp_path / "z" / "b.png")
    assert refusal(tmp_path / "z") == message
    assert refusal(tmp_path / "z" / "b.png").startswith("D/b.png: ")
    (tmp_path / "list.csv").write_text("file\nz/b.png\n")
    assert refusal(tmp_path / "list.csv") == message


def test_a_set_has_an_end(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_ENTRIES", 9)
    assert refusal(photos) == (
        "D/photos: holds more than 9 files; give a smaller folder, or a CSV with the files to use"
    )


def test_a_picture_that_vanishes(photos: Path) -> None:
    found = images.open_set(photos)
    batches = found.batches(CROP, (4, 4), 2)
    next(batches)
    (photos / "b" / "2.png").unlink()
    with pytest.raises(HearthError, match=r"b/2\.png: cannot be read: No such file or directory"):
        list(batches)


@pytest.mark.parametrize("name", ["x" * 300, "no\0such", "a/" * 3000])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(HearthError, match="cannot be read: "):
        images.open_set(Path(name))


ROWS = "\n".join(f"{name};{label}" for name, label in (("a.png", 0), ("ü b.png", 11)))
LISTS = {
    "commas": b"file,label\na.png,0\n\xc3\xbc b.png,11\n",
    "quotes and other columns": (
        b'name,label,file\n"x, y",0,a.png\n"a ""b""\nc","11","\xc3\xbc b.png"\n'
    ),
    "semicolons": f"file;label\n{ROWS}\n".encode(),
    "tabs": f"file\tlabel\n{ROWS}\n".replace(";", "\t").encode(),
    "capitals and blanks": f" File ; LABEL \r\n{ROWS}".encode(),
    "UTF-8 with a mark": f"file;label\r\n{ROWS}\r\n".encode("utf-8-sig"),
    "UTF-16": f"file;label\r\n{ROWS}\r\n".encode("utf-16"),
    "empty lines": f"\n\nfile;label\n\n{ROWS}\n\n\n".encode(),
    "blanks around labels": b"file,label\na.png, 0 \n\xc3\xbc b.png,011\n",
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_with_labels(kind: str, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_bytes(LISTS[kind])
    found = images.open_set(tmp_path / "l.csv")
    assert relative(tmp_path, found) == ["a.png", "ü b.png"]
    assert found.labels == (0, 11)


@pytest.mark.parametrize(
    "data",
    [
        b"file\na.png\nb/../b.png\n",
        b"\xef\xbb\xbffile\r\na.png\r\nb/../b.png\r\n",
        b"a.png\nb/../b.png\n",
        b"a.png\nb/../b.png",
        b"Filename\na.png\nb/../b.png\n",
        b"file,name\na.png,x\nb/../b.png,y\n",
        "path\na.png\nb/../b.png".encode("utf-16"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "CSV", "tsv"])
def test_lists_without_labels(data: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"l.{suffix}"
    path.write_bytes(data.replace(b",", b"\t") if suffix == "tsv" else data)
    found = images.open_set(path)
    assert relative(tmp_path, found) == ["a.png", "b.png"]
    assert found.labels == ()


def test_lists_from_windows(tmp_path: Path) -> None:
    put(tmp_path / "p" / "a.png")
    put(tmp_path / "b\\c.png")
    (tmp_path / "l.csv").write_bytes(b"\xef\xbb\xbffile;label\r\np\\a.png;0\r\nb\\c.png;1\r\n")
    assert relative(tmp_path, images.open_set(tmp_path / "l.csv")) == ["p/a.png", "b\\c.png"]


def test_lists_may_name_files_anywhere(tmp_path: Path) -> None:
    put(tmp_path / "p.png")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "l.csv").write_text(f"{tmp_path}/p.png\n../p.png\n")
    assert images.open_set(tmp_path / "lists" / "l.csv").whole(CROP, (4, 4)).shape == (2, 4, 4, 3)


WRONG_LISTS: dict[str, tuple[bytes, str]] = {
    "NUL": (b"file,label\na\0.png,0\n", "holds NUL characters, so it is not a text file"),
    "Latin-1": (b"file,label\n\xfc.png,0\n", "is not UTF-8 text; save it as UTF-8"),
    "a huge field": (
        b"file,label\n" + b"a" * 200_000 + b",0\n",
        "line 2: not a CSV file: field larger than field limit (131072)",
    ),
    "an open quote": (
        b'file,label\n"a.png,0\nb.png,1\n',
        "line 3: not a CSV file: unexpected end of data",
    ),
    "no file": (b"file,label\n,0\n", "line 2: names no file"),
    "blank file": (b"file\n  \n", "line 2: names no file"),
    "only a header": (b"path\n", "lists no image"),
    "no header": (
        b"a.png,0\nb.png,1\n",
        "columns 'file' and 'label' are expected, found ['a.png', '0']",
    ),
    "many columns": (
        b",".join([b"x"] * 100),
        "columns 'file' and 'label' are expected, found ['x', 'x', 'x', 'x', 'x', 'x', 'x', 'x',"
        " 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x',...",
    ),
    "true": (b"file,label\na,true\n", "line 2: {} 'true'"),
    "broken": (b"file,label\na,3.9\n", "line 2: {} '3.9'"),
    "whole float": (b"file,label\na,3.0\n", "line 2: {} '3.0'"),
    "plus": (b"file,label\na,+3\n", "line 2: {} '+3'"),
    "empty": (b"file,label\na,0\nb,\n", "line 3: {} ''"),
    "other digits": ("file,label\na,٣\n".encode(), "line 2: {} '٣'"),
    "superscript": ("file,label\na,²\n".encode(), "line 2: {} '²'"),
    "huge": (b"file,label\na," + b"9" * 5000 + b"\n", "line 2: {} '" + "9" * 40 + "...'"),
    "not a number": (b"file,label\na,nan\n", "line 2: {} 'nan'"),
}


@pytest.mark.parametrize("kind", WRONG_LISTS)
def test_wrong_lists(kind: str, tmp_path: Path) -> None:
    data, message = WRONG_LISTS[kind]
    (tmp_path / "l.csv").write_bytes(data)
    wanted = message.format("the label should be a class index from 0, found")
    assert refusal(tmp_path / "l.csv") == f"D/l.csv: {wanted}"


def test_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("file,label\n" + "".join(f"p/{i}.jpg,{i % 10}\n" for i in range(200_000)))
    found = images.open_set(path)
    assert len(found) == 200_000
    assert found.limited(2).labels == (0, 9)
    with pytest.raises(HearthError, match=r"p/0\.jpg: cannot be read: No such file"):
        next(found.batches(CROP, (4, 4)))


NAMES = ("tench, Tinca tinca", "great white shark", "crane, bird", "crane, machine")
FOLDERS: dict[str, tuple[list[str], tuple[str, ...], int, list[int], str]] = {
    "names": (
        ["Great_White-Shark", "tinca tinca", "crane, machine"],
        NAMES,
        4,
        [3, 0, 1][::-1],
        "3 class folders, called like the build's classes",
    ),
    "numbers": (["3", "1"], NAMES, 4, [3, 1], "2 class folders, taken as class numbers"),
    "padded numbers": (
        [f"{i:02}" for i in range(12)],
        (),
        12,
        list(range(12)),
        "12 class folders, taken as class numbers",
    ),
    "numbers as names": (
        [str(i) for i in range(12)],
        tuple(str(i) for i in range(12)),
        12,
        list(range(12)),
        "12 class folders, called like the build's classes",
    ),
    "order": (
        ["n2", "n10", "n1"],
        ("x", "y", "z"),
        3,
        [2, 1, 0],
        "3 class folders in sorted order, as torchvision's ImageFolder numbers them: 0 is 'n1', 2"
        " is 'n2'",
    ),
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_class_folders(kind: str) -> None:
    groups, names, classes, wanted, sentence = FOLDERS[kind]
    found, told = labels.of_folders("F", groups, names, classes)
    assert sorted(found) == sorted(wanted)
    assert [found[groups.index(g)] for g in groups] == list(found)
    assert told == f"F: {sentence}"


WRONG_FOLDERS: dict[str, tuple[list[str], tuple[str, ...], int, str]] = {
    "some names": (
        ["tinca tinca", "trout"],
        NAMES,
        4,
        "folder 'trout' is called like no class of the build, although 'tinca tinca' is; rename it,"
        " or give a CSV with file,label",
    ),
    "torchvision's trap": (
        [str(i) for i in range(12)],
        (),
        12,
        "folder '10' is class 10 by its number, but class 2 in torchvision's order (sorted as"
        " text); give a CSV with file,label",
    ),
    "number too large": (["0", "7"], (), 7, "label 7 does not exist, there are 7 classes"),
    "the same number": (["1", "01"], (), 7, "two class folders are the same number; give a CSV"),
    "too few": (
        ["n1", "n2"],
        (),
        7,
        "2 class folders, but the build has 7 classes and it has no class names; compile with"
        " --class-names, or give a CSV with file,label",
    ),
    "too few, with names": (
        ["n1", "n2"],
        NAMES,
        4,
        "2 class folders, but the build has 4 classes and they are not called like its classes;"
        " compile with --class-names, or give a CSV with file,label",
    ),
    "outside": (
        ["n1", ""],
        (),
        2,
        "holds pictures outside class folders; give one folder per class, or a CSV with file,label",
    ),
}


@pytest.mark.parametrize("kind", WRONG_FOLDERS)
def test_wrong_class_folders(kind: str) -> None:
    groups, names, classes, message = WRONG_FOLDERS[kind]
    with pytest.raises(HearthError) as caught:
        labels.of_folders("F", groups, names, classes)
    assert str(caught.value) == f"F: {message}"


def test_labelled_sources(tmp_path: Path) -> None:
    frames = np.zeros((2, 4, 4, 3), np.uint8)
    np.savez(tmp_path / "a.npz", images=frames, labels=np.array([1, 0]))
    np.savez(tmp_path / "b.npz", images=frames)
    for name in ("cat/1.png", "ant/2.png", "ant/3.png"):
        put(tmp_path / "pets" / name)
    assert images.open_labelled(tmp_path / "a.npz", (), 2)[0].labels == (1, 0)
    chosen, told = images.open_labelled(tmp_path / "pets", ("cat", "ant"), 2)
    assert (chosen.labels, told.split(": ")[1][:7]) == ((1, 1, 0), "2 class")
    with pytest.raises(HearthError, match="label 1 does not exist, there are 1 classes"):
        images.open_labelled(tmp_path / "a.npz", (), 1)
    for name in ("b.npz", "pets/ant"):
        with pytest.raises(HearthError, match="holds no labels; give a CSV with file,label"):
            images.open_labelled(tmp_path / name, (), 2)
