"""What `hearth report --html` says: facts of a build, of its last simulation and evaluation."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hearth.sim import record as simulations
from hearth.sim.record import Record
from hearth.sim.results import KernelResult
from hearth.toolchain.cli import chips, kernel_rows, made, memory_rows, tables
from hearth.toolchain.drawing import dataflow
from hearth.toolchain.drawing.dataflow import Spent
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.evaluate import record as evaluations
from hearth.toolchain.evaluate.fidelity import Accuracy
from hearth.toolchain.ir import QGraph
from hearth.toolchain.page import facts, report
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import advice, files
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable, shortened
from hearth.toolchain.targets import registry

SUFFIXES = (".html", ".htm")
_NAME = 120
"""Characters of a name."""


def check(file: Path) -> None:
    """HearthError for a file that is not called as a page is: what a build is made of is not."""
    if file.suffix.lower() not in SUFFIXES:
        raise HearthError(
            f"--html {file}: a name that ends in .html is expected; one to take: {file}.html"
        )


def write(file: Path, build: Build, clock: chips.Clock, board: str | None) -> None:
    """Write the page of a build. `board`: where its memories lie; None: on the first that it
    fits."""
    files.write_file(file, report.html(collect(file, build, clock, board)).encode())


def collect(file: Path, build: Build, clock: chips.Clock, board: str | None) -> facts.Page:
    """All that the page says; links are as seen from `file`."""
    rows = chips.rows(build.design, clock)
    ran, measured = simulations.last(build), evaluations.last(build)
    spent, names = _spent(build, ran), _names(build.qgraph)
    links = [f"#kernel-{index}" for index in range(len(build.design.stages))]
    try:
        return facts.Page(
            _short(build.qgraph.name),
            _cards(build, rows, ran, measured),
            [printable(line) for line in tables.summary(build.figures)[1:]],
            dataflow.inline(build.design, links, spent),
            dataflow.inline(build.design, links, spent, narrow=True),
            kernel_rows.of(build, spent, lambda path: _href(file, build.path / path)),
            memory_rows.of(build, board or _usual(rows)),
            facts.Boards(
                clock.sentence,
                rows,
                chips.notes(rows),
                [facts.Made(one.board, one.lines) for one in made.of(build)],
            ),
            _yardstick(str(build.figures["notes"].get("snr_reference", fidelity.FLOAT))),
            None if measured is None else _evaluation(names, *measured),
            None if ran is None else _simulation(names, ran),
            _commands(build, ran, measured),
            f"{advice.release()}, build {build_id(build):016x} in {build.path}",
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise tables.no_figures(build.path, error) from None


def _usual(rows: Sequence[dict[str, Any]]) -> str:
    """The first board that the build fits, else the usual one."""
    for verdict in (True, None):
        for row in rows:
            if row["fits"] is verdict:
                return str(row["board"])
    return registry.DEFAULT


def _href(file: Path, target: Path) -> str:
    """A file as seen from the page's folder, whatever characters lie in its path."""
    return quote(os.path.relpath(target.resolve(), file.resolve().parent))


def _spent(build: Build, ran: Record | None) -> list[Spent]:
    """Of every kernel, as the last simulation saw it; nothing where there was none."""
    kernels: Sequence[KernelResult] = ran.kernels if ran else ()
    if len(kernels) != len(build.design.stages):
        return []
    return [Spent(kernel.busy, kernel.starved, kernel.blocked) for kernel in kernels]


def _cards(
    build: Build,
    rows: Sequence[dict[str, Any]],
    ran: Record | None,
    measured: tuple[str, Accuracy] | None,
) -> facts.Rows:
    """The few figures that matter most, each with where it comes from."""
    model, simulated = build.design.cycles, ran.cycles_per_frame if ran else None
    cycles = f"{model:,} (model)" if simulated is None else f"{simulated:,} (simulated)"
    slowest = max(build.design.stages, key=lambda stage: stage.cycles)
    lanes = f"{build.design.lanes:,}, {100 * build.figures['mac_utilisation']:.1f} % at work"
    usual = _usual(rows)
    row = next(row for row in rows if row["board"] == usual)
    rate = f"{row['frames_per_second']:,.0f} frames/s at {row['clock_mhz']:g} MHz"
    return [
        ("cycles per frame", cycles),
        ("bottleneck", _short(slowest.layer.name)),
        *([] if row["fits"] is False else [(f"speed on {usual}", rate)]),
        ("MAC lanes", lanes),
        ("ROM", f"{tables.kib(build.figures['rom_bytes'])} KiB"),
        *([("top-1 accuracy", f"{measured[1].top1:.2f} %")] if measured else []),
    ]


def _yardstick(reference: str) -> str:
    """What figures were measured against."""
    return "float file" if reference == fidelity.FLOAT else "quantized file"


def _evaluation(names: Sequence[str], images: str, found: Accuracy) -> facts.Evaluation:
    theirs = f"{found.float_top1:.2f} %, {found.float_top5:.2f} %"
    rows = [
        ("photographs", f"{found.images:,}"),
        ("top-1, top-5", f"{found.top1:.2f} %, {found.top5:.2f} %"),
        (f"the {_yardstick(found.reference)}'s", theirs),
        ("same first class", f"{found.agreement:.2f} %"),
        ("probabilities apart", f"{found.divergence:.4f} nats (KL divergence, mean)"),
    ]
    confusion: dict[tuple[str, str], int] = {}
    for shown, named, count in found.confusion:
        confusion[names[shown], names[named]] = count
    return facts.Evaluation(images, rows, confusion)


def _simulation(names: Sequence[str], ran: Record) -> facts.Simulation:
    count = ran.frames or len(ran.classes)
    frames = [_frame(names, ran, i) for i in range(min(count, len(ran.thumbnails) or count))]
    stalls = f", {ran.stalls_percent} % of cycles withheld" if ran.stalls_percent else ""
    return facts.Simulation(ran.images, ran.ok, ran.verdict + stalls, count, frames)


def _frame(names: Sequence[str], ran: Record, index: int) -> facts.Frame:
    """What is known of a frame."""
    file, picture = (
        texts[index] if index < len(texts) else "" for texts in (ran.files, ran.thumbnails)
    )
    named, shown = (
        names[classes[index]] if index < len(classes) else ""
        for classes in (ran.classes, ran.labels)
    )
    right = bool(shown) and ran.classes[index] == ran.labels[index]
    url = f"data:image/jpeg;base64,{quote(picture, safe='+/=')}" if picture else ""
    return facts.Frame(os.path.basename(file) or f"frame {index}", url, named, shown, right)


def _names(qgraph: QGraph) -> list[str]:
    """What each class is called: the first of its names, with its number where others are called
    the same (ImageNet has two cranes)."""
    first = [_short(label.partition(",")[0]) for label in qgraph.labels]
    counts = Counter(first)
    named = [name if counts[name] == 1 else f"{name} (class {i})" for i, name in enumerate(first)]
    return named or [f"class {index}" for index in range(qgraph.classes)]


def _short(name: str) -> str:
    return shortened(printable(name), _NAME)


def _commands(
    build: Build, ran: Record | None, measured: tuple[str, Accuracy] | None
) -> facts.Rows:
    """What is missing, and what adds it."""
    found = []
    if ran is None:
        command = advice.command("sim", build.path, "IMAGES...")
        found.append(("what each kernel does in simulation, and frames", command))
    if measured is None and build.qgraph.classes:
        command = advice.command("eval", build.path, "--labels", "IMAGES")
        found.append(("accuracy, and which classes are taken for which", command))
    return found
