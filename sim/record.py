"""What the last simulation of a build showed, kept beside its simulators for `hearth summary`.

The record names the build that was simulated: one that has been compiled anew since has no record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.sim.results import SimResult
from hearth.sim.run import workplace
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import files, json_text, reading
from hearth.toolchain.support.errors import HearthError

NAME = "last.json"
_LARGEST = 16 << 20


@dataclass(frozen=True)
class Record:
    """One simulation.

    images          where the frames came from
    classes         the class that the network named first, for each frame; () where it names none
    labels          the class that each frame shows, where that is known; else empty
    stalls_percent  of the cycles
    verdict         SimResult's one line
    cycles_per_frame, mac_utilisation   as SimResult holds them: None for fewer than three frames
    frames          that were simulated; 0: as many as classes
    """

    images: str
    classes: tuple[int, ...]
    labels: tuple[int, ...]
    stalls_percent: int
    ok: bool
    verdict: str
    cycles_per_frame: int | None
    mac_utilisation: float | None
    frames: int = 0

    @property
    def right(self) -> int | None:
        """Frames whose first class is the one they show; None where that is not known."""
        if not self.labels:
            return None
        return sum(a == b for a, b in zip(self.classes, self.labels, strict=True))


def keep(
    build: Build,
    result: SimResult,
    images: str,
    classes: Sequence[int],
    labels: Sequence[int],
    stall_percent: int,
) -> None:
    """Write the record of a simulation in place of the one before."""
    record = Record(
        images,
        tuple(classes),
        tuple(labels),
        stall_percent,
        result.ok,
        result.verdict,
        result.cycles_per_frame,
        result.mac_utilisation,
        result.frames,
    )
    content = {"build_id": f"{build_id(build):016x}", **dataclasses.asdict(record)}
    files.write_file(workplace(build.path) / NAME, json_text.dumps(content).encode())


def last(build: Build) -> Record | None:
    """The last simulation of exactly this build; HearthError for a file that is no such record."""
    path = workplace(build.path) / NAME
    if not path.is_file():
        return None
    found = reading.json_value(path, _LARGEST)
    if not isinstance(found, dict) or "build_id" not in found:
        raise _damaged(path)
    if found.pop("build_id") != f"{build_id(build):016x}":
        return None
    return _record(path, found)


def _record(path: Path, found: Mapping[str, Any]) -> Record:
    optional: tuple[tuple[str, type], ...] = (("cycles_per_frame", int), ("mac_utilisation", float))
    try:
        record = Record(
            **{**found, "classes": tuple(found["classes"]), "labels": tuple(found["labels"])}
        )
        texts = isinstance(record.images, str) and isinstance(record.verdict, str)
        counts = record.stalls_percent, record.frames
        whole = all(type(n) is int for n in (*record.classes, *record.labels, *counts))
        some = all(
            getattr(record, name) is None or isinstance(getattr(record, name), kind)
            for name, kind in optional
        )
    except (KeyError, TypeError):
        raise _damaged(path) from None
    if not (texts and whole and some) or (
        record.labels and len(record.labels) != len(record.classes)
    ):
        raise _damaged(path)
    return record


def _damaged(path: Path) -> HearthError:
    return HearthError(f"{path}: damaged (it does not describe a simulation); simulate again")
