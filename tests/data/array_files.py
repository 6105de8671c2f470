"""Array files as NumPy does not write them: claims, contradictions, damage."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hearth.toolchain.ir import Array

FRAMES = np.random.default_rng(3).integers(0, 256, (6, 8, 8, 3), np.uint8)


def npy(array: Array, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def claimed(shape: str, descr: str = "'|u1'", body: bytes = b"", version: int = 1) -> bytes:
    """A .npy whose header is whatever is claimed."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + body


def npz(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)


def labelled(labels: object) -> Callable[[Path], None]:
    values = labels if isinstance(labels, np.ndarray) else np.array(labels)
    return lambda path: np.savez(path, images=FRAMES, labels=values)


def patched(path: Path, marks: tuple[bytes, ...], offset: int, value: int) -> None:
    """Overwrite two bytes at an offset from a signature: what a zip's headers say."""
    data = bytearray(path.read_bytes())
    for mark in marks:
        at = data.index(mark) + offset + (2 if mark == b"PK\1\2" else 0)
        data[at : at + 2] = struct.pack("<H", value)
    path.write_bytes(bytes(data))


def encrypted(path: Path) -> None:
    np.savez(path, images=FRAMES)
    patched(path, (b"PK\3\4", b"PK\1\2"), 6, 1)


def unknown_method(path: Path) -> None:
    np.savez(path, images=FRAMES)
    patched(path, (b"PK\3\4", b"PK\1\2"), 8, 99)


def contradicting(path: Path) -> None:
    np.savez(path, images=FRAMES)
    patched(path, (b"PK\3\4",), 30, 0)


def bad_deflate(path: Path) -> None:
    np.savez_compressed(path, images=FRAMES)
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(bytes(data))


def bad_checksum(path: Path) -> None:
    np.savez(path, images=FRAMES)
    data = bytearray(path.read_bytes())
    data[400] ^= 1
    path.write_bytes(bytes(data))


def bomb(path: Path) -> None:
    """A member of 8 GiB of zeros, deflated once, its directory and checksum genuine."""
    head = claimed("(2048, 1024, 1365, 3)")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", head + bytes(1 << 20))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2") + 24
    data[at : at + 4] = struct.pack("<I", 0xFFFF_0000)
    path.write_bytes(bytes(data))


def huge(path: Path) -> None:
    """One frame of 9000 x 9000 zeros that takes no room."""
    path.write_bytes(claimed("(1, 9000, 9000, 3)"))
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size + 9000 * 9000 * 3)


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 41)


def cut(path: Path) -> None:
    data = npy(FRAMES)
    path.write_bytes(data[:-5])


def saved(array: Array, **options: Any) -> Callable[[Path], None]:
    return raw(npy(array, **options))


def raw(data: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(data), None)[1]
