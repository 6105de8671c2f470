"""The command `hearth summary`: a build and its last simulation in a dozen lines, as `make` ends.

Every number comes from the build or from the record of its last simulation (sim/record.py).
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hearth.sim import record
from hearth.sim.record import Record
from hearth.toolchain.cli import chips
from hearth.toolchain.cli.options import BuildFolder, Json
from hearth.toolchain.cli.output import COLUMNS, print_json
from hearth.toolchain.cli.tables import kib
from hearth.toolchain.host.labeller import class_name
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import PICTURE, Build
from hearth.toolchain.support import advice
from hearth.toolchain.support.text import printable, shortened

LINES = 12
_INDENT = 11
_NAME = 24
"""Characters of a name; of a longer one its beginning and end are shown."""
_LABELS = 5
"""Most classes that are counted by name."""


def summary(build: BuildFolder, as_json: Json = False) -> None:
    """Say in a dozen lines what was built and what it did."""
    figures = collect(build_folder.load(build))
    if as_json:
        print_json(figures)
    else:
        print("\n".join(lines(figures)))


def collect(build: Build) -> dict[str, Any]:
    """What the summary says. `simulation` is None where this build was not simulated."""
    found, design = build.figures, build.design
    rows = chips.rows(design, chips.choose(None, found))
    ran = record.last(build)
    return {
        "name": design.qgraph.name,
        "kernels": len(design.stages),
        "mac_lanes": design.lanes,
        "rom_bytes": found["rom_bytes"],
        "model_cycles_per_frame": design.cycles,
        "bottleneck": max(design.stages, key=lambda stage: stage.cycles).layer.name,
        "simulation": None if ran is None else _simulation(ran, design.qgraph.labels),
        "boards": chips.line(rows),
        "board": _best(rows),
        "picture": str(build.path / PICTURE),
        "next": _next(build, ran, rows),
    }


def _simulation(ran: Record, names: Sequence[str]) -> dict[str, Any]:
    """Labels as counts of the classes named first, in the order in which they were seen."""
    counts = Counter(class_name(names, i) for i in ran.classes)
    return {
        "frames": ran.frames or len(ran.classes),
        "images": ran.images,
        "ok": ran.ok,
        "verdict": ran.verdict,
        "stalls_percent": ran.stalls_percent,
        "cycles_per_frame": ran.cycles_per_frame,
        "mac_utilisation": ran.mac_utilisation,
        "labels": dict(counts),
        "right": ran.right,
    }


def _best(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first board that the build fits, else the first that it may fit."""
    for verdict in (True, None):
        for row in rows:
            if row["fits"] is verdict:
                return {key: row[key] for key in ("board", "clock_mhz", "frames_per_second")}
    return None


def _next(build: Build, ran: Record | None, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Two command lines to go on with."""
    report = advice.command("report", build.path)
    if ran is None:
        return [advice.command("sim", build.path, "IMAGES..."), report]
    best = _best(rows)
    if not build.qgraph.classes:
        return [report]
    if best is None:
        return [report, advice.command("export-hls", build.path)]
    return [report, advice.command("bitstream", build.path, "--board", best["board"])]


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The summary for people: at most LINES lines, of 80 columns unless a path is longer."""
    ran = figures["simulation"]
    frames = [] if ran is None else [f"{ran['images']} (the frames)"]
    return [
        f"{_short(figures['name'])}: {figures['kernels']} kernels, {figures['mac_lanes']:,} MAC"
        f" lanes, ROM {kib(figures['rom_bytes'])} KiB",
        *_simulated(ran),
        *_row("speed", _speed(figures), 1),
        *_row("", _rate(figures), 1),
        *_row("boards", figures["boards"]),
        *_listed("pictures", f"{figures['picture']} (the network)", *frames),
        *_listed("next", *figures["next"]),
    ]


def _simulated(ran: Mapping[str, Any] | None) -> list[str]:
    """At most three lines."""
    if ran is None:
        return _row("simulated", "not yet")
    stalls = f", {ran['stalls_percent']} % stalls" if ran["stalls_percent"] else ""
    if not ran["ok"]:
        return _row("simulated", f"WRONG: {ran['verdict']}{stalls}")
    equal = f"{ran['frames']} frames, every value equal to the golden model{stalls}"
    return [*_row("simulated", equal, 1), *(_row("labels", _labels(ran)) if ran["labels"] else [])]


def _labels(ran: Mapping[str, Any]) -> str:
    counts = sorted(ran["labels"].items(), key=lambda item: -item[1])
    said = [f"{count} {_short(label.partition(',')[0])}" for label, count in counts[:_LABELS]]
    more = len(counts) - _LABELS
    known = "" if ran["right"] is None else f"; {ran['right']} of {ran['frames']} right"
    return ", ".join(said) + (f", {more} other classes" if more > 0 else "") + known


def _speed(figures: Mapping[str, Any]) -> str:
    model = figures["model_cycles_per_frame"]
    measured = None if figures["simulation"] is None else figures["simulation"]["cycles_per_frame"]
    cycles = f"{model:,} cycles a frame by the model"
    if measured is not None:
        cycles = f"{measured:,} cycles a frame (model {model:,})"
    return f"{cycles}, set by {_short(figures['bottleneck'])}"


def _rate(figures: Mapping[str, Any]) -> str:
    """Frames per second by the model, and the lanes' work as it was measured."""
    ran, best = figures["simulation"], figures["board"]
    used = None if ran is None else ran["mac_utilisation"]
    share = "" if used is None else f"; {100 * used:.1f} % of the lanes at work"
    if best is None:
        return f"too large for every known board{share}"
    rate = f"{best['frames_per_second']:,.0f} frames/s at {best['clock_mhz']:g} MHz"
    return f"{rate} ({best['board']}){share}"


def _short(name: str) -> str:
    return shortened(printable(name), _NAME)


def _row(title: str, text: str, lines: int = 2) -> list[str]:
    """A title and a text, which is broken at spaces and cut behind so many lines."""
    return textwrap.wrap(
        printable(text),
        COLUMNS,
        initial_indent=title.ljust(_INDENT),
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
        max_lines=lines,
        placeholder=" ...",
    )


def _listed(title: str, *texts: str) -> list[str]:
    """One line each, whole: paths and commands, to be pasted."""
    titles = [title, *[""] * (len(texts) - 1)]
    return [f"{name:<{_INDENT}}{printable(text)}" for name, text in zip(titles, texts, strict=True)]
