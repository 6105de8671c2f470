"""Compares ways of quantizing one model; docs/results/quantization.md quotes its tables.

    python -m hearth.toolchain.studies.quantization MODEL --preprocessing caffe \\
        --calibration calib.csv --labels dev.csv

Every labelled photograph is cut at its centre and its four corners, since agreement with the float
network needs no label and 200 photographs alone leave an uncertainty of one and a half points.
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

VARIANTS = {
    "mse": Quantization(rule="mse"),
    "percentile": Quantization(rule="percentile"),
    "max": Quantization(rule="max"),
    "mse, last layer 8 bits": Quantization(rule="mse", last_bits=8),
    "mse, biases not corrected": Quantization(rule="mse", correct_bias=False),
}


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


def compare(qgraph: QGraph, sample: Sample) -> tuple[float, float]:
    """Agreement of the first class in percent, and signal to noise of the logits in dB."""
    output = golden.outputs(qgraph, sample.frames)
    noise = np.square(golden.logits(qgraph, output) - sample.logits).sum()
    agreement = golden.top(qgraph, output)[:, 0] == sample.logits.argmax(axis=1)
    signal = np.square(sample.logits).sum()
    return 100 * float(agreement.mean()), 10 * float(np.log10(signal / noise))


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
) -> None:
    """Print one line per variant."""
    model, graph = pipeline.front_end(model_file, parse_size(input_size) if input_size else None)
    preprocessing = prepared(manifest.find(model_file, preset).preprocessing, model)
    if graph.height != graph.width:
        raise HearthError("the study needs a square input size")
    chosen, labelled = images.open_set(photographs), images.open_set(labels)
    frames = chosen.batches(preprocessing, (graph.height, graph.width))
    statistics = calibration.collect(model, graph, frames, preprocessing, chosen.source)
    parts = list(crops(labelled, preprocessing, graph.height))
    reference = Reference(model, [graph.layers[-1].tensor])
    logits = [float_logits(reference, part, preprocessing) for part in parts]
    centre, all_ = (
        Sample(parts[0], logits[0]),
        Sample(np.concatenate(parts), np.concatenate(logits)),
    )
    truth = np.asarray(labelled.labels)
    print(f"{len(truth)} photographs, {len(all_.frames)} crops")
    print(f"float: top-1 {100 * float((centre.logits.argmax(axis=1) == truth).mean()):.1f} %")
    for name, options in VARIANTS.items():
        qgraph = quantize(graph, statistics, preprocessing, options)
        best = golden.top(qgraph, golden.outputs(qgraph, centre.frames))[:, 0]
        agreement, decibels = compare(qgraph, all_)
        print(
            f"{name:28s} top-1 {100 * float((best == truth).mean()):5.1f} %  agreement"
            f" {compare(qgraph, centre)[0]:5.1f} % (crops {agreement:5.1f} %), {decibels:5.2f} dB",
            flush=True,
        )


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
