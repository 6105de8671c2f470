"""The one way to open a file that a user names: a regular file, within a size, never waiting.

A FIFO would block for ever, /dev/zero would never end, and opening a serial port resets the board
behind it. All are refused before they are opened. What the bytes mean is the caller's business.
Text is UTF-8, or whatever its byte order mark says (Windows writes UTF-16 and UTF-8 with one).
"""

from __future__ import annotations

import codecs
import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from hearth.toolchain.support.errors import HearthError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
_MARKS = (
    # The four bytes of UTF-32 begin with the two of UTF-16.
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check(path: Path, largest: int) -> None:
    """HearthError unless `path` is a regular file of at most `largest` bytes."""
    try:
        _check(path, os.stat(path), largest)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None


def opened(path: Path, largest: int) -> BinaryIO:
    """A regular file of at most `largest` bytes, open for reading; HearthError for others."""
    check(path, largest)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        stream = os.fdopen(handle, "rb")
        try:
            _check(path, os.fstat(handle), largest)  # another one may lie there by now
        except HearthError:
            stream.close()
            raise
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return stream


def content(path: Path, largest: int) -> bytes:
    """All bytes of a regular file."""
    with opened(path, largest) as stream:
        try:
            data = stream.read(largest + 1)
        except OSError as error:
            raise unreadable(path, error) from None
    if len(data) > largest:
        raise _too_large(path, largest)
    return data


def text(path: Path, largest: int) -> str:
    """The text of a regular file, without its byte order mark."""
    data = content(path, largest)
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        decoded = data.decode(encoding)
    except UnicodeDecodeError:
        raise HearthError(
            f"{path}: is not {encoding.upper().removesuffix('-SIG')} text; save it as UTF-8"
        ) from None
    if "\0" in decoded:
        raise HearthError(f"{path}: holds NUL characters, so it is not a text file")
    return decoded


def json_value(path: Path, largest: int) -> Any:
    """What a JSON file holds."""
    try:
        return json.loads(text(path, largest))
    except (ValueError, RecursionError) as error:
        raise HearthError(f"{path}: is not JSON: {error}") from None


def _check(path: Path, found: os.stat_result, largest: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise HearthError(f"{path}: a file is expected, but this is {kind}")
    if found.st_size > largest:
        raise _too_large(path, largest)


def _too_large(path: Path, largest: int) -> HearthError:
    size = f"{largest >> 20} MiB" if largest >> 20 else f"{largest} bytes"
    return HearthError(
        f"{path}: larger than {size}, which is more than Hearth reads of such a file"
    )


def unreadable(path: Path, error: Exception) -> HearthError:
    """The sentence for a file that the system does not give."""
    return HearthError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
