"""Files that a user names: what is opened, what never is, and the encodings of text."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from hearth.toolchain.data import class_names, manifest
from hearth.toolchain.quantize import precision
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

NAMES = ("tench, Tinca tinca", "Ente", "猫", "ligne\u2028coupée")
LINES = "".join(f"{name}\n" for name in NAMES)


def refusal(action: Callable[[], object], path: Path) -> str:
    with pytest.raises(HearthError) as caught:
        action()
    return str(caught.value).replace(str(path), "X")


def folder(path: Path) -> None:
    path.mkdir()


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def circle(path: Path) -> None:
    path.symlink_to(path)


def ear(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 40)


SPECIAL: dict[Callable[[Path], None], str] = {
    folder: "X: a file is expected, but this is a folder",
    os.mkfifo: "X: a file is expected, but this is a pipe",
    endless: "X: a file is expected, but this is a device",
    ear: "X: a file is expected, but this is a socket",
    nowhere: "X: cannot be read: No such file or directory",
    circle: "X: cannot be read: Too many levels of symbolic links",
    sparse: "X: larger than 4 MiB, which is more than Hearth reads of such a file",
}


@pytest.mark.parametrize("make", SPECIAL)
def test_only_regular_files_are_opened(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "special"
    make(path)
    assert refusal(lambda: reading.content(path, 4 << 20), path) == SPECIAL[make]
    for reader in (
        lambda: class_names.read(path),
        lambda: manifest.find(Path("m.onnx"), str(path)),
        lambda: precision.plan(8, None, path),
    ):
        assert refusal(reader, path) == SPECIAL[make]


def test_a_name_with_nul() -> None:
    path = Path("a\0b")
    found = refusal(lambda: reading.text(path, 9), path)
    assert found == r"a\x00b: cannot be read: embedded null byte"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_class_names(encoding: str, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(LINES.replace("\n", newline).encode(encoding))
    assert class_names.read(path) == NAMES
    path = tmp_path / "names.json"
    path.write_bytes(json.dumps(NAMES, ensure_ascii=False).encode(encoding))
    assert class_names.read(path) == NAMES


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("n.txt", "Käse".encode("cp1252"), "X: is not UTF-8 text; save it as UTF-8"),
        ("n.txt", b"\xff\xfea", "X: is not UTF-16 text; save it as UTF-8"),
        ("n.txt", "ab".encode("utf-16-le"), "X: holds NUL characters, so it is not a text file"),
        ("n.txt", b"", "X: holds no class names; one per line is expected"),
        (
            "n.csv",
            b"\xef\xbb\xbf0;tench\r\n1;ray\r\n",
            "X: is a table of several columns; class names are expected alone, one per line (a"
            " .txt file) or as a JSON list",
        ),
        ("n.json", b'{"0": "tench"}', "X: class names should be a JSON list of strings"),
        ("n.json", b"[" * 100_000, None),
        ("n.json", b"[" + b"9" * 5000 + b"]", None),
    ],
)
def test_wrong_class_names(name: str, data: bytes, message: str | None, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = refusal(lambda: class_names.read(path), path)
    assert found == message if message else found.startswith("X: is not JSON: ")


@pytest.mark.parametrize("mean", ["[1e999, 0, 0]", f"[{10**400}, 0, 0]", "[true, 0, 0]"])
def test_numbers_beyond_reason(mean: str, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(f'{{"mean": {mean}}}')
    found = refusal(lambda: manifest.find(Path("m.onnx"), str(path)), path)
    assert found.startswith("X: 'mean' should be three finite numbers, the channels RGB, found ")
