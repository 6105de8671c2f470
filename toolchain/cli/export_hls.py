"""The command `hearth export-hls`; toolchain/cli/main.py lists it among the others."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain.data import images
from hearth.toolchain.exports.hls4ml import export
from hearth.toolchain.ir import Array
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable


def export_hls(
    build: Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGES...]", help="Frames to compare; random ones if none."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to make; default BUILD-hls.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(metavar="NAME[:NAME]", help="A layer, a Fire module or a range; else all."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Use at most so many images.")] = 2,
    part: Annotated[str, typer.Option(help="AMD part to synthesize for.")] = export.PART,
    clock: Annotated[float, typer.Option(min=1, help="Clock in MHz.")] = export.CLOCK,
    run: Annotated[
        bool, typer.Option(help="Simulate in C and compare every value with the golden model.")
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON object.")
    ] = False,
) -> None:
    """Export to hls4ml (Vitis HLS); simulate its C++ and compare."""
    loaded = build_folder.load(build)
    target = output or build.with_name(f"{build.resolve().name}-hls")
    options = export.Options(target, layers, part, clock, run)
    with progress.shown() as tell:
        frames = _frames(loaded, inputs, limit)
        tell("hls4ml project, g++, C simulation (minutes for a whole network)", 0, 0)
        report = export.export(loaded.design, frames, options)
    if as_json:
        print(json_text.dumps(dataclasses.asdict(report)))
    else:
        print(_verdict(report))
    if report.mismatch:
        raise typer.Exit(1)
    script = shlex.join(["sh", f"{target}/synthesize.sh"])
    print(printable(f"made {target}; next: {script}"), file=sys.stderr)


def _frames(loaded: build_folder.Build, inputs: list[Path] | None, limit: int) -> Array | None:
    if not inputs:
        return None
    edge = loaded.qgraph.input
    chosen = images.open_all(inputs).limited(limit)
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
