"""Array files of other people: read a few frames at a time, or refused in one sentence, cheaply."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain.data import images
from hearth.toolchain.ir import Preprocessing
from hearth.toolchain.support.errors import HearthError
from tests.data import array_files as files
from tests.data.array_files import FRAMES, claimed, labelled, npy, npz, raw, saved

PLAIN = Preprocessing()
TWICE = (("images.npy", npy(FRAMES)), ("images.npy", npy(FRAMES)))
WRONG = (
    "frames should be uint8 [n, height, width, 3] in RGB, or 1 in grey, or 4 in RGB with alpha or"
    " depth, found"
)
DAMAGED = "is not what the file holds; it is damaged"
OBJECTS = "X: holds Python objects, which could run code and are never read"
REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "floats": (saved(FRAMES / 255), f"X: {WRONG} float64 [6, 8, 8, 3]"),
    "not numbers": (
        saved(np.full((1, 2, 2, 3), np.nan, np.float32)),
        f"X: {WRONG} float32 [1, 2, 2, 3]",
    ),
    "signed": (saved(FRAMES.astype(np.int8)), f"X: {WRONG} int8 [6, 8, 8, 3]"),
    "booleans": (saved(FRAMES > 9), f"X: {WRONG} bool [6, 8, 8, 3]"),
    "one frame": (saved(FRAMES[0]), f"X: {WRONG} uint8 [8, 8, 3]"),
    "a number": (saved(np.array(3, np.uint8)), f"X: {WRONG} uint8 []"),
    "channels first": (
        saved(FRAMES.transpose(0, 3, 1, 2)),
        f"X: {WRONG} uint8 [6, 3, 8, 8]",
    ),
    "five channels": (
        saved(np.zeros((1, 2, 2, 5), np.uint8)),
        f"X: {WRONG} uint8 [1, 2, 2, 5]",
    ),
    "no frames": (saved(FRAMES[:0]), f"X: {WRONG} uint8 [0, 8, 8, 3]"),
    "no pixels": (
        saved(FRAMES[:, :0]),
        "X: frames of 8x0 pixels; Hearth reads frames of 1 to 67,108,864 pixels",
    ),
    "huge frames": (
        files.huge,
        "X: frames of 9000x9000 pixels; Hearth reads frames of 1 to 67,108,864 pixels",
    ),
    "objects": (saved(np.array([{}], object), allow_pickle=True), OBJECTS),
    "objects in a zip": (
        lambda p: npz(p, ("images.npy", npy(np.array([{}], object), allow_pickle=True))),
        OBJECTS,
    ),
    "a huge shape": (
        raw(claimed(f"({1 << 40}, 1024, 1024, 3)")),
        f"X: its header promises [{1 << 40}, 1024, 1024, 3] of uint8, which {DAMAGED}",
    ),
    "a negative shape": (
        raw(claimed("(-1, 8, 8, 3)")),
        f"X: its header promises [-1, 8, 8, 3] of uint8, which {DAMAGED}",
    ),
    "cut off": (files.cut, f"X: its header promises [6, 8, 8, 3] of uint8, which {DAMAGED}"),
    "cut off in a zip": (
        lambda p: npz(p, ("images.npy", npy(FRAMES)[:-5])),
        f"X: its header promises [6, 8, 8, 3] of uint8, which {DAMAGED}",
    ),
    "a long header": (raw(claimed("(1,)" + " " * 60_000)), "X: not a readable NumPy array file: "),
    "a header of 4 GiB": (
        raw(b"\x93NUMPY\2\0\xff\xff\xff\xff{" + b" " * 99),
        "X: not a readable NumPy array file: ",
    ),
    "a deep header": (
        raw(claimed("(" * 4000 + ")" * 4000)),
        "X: not a readable NumPy array file: ",
    ),
    "a header that is code": (
        raw(claimed("__import__('os').getpid()")),
        "X: not a readable NumPy array file: ",
    ),
    "a strange type": (
        raw(claimed("(1,)", "'|u999999999999'")),
        "X: not a readable NumPy array file: ",
    ),
    "a new version": (
        raw(b"\x93NUMPY\x09\0" + bytes(99)),
        "X: of a version of .npy that Hearth does not read",
    ),
    "text": (raw(b"hello"), "X: not a readable NumPy array file: "),
    "empty": (raw(b""), "X: not a readable NumPy array file: "),
    "a zip of text": (
        lambda p: npz(p, ("images", b"hello")),
        "X: not a readable NumPy array file: ",
    ),
    "an empty zip": (npz, "X: not a readable NumPy array file: "),
    "no array of frames": (
        lambda p: np.savez(p, labels=np.arange(3)),
        "X: the frames' array should be called 'images', found none",
    ),
    "two arrays": (
        lambda p: np.savez(p, x_train=FRAMES, y_train=np.arange(6)),
        "X: the frames' array should be called 'images', found x_train, y_train",
    ),
    "twice": (lambda p: npz(p, *TWICE), "X: holds the array 'images' 2 times, not once"),
    "encrypted": (
        files.encrypted,
        "X: its array 'images' is encrypted; save it without a password",
    ),
    "unknown method": (
        files.unknown_method,
        "X: its array 'images' is packed by method 99, which NumPy does not write; save it with"
        " np.savez or np.savez_compressed",
    ),
    "bzip2": (
        lambda p: npz(p, ("images.npy", npy(FRAMES)), method=zipfile.ZIP_BZIP2),
        "X: its array 'images' is packed by method 12, which NumPy does not write; save it with"
        " np.savez or np.savez_compressed",
    ),
    "contradicting headers": (files.contradicting, "X: is damaged: "),
    "bad deflate": (files.bad_deflate, "X: is damaged: "),
    "bad checksum": (files.bad_checksum, "X: is damaged: Bad CRC-32 for file 'images.npy'"),
    "bomb": (
        files.bomb,
        "X: its array 'images' would grow from ",
    ),
    "sparse": (
        files.sparse,
        "X: larger than 1048576 MiB, which is more than Hearth reads of such a file",
    ),
    "directory cut off": (
        raw(b"PK\3\4" + bytes(200)),
        "X: not a readable .npz: File is not a zip file",
    ),
    "too few labels": (labelled(np.arange(5)), "X: 6 images, but 5 labels"),
    "negative label": (
        labelled([0, 1, -1, 0, 0, 0]),
        "X: label 2: the label should be a class index from 0, found '-1'",
    ),
    "huge label": (
        labelled(np.full(6, 1 << 63, np.uint64)),
        "X: label 0: the label should be a class index from 0, found '9223372036854775808'",
    ),
    "broken label": (labelled([3.9] * 6), "X: labels should be integers, found float64"),
    "whole float label": (labelled([3.0] * 6), "X: labels should be integers, found float64"),
    "no label": (labelled([np.nan] * 6), "X: labels should be integers, found float64"),
    "true": (labelled([True] * 6), "X: labels should be integers, found bool"),
    "texts": (labelled(["1"] * 6), "X: labels should be integers, found <U1"),
    "times": (
        labelled(np.zeros(6, "datetime64[s]")),
        "X: labels should be integers, found datetime64[s]",
    ),
    "many labels": (
        lambda p: npz(p, ("images.npy", npy(FRAMES)), ("labels.npy", claimed("(9,)", "'<i8'"))),
        f"X: its header promises [9] of int64, which {DAMAGED}",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_in_one_sentence(kind: str, tmp_path: Path) -> None:
    make, message = REFUSED[kind]
    path = tmp_path / "a.npz"
    make(path)
    tracemalloc.start()
    try:
        with pytest.raises(HearthError) as caught:
            list(images.open_set(path).batches(PLAIN, (8, 8)))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    found = str(caught.value).replace(str(path), "X")
    assert found.startswith(message) if message.endswith((": ", "from ")) else found == message


SAVED: dict[str, Callable[[Path], None]] = {
    "a.npy": saved(FRAMES),
    "b.npy": saved(np.asfortranarray(FRAMES)),
    "c.npy": raw(npy(FRAMES) + b"more"),
    "d.npy": raw(claimed("(6, 8, 8, 3)", body=FRAMES.tobytes(), version=2)),
    "a.npz": lambda p: np.savez(p, images=FRAMES, other=np.zeros(3)),
    "b.npz": lambda p: np.savez_compressed(p, images=FRAMES, labels=np.arange(6, dtype=np.uint8)),
    "c.npz": lambda p: np.savez(p, FRAMES),
    "d.npz": lambda p: np.savez(p, labels=np.arange(6)[:, None], photos=FRAMES),
}


@pytest.mark.parametrize("name", SAVED)
def test_arrays_are_read_in_order(name: str, tmp_path: Path) -> None:
    SAVED[name](tmp_path / name)
    found = images.open_set(tmp_path / name)
    assert (found.whole(PLAIN, (8, 8)) == FRAMES).all()
    assert (found.limited(3).whole(PLAIN, (8, 8)) == FRAMES[[0, 2, 5]]).all()
    assert (found.limited(3).limited(2).whole(PLAIN, (8, 8)) == FRAMES[[0, 5]]).all()
    assert found.labels == (tuple(range(6)) if name in ("b.npz", "d.npz") else ())


def test_frames_left_out_are_checked_too(tmp_path: Path) -> None:
    frames = np.random.default_rng(6).integers(0, 256, (6, 64, 64, 3), np.uint8)
    np.savez(tmp_path / "a.npz", images=frames)
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[data.index(frames[5].tobytes())] ^= 1
    (tmp_path / "a.npz").write_bytes(bytes(data))
    with pytest.raises(HearthError, match="is damaged: Bad CRC-32"):
        images.open_set(tmp_path / "a.npz").limited(1).whole(PLAIN, (64, 64))


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_memory_holds_a_batch(name: str, tmp_path: Path) -> None:
    """48 MiB of frames pass through less than 8 MiB."""
    path = tmp_path / name
    frames = np.zeros((1024, 128, 128, 3), np.uint8)
    np.save(path, frames) if name == "a.npy" else np.savez_compressed(path, images=frames)
    tracemalloc.start()
    try:
        assert sum(len(b) for b in images.open_set(path).batches(PLAIN, (128, 128))) == 1024
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_damaged_archives(tmp_path: Path) -> None:
    """Random bytes in random places: the frames themselves, or a sentence."""
    random = np.random.default_rng(5)
    path = tmp_path / "a.npz"
    np.savez(path, images=FRAMES[:1], labels=np.arange(1))
    whole = path.read_bytes()
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        for at in random.integers(0, len(data), int(random.integers(1, 5))):
            data[at] = int(random.integers(0, 256))
        path.write_bytes(bytes(data))
        refused += is_refused(path)
    assert refused > 50


def is_refused(path: Path) -> bool:
    try:
        assert (images.open_set(path).whole(PLAIN, (8, 8)) == FRAMES[:1]).all()
    except HearthError:
        return True
    return False
