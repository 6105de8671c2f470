"""The one place that writes: a file or a folder appears whole under its name, or not at all.

Everything is built under a temporary name beside its target and then renamed. Compiler passes
return content and never touch the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from toolchain.errors import HearthError

Content = Mapping[str, str | bytes]
"""Relative path -> content."""


def write_file(path: Path, content: bytes) -> None:
    """Create or replace one file."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
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
    """Create or replace a folder. Entries of the old one named in `keep` move to the new one."""
    check_folder(path, marker)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            fresh.chmod(0o777 & ~_umask())
            for name, data in content.items():
                _write_below(fresh, name, data)
            _swap(fresh, path, keep)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise HearthError(f"{path}: cannot be written: {error.strerror or error}") from None


def _write_below(folder: Path, name: str, data: str | bytes) -> None:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"{name}: a build file lies outside its folder")
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.encode() if isinstance(data, str) else data)


def _swap(fresh: Path, path: Path, keep: Sequence[str]) -> None:
    """Put `fresh` in the place of `path`; the old folder ends up where `fresh` was."""
    if not path.exists():
        fresh.rename(path)
        return
    for name in keep:
        if (path / name).exists():
            (path / name).rename(fresh / name)
    old = fresh.with_name(fresh.name + ".old")
    path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
