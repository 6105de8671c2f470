"""What trellis codes leave of a codebook's error, matrix by matrix, as Markdown.

    python -m hearth.toolchain.studies.trellis MODEL --preprocessing caffe --input-size 224 \\
        --calibration calib.csv [--matrices fire4/expand3x3,conv10] [--codes 6x8,6x4] [--bits 1,2]

Each matrix is rounded on columns of the int8 network, as the first of a network would be; the
figures are squared errors of its result over those of a codebook of as many bits. few_bits/trellis
predicts losses by them, and docs/results/few_bits.md quotes the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain import pipeline
from hearth.toolchain.data import images, manifest
from hearth.toolchain.few_bits import codebook, trellis
from hearth.toolchain.few_bits.calibrated import advance, gather, real_parts
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.few_bits.reformat import problems
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.ir import Weighted, convolutions
from hearth.toolchain.quantize.precision import Format, matrices
from hearth.toolchain.studies.few_bits import Subject, subject_of
from hearth.toolchain.support import progress, script

MATRICES = "fire5/squeeze1x1,fire4/expand3x3,fire8/expand1x1,fire9/expand3x3"


def given(subject: Subject, names: list[str]) -> Iterator[tuple[str, Problem]]:
    """The rounding problems of some matrices, in stream order."""
    floats, maps = convolutions(subject.graph), subject.samples.frames
    for layer in subject.qgraph.layers:
        if isinstance(layer, Weighted):
            real = floats[layer.name]
            parts = real_parts(real, subject.qgraph, keep_zeros=False)
            evidence = gather(layer, real, subject.samples, maps)
            found = problems(parts, evidence, subject.samples.options.ridge)
            for part, problem in zip(matrices(real), found, strict=True):
                if part.name in names:
                    yield part.name, problem
        maps = advance(layer, maps)


def remains(problem: Problem, chosen: Format) -> float:
    """Squared error in the result of a trellis code over a codebook's of as many bits."""
    floor = np.full(problem.target.shape[1], 1e-30, np.float32)
    _, (plain,) = codebook.shared([problem], 1 << chosen.bits, [floor])
    _, found = trellis.own(problem, chosen.bits, chosen.window, chosen.group, floor)
    return _error(problem, found) / _error(problem, plain)


def _error(problem: Problem, found: Solution) -> float:
    return float(problem.errors(found.integers, found.scale).sum())


def study(
    model_file: Annotated[Path, typer.Argument()],
    photographs: Annotated[Path, typer.Option("--calibration")],
    preset: Annotated[str | None, typer.Option("--preprocessing")] = None,
    input_size: Annotated[str | None, typer.Option()] = None,
    names: Annotated[str, typer.Option("--matrices")] = MATRICES,
    codes: Annotated[str, typer.Option(help="Window x group, comma-separated.")] = "6x8",
    bits: Annotated[str, typer.Option(help="Comma-separated.")] = "1,2,3,4",
) -> None:
    """Print one line per matrix and code."""
    found = manifest.find(model_file, preset)
    model, graph = pipeline.front_end(model_file, parse_size(input_size) if input_size else None)
    found = replace(found, preprocessing=prepared(found.preprocessing, model))
    chosen = images.open_set(photographs)
    frames = chosen.whole(found.preprocessing, (graph.height, graph.width))
    counts = [int(text) for text in bits.split(",")]
    shapes = [tuple(map(int, text.split("x"))) for text in codes.split(",")]
    with progress.shown() as tell:
        subject = subject_of(model, graph, frames, found, tell)
        print(f"| matrix | window | group | {' | '.join(f'{b} bits' for b in counts)} |")
        print("|---|" + "--:|" * (2 + len(counts)))
        for name, problem in given(subject, names.split(",")):
            for window, group in shapes:
                figures = [remains(problem, Format.trellis(b, window, group)) for b in counts]
                shown = " | ".join(f"{figure:.2f}" for figure in figures)
                print(f"| {name} | {window} | {group} | {shown} |", flush=True)


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
