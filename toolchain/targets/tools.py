"""Finds and runs Yosys, nextpnr-ecp5, ecppack, ecpunpack: native when on PATH, else YoWASP's.

YoWASP's tools are WebAssembly and see only the folder they run in, so every path is relative to it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.toolchain.support import advice, paths, private
from hearth.toolchain.support.errors import HearthError

_YOWASP = "yowasp-"
_OLDEST_YOSYS = (0, 40)  # parameters without type, packages, elaboration errors


@dataclass(frozen=True)
class Run:
    """What one call cost, and what it printed."""

    tool: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    text: str
    status: int

    def cost(self) -> dict[str, Any]:
        """As figures show it: all but what was printed."""
        return {key: value for key, value in dataclasses.asdict(self).items() if key != "text"}


def command(tool: str, group: str = "ecp5") -> list[str]:
    """How to call `tool`. HearthError when it is nowhere, naming the optional group that has it."""
    native = shutil.which(tool)
    if native and (tool != "yosys" or _yosys_version(native) >= _OLDEST_YOSYS):
        return [native]
    name = f"{_YOWASP}{tool}"
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found:
        return [found]
    raise HearthError(f"{tool} is not installed; {advice.install(group)}")


def _yosys_version(path: str) -> tuple[int, int]:
    text = subprocess.run([path, "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Yosys (\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def run(tool: str, arguments: Sequence[str], folder: Path, log: str, group: str = "ecp5") -> Run:
    """Run a tool in `folder`, its output going to the file `log` there; never raises on failure,
    but as `command` where the tool is missing."""
    call = command(tool, group)
    if Path(call[0]).name.startswith(_YOWASP):
        _call_once(call[0])
    return execute(tool, [*call, *arguments], folder, log)


@functools.cache
def _call_once(path: str) -> None:
    """Have YoWASP compile the tool, unless that is done: alone, as it writes into a file of the
    user's cache, and who starts the same tool meanwhile reads half of it, or dies (SIGBUS) when it
    is written a second time. Half a second where there is nothing to compile."""
    with contextlib.suppress(OSError):
        folder = paths.cache() / "yowasp"
        folder.mkdir(parents=True, exist_ok=True)
        with private.held(folder, math.inf):
            subprocess.run([path, "--version"], capture_output=True, check=False)


def execute(tool: str, call: Sequence[str], folder: Path, log: str) -> Run:
    """Run the command line `call` as `run` does; `tool` is its name in reports."""
    started = time.monotonic()
    with (folder / log).open("w") as stream:
        process = subprocess.Popen(call, cwd=folder, stdout=stream, stderr=subprocess.STDOUT)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        tool,
        time.monotonic() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * 1024,
        (folder / log).read_text(errors="replace"),
        process.returncode,
    )


def first_error(result: Run) -> str:
    """The first line that a tool marked as an error."""
    lines = [line for line in result.text.splitlines() if "ERROR" in line]
    return lines[0] if lines else f"{result.tool} ended with status {result.status}"
