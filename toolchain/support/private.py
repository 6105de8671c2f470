"""Private folders and files beside their targets, and locks: two commands at once, or one that was
killed, harm nobody.

What is under way lies beside its target under a name of ours (`.x.hearth-...`) and is locked by the
process that works on it. The system drops that lock when the process dies, however it dies, so
whatever lies there unlocked is rubbish and is cleared away. Locks are those of flock on the folders
themselves, but for long work (`alone`). A file system without locks is worked on without.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hearth.toolchain.support.errors import HearthError

_PATIENCE = 10.0
"""Seconds after which somebody else's lock on a folder is not waited for any longer."""
_AT_CWD, _EXCHANGE = -100, 2
"""linux/fcntl.h, linux/fs.h."""
_ASIDE = "-old"
_BUSY = "busy"


@contextlib.contextmanager
def held(folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of an existing folder; for short moments, as others wait for it."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + patience
        while not _locked(handle) and time.monotonic() < end:
            time.sleep(0.01)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Long work in a folder, which is made, and goes if it stays empty: HearthError while another
    process does the same. `what` names the work. The lock is that of a file, as the folder's own is
    for short moments."""
    mark = folder / _BUSY
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise HearthError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        if not _locked(handle):
            raise HearthError(f"{folder}: another {what} is at work there; wait until it has ended")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                mark.unlink()
                folder.rmdir()
    finally:
        os.close(handle)


def busy(folder: Path) -> bool:
    """Whether a process works `alone` in the folder."""
    try:
        handle = os.open(folder / _BUSY, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return not _locked(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """A fresh folder beside `path`, locked and gone in the end; give it a place with `put`."""
    with held(path.parent):
        _sweep(path)
        fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=_prefix(path)))
        handle = _claim(fresh)
    try:
        fresh.chmod(0o777 & ~umask())
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        os.close(handle)


@contextlib.contextmanager
def file_beside(path: Path) -> Iterator[tuple[int, Path]]:
    """A fresh file beside `path`, open for writing, and its name; in the end removed or renamed."""
    with held(path.parent):
        _sweep(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))
        _locked(handle)
    try:
        yield handle, Path(name)
    finally:
        os.close(handle)
        Path(name).unlink(missing_ok=True)


def put(fresh: Path, path: Path) -> None:
    """Give the private folder `fresh` the name `path`; what was there is then called `fresh`. At
    every moment one of the two is there under `path`, where the system can exchange names."""
    if not path.exists() and not path.is_symlink():
        fresh.rename(path)
    elif not _exchanged(fresh, path):
        aside = fresh.with_name(fresh.name + _ASIDE)
        path.rename(aside)
        fresh.rename(path)
        aside.rename(fresh)


def umask() -> int:
    """The permissions that new files do not get."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _prefix(path: Path) -> str:
    return f".{path.name}.hearth-"


def _sweep(path: Path) -> None:
    """Remove what dead processes left beside `path`; the caller holds the parent's lock."""
    for entry in list(path.parent.iterdir()):
        if not entry.name.startswith(_prefix(path)):
            continue
        with contextlib.suppress(OSError):
            handle = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                if not _locked(handle):
                    continue
                if entry.name.endswith(_ASIDE) and not path.exists():
                    entry.rename(path)  # died between the two halves of an exchange
                elif entry.is_dir():
                    shutil.rmtree(entry, ignore_errors=True)
                else:
                    entry.unlink()
            finally:
                os.close(handle)


def _claim(folder: Path) -> int:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    _locked(handle)
    return handle


def _locked(handle: int) -> bool:
    """Lock an open file or folder unless another process has; True where locks do not exist."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR)
    return True


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two names at once; False where the system or the file system cannot."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(call(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0)
