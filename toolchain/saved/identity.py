"""Names of what runs on a board, so that host, bitstream and weights are never mixed up.

They are those of the build as it was read, whatever has happened to its folder since.
"""

from __future__ import annotations

import hashlib

from hearth.toolchain.rtl import header
from hearth.toolchain.saved.build_folder import Build


def build_id(build: Build) -> int:
    """64 bits of a hash over all RTL and ROM images: what the board and the host compare. Comments
    do not count: they name the model, not what it is made into."""
    return _digest(build, "rtl", "rom")


def hardware_id(build: Build) -> int:
    """64 bits of a hash over the RTL: builds with the same differ in their weights at most."""
    return _digest(build, "rtl")


def _digest(build: Build, *folders: str) -> int:
    digest = hashlib.sha256()
    for folder in folders:
        inner = {
            path.removeprefix(f"{folder}/"): text
            for path, text in build.content.items()
            if path.startswith(f"{folder}/")
        }
        for name, text in sorted(inner.items()):
            digest.update(f"{name}\0{header.code(text)}".encode())
    return int.from_bytes(digest.digest()[:8])
