"""Compiles C++ through a cache, for Verilator's run-time library only: a stand-in for ccache.

Called by Verilator's makefile as `python objcache.py g++ ... -c -o verilated.o .../verilated.cpp`.
The library's sources never depend on the circuit, and are four fifths of the time a small simulator
takes to build. All else is passed on to the compiler. Objects are kept in $HEARTH_OBJECTS.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


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
    kept = Path(store) / f"{key[:24]}.o"
    if not kept.exists():
        status = subprocess.run(command, check=False).returncode
        if status:
            return status
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        shutil.copyfile(target, partial)
        partial.replace(kept)  # whole or not at all, also with two builds at once
    else:
        shutil.copyfile(kept, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
