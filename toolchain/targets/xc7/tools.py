"""Finds and runs the tools of the open 7-series flow, and finds their databases.

They are looked for in the folder that HEARTH_XC7 names, on PATH, and in .tools/xc7 of the checkout.
Such a folder holds unpacked Debian packages, newer than the system may be, so its programs are run
by its own dynamic loader with its own libraries; nothing of it needs to be installed. Yosys is not
among them: it is found as for every family (targets/tools.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import tools
from hearth.toolchain.targets.tools import Run

VARIABLE = "HEARTH_XC7"
PREPARED = Path(__file__).resolve().parents[3] / ".tools/xc7"
"""Where `make tools-xc7` unpacks the packages."""
PACKAGES = {
    "nextpnr-himbaechel-xilinx": "nextpnr-himbaechel-xilinx",
    "xc7frames2bit": "prjxray",
    "bitread": "prjxray",
}
"""Debian's package of each tool."""
_LOADER = "ld-linux-x86-64.so.2"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_DATABASE = "share/prjxray/database"
_CHIPS = "share/nextpnr/himbaechel/xilinx"


def folder() -> Path | None:
    """The folder of unpacked packages, or None. HearthError when HEARTH_XC7 names another."""
    named = os.environ.get(VARIABLE)
    if named:
        if not (Path(named) / "usr").is_dir():
            raise HearthError(
                f"{VARIABLE}={named}: expected a folder of unpacked packages, with usr/ in it;"
                " `make tools-xc7` prepares one"
            )
        return Path(named).resolve()
    return PREPARED if (PREPARED / "usr").is_dir() else None


def command(tool: str) -> list[str]:
    """How to call `tool`. HearthError when it is nowhere, naming the package that has it."""
    unpacked = folder()
    inside = unpacked / "usr/bin" / tool if unpacked else None
    native = shutil.which(tool)
    if native and not (inside and inside.is_file() and os.environ.get(VARIABLE)):
        return [native]
    if unpacked is None or inside is None or not inside.is_file():
        raise HearthError(f"{tool} is not installed; {_advice(PACKAGES.get(tool, tool))}")
    return [str(_loader(unpacked)), "--library-path", str(unpacked / _LIBRARIES), str(inside)]


def _loader(unpacked: Path) -> Path:
    """A folder may have its loader in lib64 or, where /lib64 is a link into /usr, in usr/lib64."""
    places = [unpacked / room / _LOADER for room in ("usr/lib64", "lib64", _LIBRARIES)]
    for place in places:
        if place.is_file():
            return place
    raise HearthError(f"{unpacked}: holds no {_LOADER}; unpack the package libc6 there too")


def _advice(package: str) -> str:
    return (
        f"install Debian's package {package} (testing or newer has it), or unpack it with its"
        f" libraries into a folder that {VARIABLE} names: make tools-xc7"
    )


def database() -> Path:
    """The root of Project X-Ray's database: one folder a family. HearthError when it is nowhere."""
    return _data(_DATABASE, "prjxray-database")


def chip_database(device: str) -> Path:
    """nextpnr's database of a device such as xc7a200t."""
    name = f"chipdb-{device}.bin"
    path = _data(_CHIPS, "nextpnr-himbaechel-xilinx-chipdb") / name
    if not path.is_file():
        known = ", ".join(sorted(p.stem.removeprefix("chipdb-") for p in path.parent.glob("*.bin")))
        raise HearthError(f"{path}: nextpnr has no database of {device}; it knows {known}")
    return path


def _data(place: str, package: str) -> Path:
    unpacked = folder()
    roots = [unpacked / "usr"] if unpacked else []
    for root in (*roots, Path("/usr"), Path("/usr/local")):
        if (root / place).is_dir():
            return root / place
    raise HearthError(f"{place} is nowhere; {_advice(package)}")


def run(tool: str, arguments: Sequence[str], folder: Path, log: str) -> Run:
    """Run a tool in `folder`, its output going to the file `log` there; never raises on failure,
    but as `command` where the tool is missing."""
    return tools.execute(tool, [*command(tool), *arguments], folder, log)
