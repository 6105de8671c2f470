"""Compiles C++ through a cache, for Verilator's run-time library only: a stand-in for ccache.

Called by Verilator's makefile as `python objcache.py g++ ... -c -o verilated.o .../verilated.cpp`.
The library's sources never depend on the circuit, and are four fifths of the time a small simulator
takes to build. All else is passed on to the compiler. Objects are kept in $HEARTH_OBJECTS.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

_DIGEST = hashlib.sha256().digest_size
_PARTIAL = ".partial"
_STALE_SECONDS = 3600


def _object(command: list[str]) -> tuple[Path, Path] | None:
    """Source and object file, when `command` compiles one file of the run-time library."""
    source = Path(command[-1])
    if "-c" not in command or "-o" not in command or not source.name.startswith("verilated"):
        return None
    return source, Path(command[command.index("-o") + 1])


def main(command: list[str]) -> int:
    files = _object(command)
    store = os.environ.get("HEARTH_OBJECTS")
    if not files or not store:
        return subprocess.run(command, check=False).returncode
    source, target = files
    compiler = subprocess.run([command[0], "--version"], capture_output=True, check=False).stdout
    key = hashlib.sha256(compiler + "\0".join(command).encode() + source.read_bytes()).hexdigest()
    kept = Path(store) / f"{key[:24]}.object"
    known = _known(kept)
    if known is not None:
        target.write_bytes(known)
        return 0
    status = subprocess.run(command, check=False).returncode
    if not status:
        with contextlib.suppress(OSError):  # a full or read-only cache costs time, nothing else
            _keep(kept, target.read_bytes())
    return status


def _known(kept: Path) -> bytes | None:
    """The object, if it is there and is what was once kept: its SHA-256 stands in front of it."""
    try:
        data = kept.read_bytes()
    except OSError:
        return None
    digest, content = data[:_DIGEST], data[_DIGEST:]
    return content if content and hashlib.sha256(content).digest() == digest else None


def _keep(kept: Path, content: bytes) -> None:
    """Whole or not at all, also with two builds at once; what killed ones left goes first."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"*{_PARTIAL}"):
        if time.time() - old.stat().st_mtime > _STALE_SECONDS:
            old.unlink(missing_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}{_PARTIAL}")
    try:
        partial.write_bytes(hashlib.sha256(content).digest() + content)
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
