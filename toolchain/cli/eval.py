"""The command `hearth eval`: accuracy on labelled images."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain import pipeline
from hearth.toolchain.cli.frames import batches, seen
from hearth.toolchain.cli.options import BuildFolder, CameraSize, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.data import selection
from hearth.toolchain.evaluate import fidelity, record
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

Labels = Annotated[
    Path,
    typer.Option(
        metavar="IMAGES", help="CSV with columns file,label; an .npz; a folder with one per class."
    ),
]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Use at most so many images.")]


def evaluate(
    build: BuildFolder,
    labels: Labels,
    limit: Limit = None,
    camera_size: CameraSize = None,
    as_json: Json = False,
) -> None:
    """Measure accuracy beside your file's in ONNX Runtime."""
    loaded = build_folder.load(build)
    qgraph = loaded.qgraph
    golden.classes(qgraph, "--labels")
    found = selection.labelled(labels, qgraph)
    limited = found.images if limit is None else found.images.limited(limit)
    chosen = seen(qgraph, limited, camera_size)
    if found.origin:
        print(printable(found.origin), file=sys.stderr)
    model, graph = pipeline.reopened(loaded)
    with progress.shown() as tell:
        frames = batches(qgraph, chosen, "golden model and ONNX Runtime", tell)
        result = fidelity.accuracy(qgraph, model, graph, frames, chosen.labels)
    if as_json:
        print_json({**dataclasses.asdict(result), "left_out": found.left_out})
    else:
        print_lines([*lines(result), *left_out(found)])
    try:
        record.keep(loaded, chosen.source, result)
    except HearthError as error:  # a build that may only be read was measured all the same
        warnings.warn(str(error), stacklevel=2)
    tell_next(f"{result.images} images evaluated", "report", build)


def lines(result: fidelity.Accuracy) -> list[str]:
    """Both accuracies beside each other."""
    name = "float" if result.reference == fidelity.FLOAT else "quantized"
    yardstick = f"{name} (ORT)".ljust(16)
    return [
        f"{result.images} images      top-1     top-5",
        f"golden int8     {result.top1:6.2f} %  {result.top5:6.2f} %",
        f"{yardstick}{result.float_top1:6.2f} %  {result.float_top5:6.2f} %",
        f"same first class for {result.agreement:.2f} % of the images",
        f"class probabilities apart by {result.divergence:.4f} nats (KL divergence, mean)",
    ]


def left_out(found: selection.Labelled) -> list[str]:
    """How many photographs show none of the classes that are kept."""
    count = found.left_out
    return [f"{count} photographs of other classes left out"] if count else []
