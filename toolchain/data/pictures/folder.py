"""The pictures in a folder and in all folders below it, in sorted order.

Names that begin with a dot are left out, as are files whose suffix is not a picture's (one warning
counts them). Links are followed, but no folder is entered twice, so a link to a folder above ends.
A link to nowhere, a pipe or a damaged file that is called like a picture stays in the list and is
refused by name when its turn comes: a set never shrinks silently.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hearth.toolchain.data.pictures.decode import SUFFIXES, SUPPORTED
from hearth.toolchain.support.errors import HearthError

MOST_ENTRIES = 1_000_000


def pictures(root: Path) -> tuple[list[str], list[str]]:
    """Paths, and for each the name of the folder directly below `root` it lies in, or ''."""
    files, groups = [], []
    skipped: Counter[str] = Counter()
    for path, parts in _walk(root):
        suffix = os.path.splitext(path)[1].lower()
        if suffix in SUFFIXES:
            files.append(path)
            groups.append(parts[0] if len(parts) > 1 else "")
        else:
            skipped[suffix or "no suffix"] += 1
    if not files:
        raise HearthError(f"{root}: the folder holds no image; {SUPPORTED}")
    if skipped:
        kinds = ", ".join(name for name, _ in skipped.most_common(3))
        warnings.warn(
            f"{root}: skipped {skipped.total()} files that are not pictures by name ({kinds})",
            stacklevel=2,
        )
    return files, groups


def _walk(root: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every file below `root`, with the parts of its path relative to it."""
    waiting: list[tuple[str, tuple[str, ...]]] = [(str(root), ())]
    entered: set[tuple[int, int]] = set()
    entries = 0
    while waiting:
        path, parts = waiting.pop()
        try:
            folder = _folder_id(path)
            if folder is None:
                yield path, parts
                continue
            if folder in entered:
                continue
            entered.add(folder)
            names = sorted((n for n in os.listdir(path) if not n.startswith(".")), reverse=True)
        except OSError as error:
            raise HearthError(f"{path}: cannot be read: {error.strerror or error}") from None
        entries += len(names)
        if entries > MOST_ENTRIES:
            raise HearthError(
                f"{root}: holds more than {MOST_ENTRIES:,} files; give a smaller folder, or a CSV"
                " with the files to use"
            )
        waiting.extend((os.path.join(path, name), (*parts, name)) for name in names)


def _folder_id(path: str) -> tuple[int, int] | None:
    """Device and inode of a folder; None for everything else, links that lead nowhere included."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
