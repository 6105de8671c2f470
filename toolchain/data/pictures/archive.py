"""Arrays' bytes in a .npy, or in a member of a .npz, as a stream: read only as far as asked for.

Of a .npz only what NumPy writes is taken: stored or deflated, not encrypted, every name once. A
member that would inflate to far more than photographs do is refused before it is inflated.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

LARGEST = 1 << 40
LARGEST_INFLATED = 1 << 30
"""Bytes of a member that are inflated whatever their number in the file."""
LARGEST_RATIO = 100
"""Times a larger member may grow; photographs stay below 10."""
_ENCRYPTED = 1
_CHUNK = 1 << 20


class Stream:
    """Bytes that arrive in order; HearthError if they are damaged or end early."""

    def __init__(self, path: Path, inner: IO[bytes], size: int) -> None:
        self.path = path
        self.size = size
        """Bytes there should be."""
        self._inner = inner

    def some(self, count: int) -> bytes:
        """At most `count` bytes; fewer only at the end."""
        try:
            return self._inner.read(count)
        except Exception as error:  # whatever an inflater says about damaged bytes
            raise HearthError(f"{self.path}: is damaged: {error}") from None

    def exactly(self, count: int) -> bytes:
        """The next `count` bytes."""
        data = self.some(count)
        if len(data) < count:
            raise HearthError(f"{self.path}: is damaged: it ends too early")
        return data

    def skip(self, count: int) -> None:
        """Leave bytes out. They are read, so that a checksum over all of them holds."""
        while count > 0:
            count -= len(self.exactly(min(count, _CHUNK)))

    def finish(self) -> None:
        """Read to the end, where a .npz's checksum is compared."""
        while self.some(_CHUNK):
            pass


def members(path: Path) -> list[str] | None:
    """The arrays of a .npz by name (several times, if the file does so); None for other files."""
    with reading.opened(path, LARGEST) as stream:
        if stream.read(4) != b"PK\3\4":
            return None
        archive = _archive(path, stream)
        return [info.filename.removesuffix(".npy") for info in archive.infolist()]


@contextlib.contextmanager
def stream(path: Path, member: str | None) -> Iterator[Stream]:
    """A member of a .npz, or a whole file if `member` is None."""
    with reading.opened(path, LARGEST) as file:
        if member is None:
            size = file.seek(0, 2)
            file.seek(0)
            yield Stream(path, file, size)
            return
        archive = _archive(path, file)
        info = _info(path, archive, member)
        try:
            inner = archive.open(info)
        except Exception as error:  # local and central directory may contradict each other
            raise HearthError(f"{path}: is damaged: {error}") from None
        with inner:
            yield Stream(path, inner, info.file_size)


def _archive(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except Exception as error:  # a hostile directory raises more than BadZipFile
        raise HearthError(f"{path}: not a readable .npz: {error}") from None


def _info(path: Path, archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    found = [i for i in archive.infolist() if i.filename.removesuffix(".npy") == member]
    if len(found) != 1:
        raise HearthError(f"{path}: holds the array '{member}' {len(found)} times, not once")
    info = found[0]
    if info.flag_bits & _ENCRYPTED:
        raise HearthError(f"{path}: its array '{member}' is encrypted; save it without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise HearthError(
            f"{path}: its array '{member}' is packed by method {info.compress_type}, which NumPy"
            " does not write; save it with np.savez or np.savez_compressed"
        )
    if info.file_size > max(LARGEST_INFLATED, LARGEST_RATIO * info.compress_size):
        raise HearthError(
            f"{path}: its array '{member}' would grow from {info.compress_size:,} to"
            f" {info.file_size:,} bytes; that is no set of photographs"
        )
    return info
