"""The command `hearth export-hls`; toolchain/cli/main.py lists it among the others."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain.cli.groups import Group
from hearth.toolchain.cli.options import OUTPUT, BuildFolder, Json, Limit, Pieces, SomeImages
from hearth.toolchain.cli.output import print_json, print_lines, say_next
from hearth.toolchain.data import images
from hearth.toolchain.exports.hls4ml import export
from hearth.toolchain.ir import Array
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Folder to make; default BUILD-hls.",
        rich_help_panel=OUTPUT,
    ),
]


@dataclass(frozen=True)
class Export(Group):
    """What is exported, and for which chip."""

    title = "Export"
    layers: Annotated[
        str | None,
        typer.Option(metavar="NAME[:NAME]", help="A layer, a Fire module or a range; else all."),
    ] = None
    part: Annotated[str, typer.Option(metavar="PART", help="AMD part to synthesize for.")] = (
        export.PART
    )
    clock: Annotated[float, typer.Option(metavar="MHZ", min=1, help="Clock.")] = export.CLOCK


@dataclass(frozen=True)
class Simulation(Group):
    """How the exported C++ is tried."""

    title = "C simulation"
    limit: Limit = 2
    run: Annotated[bool, typer.Option(help="Compare every value with the golden model.")] = True


def export_hls(
    build: BuildFolder,
    inputs: SomeImages = None,
    *,
    which: Pieces,
    what: Export,
    how: Simulation,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Export to hls4ml (Vitis HLS); simulate its C++ and compare.

    Without IMAGES the frames are random.
    """
    loaded = build_folder.load(build)
    target = output or build.with_name(f"{build.resolve().name}-hls")
    options = export.Options(target, what.layers, what.part, what.clock, how.run)
    with progress.shown() as tell:
        frames = _frames(loaded, inputs, which, how.limit)
        tell("hls4ml project, g++, C simulation (minutes for a whole network)", 0, 0)
        report = export.export(loaded.design, frames, options)
    if as_json:
        print_json(dataclasses.asdict(report))
    else:
        print_lines([_verdict(report)])
    if report.mismatch:
        raise typer.Exit(1)
    script = shlex.join(["sh", f"{target}/synthesize.sh"])
    say_next(f"made {target}", script)


def _frames(
    loaded: build_folder.Build, inputs: list[Path] | None, which: Pieces, limit: int
) -> Array | None:
    if not inputs:
        return None
    edge = loaded.qgraph.input
    chosen = images.open_all(inputs, which.part).limited(limit)
    batches = list(chosen.batches(loaded.qgraph.preprocessing, (edge.height, edge.width)))
    if not batches:
        raise HearthError(f"{inputs[0]}: holds no images")
    return np.concatenate(batches)


def _verdict(report: export.Report) -> str:
    if report.mismatch:
        return f"hls4ml and golden model differ: {report.mismatch}"
    size = f"{len(report.layers)} layers, {report.multipliers:,} multipliers"
    if not report.frames:
        return f"{size}; C simulation not run, C synthesis not run"
    frames = "1 frame" if report.frames == 1 else f"{report.frames} frames"
    return (
        f"{size}; C simulation equal to the golden model in all {report.values:,} values of"
        f" {frames}; C synthesis not run"
    )
