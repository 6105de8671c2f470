"""Frames of a .npy or .npz: uint8 [n, height, width, 1, 3 or 4], read a few at a time.

The header is held against what the file has before a byte of it is believed, so no header can ask
for memory, and the set is never in memory whole. Python objects (pickles) are never read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from hearth.toolchain.data.pictures import archive, labels
from hearth.toolchain.data.pictures.archive import Stream
from hearth.toolchain.data.pictures.budget import LARGEST_PIXELS
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError

SUFFIXES = (".npy", ".npz")
LARGEST_WHOLE = 1 << 30
"""Bytes of an array in Fortran order, whose frames do not lie one after the other."""
_HEADER = 1 << 16
_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class Header:
    """Where an array's bytes begin, and what they are."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class Frames:
    """Some frames of an array in a file."""

    path: Path
    member: str | None
    """Which array of a .npz; None for a .npy."""
    header: Header
    index: Sequence[int]
    """Which frames, ascending."""

    def __len__(self) -> int:
        return len(self.index)

    def subset(self, index: Sequence[int]) -> Frames:
        """Some of these frames."""
        return replace(self, index=tuple(self.index[i] for i in index))

    def __iter__(self) -> Iterator[Array]:
        """Every frame, uint8 [height, width, 3, 1 or 4]."""
        with archive.stream(self.path, self.member) as stream:
            stream.skip(self.header.offset)
            if self.header.fortran:
                whole = _array(stream, self.header)
                yield from (np.ascontiguousarray(whole[i]) for i in self.index)
            else:
                yield from self._in_order(stream)
            if self.member is not None:
                stream.finish()

    def _in_order(self, stream: Stream) -> Iterator[Array]:
        shape, at = self.header.shape[1:], 0
        size = math.prod(shape)
        for i in self.index:
            stream.skip((i - at) * size)
            yield np.frombuffer(stream.exactly(size), np.uint8).reshape(shape)
            at = i + 1


def open_frames(path: Path) -> tuple[Frames, tuple[int, ...]]:
    """The frames of a file, and the labels of a .npz that has some."""
    names = archive.members(path)
    name = _frames_name(path, names) if names is not None else None
    with archive.stream(path, name) as stream:
        frames = _frames(stream, name)
    if names is None or "labels" not in names:
        return frames, ()
    return frames, _labels(path, len(frames))


def _frames_name(path: Path, names: Sequence[str]) -> str:
    """'images', or the only array beside the labels."""
    others = [name for name in names if name != "labels"]
    if "images" in others:
        return "images"
    if len(others) != 1:
        listed = ", ".join(others[:5]) or "none"
        raise HearthError(f"{path}: the frames' array should be called 'images', found {listed}")
    return others[0]


def _labels(path: Path, count: int) -> tuple[int, ...]:
    with archive.stream(path, "labels") as stream:
        header = _header(stream)
        if header.dtype.kind not in "iu":
            raise HearthError(f"{path}: labels should be integers, found {header.dtype}")
        if math.prod(header.shape) != count:
            raise HearthError(f"{path}: {count} images, but {math.prod(header.shape)} labels")
    with archive.stream(path, "labels") as stream:
        stream.skip(header.offset)
        found = labels.of_array(str(path), _array(stream, header))
        stream.finish()
    return found


def _frames(stream: Stream, member: str | None) -> Frames:
    header = _header(stream)
    shape = header.shape
    if header.dtype != np.uint8 or len(shape) != 4 or shape[3] not in (1, 3, 4) or not shape[0]:
        raise HearthError(
            f"{stream.path}: frames should be uint8 [n, height, width, 3] in RGB, or 1 in grey, or"
            f" 4 in RGB with alpha or depth, found {header.dtype} {list(shape)}"
        )
    if not 0 < shape[1] * shape[2] <= LARGEST_PIXELS:
        raise HearthError(
            f"{stream.path}: frames of {shape[2]}x{shape[1]} pixels; Hearth reads frames of 1 to"
            f" {LARGEST_PIXELS:,} pixels"
        )
    if header.fortran and header.bytes > LARGEST_WHOLE:
        raise HearthError(
            f"{stream.path}: large and in Fortran order; save np.ascontiguousarray(frames)"
        )
    return Frames(stream.path, member, header, range(shape[0]))


def _header(stream: Stream) -> Header:
    start = io.BytesIO(stream.some(_HEADER))
    try:
        shape, fortran, dtype = _READERS[npy.read_magic(start)](start)
    except KeyError:
        raise HearthError(
            f"{stream.path}: of a version of .npy that Hearth does not read"
        ) from None
    except Exception as error:  # the header is a Python literal: anything may be wrong with it
        raise HearthError(f"{stream.path}: not a readable NumPy array file: {error}") from None
    if dtype.hasobject:
        raise HearthError(
            f"{stream.path}: holds Python objects, which could run code and are never read"
        )
    header = Header(start.tell(), shape, dtype, fortran)
    if min(shape, default=0) < 0 or header.offset + header.bytes > stream.size:
        raise HearthError(
            f"{stream.path}: its header promises {list(shape)} of {dtype}, which is not what the"
            " file holds; it is damaged"
        )
    return header


def _array(stream: Stream, header: Header) -> Array:
    flat = np.frombuffer(stream.exactly(header.bytes), header.dtype)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")
