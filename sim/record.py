"""What the last simulation of a build showed, kept beside its simulators for `hearth summary` and
the report page.

The record names the build that was simulated: one that has been compiled anew since has no record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hearth.sim.results import KernelResult, SimResult
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
    kernels         SimResult's, how each spent its time; () in records of earlier versions
    files           what each frame is called; () likewise
    thumbnails      small pictures of the first frames: JPEG in base64
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
    kernels: tuple[KernelResult, ...] = ()
    files: tuple[str, ...] = ()
    thumbnails: tuple[str, ...] = ()

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
    names: Sequence[str] = (),
    thumbnails: Sequence[str] = (),
) -> None:
    """Write the record of a simulation in place of the one before. `names` are those of the frames,
    the others as Record holds them."""
    found = Record(
        images,
        tuple(classes),
        tuple(labels),
        stall_percent,
        result.ok,
        result.verdict,
        result.cycles_per_frame,
        result.mac_utilisation,
        result.frames,
        result.kernels,
        tuple(names),
        tuple(thumbnails),
    )
    content = {"build_id": f"{build_id(build):016x}", **dataclasses.asdict(found)}
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
        lists = {key: tuple(found.get(key, ())) for key in ("files", "thumbnails")}
        lists |= {key: tuple(found[key]) for key in ("classes", "labels")}
        kernels = tuple(_kernel(row) for row in found.get("kernels", ()))
        record = Record(**{**found, **lists, "kernels": kernels})
        texts = (record.images, record.verdict, *record.files, *record.thumbnails)
        counts = record.stalls_percent, record.frames, *record.classes, *record.labels
        whole = all(isinstance(text, str) for text in texts)
        whole = whole and all(type(n) is int for n in counts)
        some = all(
            getattr(record, name) is None or isinstance(getattr(record, name), kind)
            for name, kind in optional
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _damaged(path) from None
    if not (whole and some) or (record.labels and len(record.labels) != len(record.classes)):
        raise _damaged(path)
    return record


def _kernel(row: Mapping[str, Any]) -> KernelResult:
    """ValueError for a kernel that spends no shares of its time."""
    result = KernelResult(**row)
    shares = (result.busy, result.starved, result.blocked)
    if not (isinstance(result.name, str) and all(0 <= share <= 1 for share in shares)):
        raise ValueError(f"{row}: no kernel")
    return result


def _damaged(path: Path) -> HearthError:
    return HearthError(f"{path}: damaged (it does not describe a simulation); simulate again")
