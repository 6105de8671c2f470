"""Compares ways of quantizing one model; docs/results/quantization.md holds what this prints.

    python -m hearth.toolchain.studies.quantization MODEL --preprocessing caffe \\
        --calibration calib.csv --labels dev.csv

With --crops 5 agreement and decibels are over the centre and the four corners of every photograph,
since they need no label and 200 photographs alone leave an uncertainty of one and a half points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain import pipeline
from hearth.toolchain.data import images, manifest
from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, Preprocessing, QGraph, golden
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import Quantization, quantize
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError

VARIANTS = (
    ("mse", True, 16),
    ("mse", True, 8),
    ("mse", False, 16),
    ("max", True, 16),
    ("max", False, 16),
    ("percentile", True, 16),
    ("percentile", True, 8),
    ("percentile", False, 16),
)
"""Rule for ranges, whether biases are corrected, bits of the last layer's result."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Frames with the float network's logits [n, classes]."""

    frames: Array
    logits: Array


def crops(chosen: images.ImageSet, preprocessing: Preprocessing, side: int) -> Iterator[Array]:
    """Frames of the centre, then of the four corners: uint8 [photographs, side, side, 3]."""
    full = max(preprocessing.resize, side)
    whole = chosen.whole(preprocessing, (full, full))
    room = full - side
    for y, x in ((room // 2, room // 2), (0, 0), (0, room), (room, 0), (room, room)):
        yield whole[:, y : y + side, x : x + side]


def float_logits(reference: Reference, frames: Array, preprocessing: Preprocessing) -> Array:
    """Logits [n, classes] of ONNX Runtime."""
    step = images.FRAME_BATCH
    parts = (as_float(frames[i : i + step], preprocessing) for i in range(0, len(frames), step))
    return np.concatenate([reference.run(part)[0].reshape(len(part), -1) for part in parts])


def study(
    model_file: Annotated[Path, typer.Argument()],
    photographs: Annotated[Path, typer.Option("--calibration")],
    labels: Annotated[Path, typer.Option()],
    preset: Annotated[str | None, typer.Option("--preprocessing")] = None,
    input_size: Annotated[str | None, typer.Option()] = None,
    crops_: Annotated[int, typer.Option("--crops", min=1, max=5)] = 1,
) -> None:
    """Print one row per variant."""
    model, graph = pipeline.front_end(model_file, parse_size(input_size) if input_size else None)
    preprocessing = prepared(manifest.find(model_file, preset).preprocessing, model)
    if graph.height != graph.width:
        raise HearthError("the study needs a square input size")
    chosen, labelled = images.open_set(photographs), images.open_set(labels)
    frames = chosen.batches(preprocessing, (graph.height, graph.width))
    statistics = calibration.collect(model, graph, frames, preprocessing, chosen.source)
    parts = list(crops(labelled, preprocessing, graph.height))[:crops_]
    reference = Reference(model, [graph.layers[-1].tensor])
    logits = [float_logits(reference, part, preprocessing) for part in parts]
    sample = Sample(np.concatenate(parts), np.concatenate(logits))
    truth = np.asarray(labelled.labels)
    right = 100 * float((logits[0].argmax(axis=1) == truth).mean())
    print(f"| range | biases | last layer | top-1 (float {right:.1f} %) | agreement | logits |")
    print("|---|---|---|--:|--:|--:|")
    for rule, correct, bits in VARIANTS:
        options = Quantization(rule=rule, correct_bias=correct, last_bits=bits)
        print(_row(quantize(graph, statistics, preprocessing, options), options, sample, truth))


def _row(qgraph: QGraph, options: Quantization, sample: Sample, truth: Array) -> str:
    """What one variant gives; the photographs' centres come first in the sample."""
    output = golden.outputs(qgraph, sample.frames)
    best = golden.top(qgraph, output)[:, 0]
    noise = np.square(golden.logits(qgraph, output) - sample.logits).sum()
    decibels = 10 * float(np.log10(np.square(sample.logits).sum() / noise))
    top1 = 100 * float((best[: len(truth)] == truth).mean())
    agreement = 100 * float((best == sample.logits.argmax(axis=1)).mean())
    biases = "corrected" if options.correct_bias else "not"
    return (
        f"| {options.rule} | {biases} | {options.last_bits} bits | {top1:.1f} %"
        f" | {agreement:.1f} % | {decibels:.1f} dB |"
    )


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
