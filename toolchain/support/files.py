"""The one place that writes: a file or a folder appears whole under its name, or not at all.

Everything is built under a private name beside its target and then takes its place (private.py):
two commands that write the same, or one that is killed, leave one whole result. Compiler passes
return content and never touch the disk.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from hearth.toolchain.support import private
from hearth.toolchain.support.errors import HearthError

Content = Mapping[str, str | bytes]
"""Relative path -> content."""


def write_file(path: Path, content: bytes) -> None:
    """Create or replace one file."""
    with growing(path) as stream:
        stream.write(content)


@contextlib.contextmanager
def growing(path: Path) -> Iterator[BinaryIO]:
    """One file written piece by piece: it is there when the block ends, and not if it fails."""
    if path.is_dir():
        raise HearthError(f"{path}: is a folder; give the name of a file")
    try:
        with private.file_beside(path) as (handle, name):
            with os.fdopen(handle, "w+b", closefd=False) as stream:
                yield stream
            name.chmod(0o666 & ~private.umask())
            name.replace(path)
    except OSError as error:
        raise HearthError(f"{path}: cannot be written: {error.strerror or error}") from None


def check_folder(path: Path, marker: str) -> None:
    """Raise HearthError unless `path` is free, empty, or a folder of ours (it holds `marker`)."""
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_dir() or path.is_symlink():
        raise HearthError(f"{path}: exists and is not a build folder; choose another with -o")
    if any(path.iterdir()) and not (path / marker).is_file():
        raise HearthError(
            f"{path}: holds files that Hearth did not write and would be replaced; choose another"
            " folder with -o"
        )


def write_folder(path: Path, content: Content, marker: str, keep: Sequence[str] = ()) -> None:
    """Create or replace a folder. Entries of the old one named in `keep` move to the new
    one."""
    check_folder(path, marker)
    _distinct(content)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with private.folder_beside(path) as fresh:
            for name, data in content.items():
                _write_below(fresh, name, data)
            with private.held(path.parent):
                check_folder(path, marker)
                for name in keep:
                    if (path / name).exists():
                        (path / name).rename(fresh / name)
                private.put(fresh, path)
    except OSError as error:
        raise HearthError(f"{path}: cannot be written: {error.strerror or error}") from None


def _distinct(content: Content) -> None:
    """ValueError when two paths are one where capitals do not count."""
    if len({name.casefold() for name in content}) != len(content):
        raise ValueError("two build files have one name")


def _write_below(folder: Path, name: str, data: str | bytes) -> None:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"{name}: a build file lies outside its folder")
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.encode() if isinstance(data, str) else data)
