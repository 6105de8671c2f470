"""Stand-ins for paths that GNU make cannot take: with a space, a quote, `$`, `#`, `:`, `%`, ...

Verilator writes makefiles that name its own folder, our C++ files and the folder it builds in, and
make has no way of quoting any of them. So what is only read is named through a link, and what is
built there is built in the user's cache. Paths that make can take stay as they are.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.paths import cache

_PLAIN = re.compile(r"[\w/.,+@-]+")


def is_plain(path: Path) -> bool:
    """Whether make, and the shell that it calls, read `path` as it is written."""
    return _PLAIN.fullmatch(str(path)) is not None


def readable(path: Path) -> Path:
    """`path`, or the same file or folder through a link with a plain name."""
    if is_plain(path):
        return path
    folder = path.absolute()
    while is_plain(Path(folder.name)):
        folder = folder.parent
    link = _root() / "links" / _name(folder)
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(folder)
    return link / path.absolute().relative_to(folder)


def writable(folder: Path) -> Path:
    """`folder` with all links resolved, or the folder in the cache that stands in for it."""
    folder = folder.resolve()
    return folder if is_plain(folder) else _root() / "builds" / _name(folder)


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _root() -> Path:
    """The cache; where even that has no plain name, a folder of this user's among the temporary."""
    if is_plain(kept := cache().resolve()):
        return kept
    folder = Path(tempfile.gettempdir()).resolve() / f"hearth-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if is_plain(folder) and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
        return folder
    raise HearthError(
        f"{cache()}: make cannot build below a path with spaces or special characters, and {folder}"
        " is not ours; set XDG_CACHE_HOME to a folder of yours with a plain name"
    )
