"""What the last `hearth eval` of a build measured, kept in its folder for the report page.

As with simulations (sim/record.py), the record names the build that was measured, and a build that
has been compiled anew has none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

from hearth.toolchain.evaluate.fidelity import Accuracy
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files, json_text, reading
from hearth.toolchain.support.errors import HearthError

NAME = "accuracy.json"
_LARGEST = 64 << 20


def keep(build: Build, images: str, accuracy: Accuracy) -> None:
    """Write what was measured on `images` in place of what was before."""
    content = {
        "build_id": f"{build_id(build):016x}",
        "photographs": images,
        **dataclasses.asdict(accuracy),
    }
    files.write_file(build.path / NAME, json_text.dumps(content).encode())


def last(build: Build) -> tuple[str, Accuracy] | None:
    """The photographs and what was measured of exactly this build; HearthError for a file that is
    no such record."""
    path = build.path / NAME
    if not path.is_file():
        return None
    found = reading.json_value(path, _LARGEST)
    images = found.pop("photographs", None) if isinstance(found, dict) else None
    if not isinstance(images, str):
        raise _damaged(path)
    if found.pop("build_id", None) != f"{build_id(build):016x}":
        return None
    return images, _accuracy(path, found)


def _accuracy(path: Path, found: Mapping[str, Any]) -> Accuracy:
    try:
        confusion = tuple(tuple(row) for row in found["confusion"])
        accuracy = Accuracy(**{**found, "confusion": confusion})
    except (KeyError, TypeError):
        raise _damaged(path) from None
    kinds = get_type_hints(Accuracy)
    plain = (name for name in kinds if name != "confusion")
    fields = all(type(getattr(accuracy, name)) is kinds[name] for name in plain)
    rows = all(len(row) == 3 and all(type(n) is int and n >= 0 for n in row) for row in confusion)
    if not (fields and rows):
        raise _damaged(path)
    return accuracy


def _damaged(path: Path) -> HearthError:
    return HearthError(f"{path}: damaged (it does not describe an evaluation); evaluate again")
