"""Picture files that Pillow does not write: PNGs chunk by chunk, TIFFs tag by tag."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from hearth.toolchain.ir import Array

GREY, COLOUR, PALETTE, GREY_ALPHA = 0, 2, 3, 4
"""Colour types of a PNG."""


def png(
    path: Path, rows: Array, bits: int, colour: int, chunks: Mapping[str, bytes] | None = None
) -> Path:
    """A PNG from its packed rows, uint8 [height, bytes of a row]; `chunks` come before the pixels.

    PNG specification, third edition, 5.3 (chunks) and 11.2.2 (IHDR).
    """
    per_pixel = bits * {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2}[colour]
    head = struct.pack(">IIBBBBB", rows.shape[1] * 8 // per_pixel, len(rows), bits, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    parts = {"IHDR": head, **(chunks or {}), "IDAT": data, "IEND": b""}
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts, parts.values())))
    return path


def claiming(path: Path, width: int, height: int) -> Path:
    """A PNG of a few bytes whose header claims so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, GREY, 0, 0, 0)
    parts = {"IHDR": head, "IDAT": zlib.compress(bytes(9)), "IEND": b""}
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts, parts.values())))
    return path


def _chunk(name: str, data: bytes) -> bytes:
    body = name.encode() + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def tiff(
    path: Path, pixels: Array, tags: Mapping[int, int], order: Literal["<", ">"] = "<"
) -> Path:
    """An uncompressed grey TIFF of one strip; `tags` replace or add to the necessary ones.

    TIFF 6.0, section 2 (structure) and section 4 (grey images).
    """
    height, width = pixels.shape
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    entries = {
        **{256: width, 257: height, 258: pixels.itemsize * 8, 259: 1, 262: 1, 273: 8, 277: 1},
        **{278: height, 279: len(data)},
        **tags,
    }
    directory = struct.pack(order + "H", len(entries)) + b"".join(
        struct.pack(order + "HHII", tag, 4, 1, value)
        if tag in (273, 279)
        else struct.pack(order + "HHIHxx", tag, 3, 1, value)
        for tag, value in sorted(entries.items())
    )
    data += b"\0" * (len(data) % 2)
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, 8 + len(data))
    path.write_bytes(head + data + directory + bytes(4))
    return path
