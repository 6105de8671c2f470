"""What is costly to make, kept on disk under a hash of all that decides it, for later runs and
for other processes at work beside this one.

Never wrong: an entry is sealed together with its own name, and one that does not match is made
anew. Never in the way: a full or read-only disk costs time and nothing else. Entries appear whole
(files.py). Beyond `room` bytes those go that nobody has asked for longest; `HEARTH_CACHE=off` in
the environment keeps nothing at all. Compiled objects of simulators have a script of their own
(sim/objcache.py), which make calls.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.support import files, paths
from hearth.toolchain.support.errors import HearthError

_SEAL = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Kept:
    """Results of one kind, below the user's cache in the folder `name`."""

    name: str
    room: int
    """Bytes on disk."""

    def get(self, parts: Iterable[str], make: Callable[[], str]) -> str:
        """The text that `make` gives for `parts`, which must say all that decides it."""
        if not wanted():
            return make()
        place = paths.cache() / self.name / _key(parts)
        known = _read(place)
        if known is not None:
            return known
        text = make()
        with contextlib.suppress(OSError, HearthError):
            place.parent.mkdir(parents=True, exist_ok=True)
            content = text.encode()
            files.write_file(place, _seal(place, content) + content)
            _bound(place.parent, self.room)
        return text


def wanted() -> bool:
    """Whether anything is to be kept for this user."""
    return os.environ.get("HEARTH_CACHE", "").lower() != "off"


def _key(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(b"%d:" % len(raw) + raw)
    return digest.hexdigest()


def _seal(place: Path, content: bytes) -> bytes:
    return hashlib.sha256(place.name.encode() + content).digest()


def _read(place: Path) -> str | None:
    """What was kept there, now the youngest; None unless it is there and whole."""
    try:
        data = place.read_bytes()
        seal, content = data[:_SEAL], data[_SEAL:]
        if seal != _seal(place, content):
            return None
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(place)
    return content.decode()


def _bound(folder: Path, room: int) -> None:
    """Remove the oldest files until the others have room; what killed processes left is among
    them."""
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process removes some, too
            facts = path.stat()
            found.append((facts.st_mtime_ns, facts.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= room:
            return
        path.unlink(missing_ok=True)
        total -= size
