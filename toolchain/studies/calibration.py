"""How accuracy falls with the number of calibration photographs, as Markdown.

    python -m hearth.toolchain.studies.calibration MODEL --preprocessing caffe --input-size 224 \\
        --calibration calib.csv --labels dev.csv [--counts 16,50,200] [--bits 4]
        [--layer-bits plan.json]

For each count as many photographs, evenly spread over the set, do all that calibration does: ranges
of the int8 network, then weights of few bits. Measured are a codebook of --bits bits in every layer
and the plan of --layer-bits. docs/results/few_bits.md quotes the table; how one set of photographs
serves many formats is few_bits.py's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain import pipeline
from hearth.toolchain.data import images, manifest
from hearth.toolchain.few_bits.calibrated import few_bits
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.quantize.precision import INT8, Format, Plan, read_plan
from hearth.toolchain.studies.few_bits import Bench, Row, Subject, bench_of, subject_of
from hearth.toolchain.support import progress, script
from hearth.toolchain.support.errors import HearthError

HEADER = "| photographs | weights | top-1 | agrees | KL | dB |\n|--:|---|--:|--:|--:|--:|"


def line(count: int, row: Row) -> str:
    """One network as the table has it."""
    return (
        f"| {count} | {row.name} | {row.top1:.1f} | {row.agreement:.1f}"
        f" | {row.divergence:.4f} | {row.decibels:.1f} |"
    )


def rows(
    subject: Subject, bench: Bench, plans: Mapping[str, Plan], report: progress.Report
) -> Iterator[Row]:
    """int8 and every plan, calibrated on the subject's photographs."""
    yield bench.measure("int8", subject.qgraph, subject.bytes(Plan(INT8)))
    for name, plan in plans.items():
        found = few_bits(subject.qgraph, subject.graph, subject.samples, plan, report)
        yield bench.measure(name, found, (0, 0))


def parsed(counts: str) -> Sequence[int]:
    """Of '16,50,200'. HearthError for anything else."""
    parts = counts.split(",")
    if not all(part.isascii() and part.isdigit() and int(part) for part in parts):
        raise HearthError(f"--counts: expects numbers such as 16,50,200, found '{counts}'")
    return [int(part) for part in parts]


def study(
    model_file: Annotated[Path, typer.Argument()],
    photographs: Annotated[Path, typer.Option("--calibration")],
    labels: Annotated[Path, typer.Option()],
    preset: Annotated[str | None, typer.Option("--preprocessing")] = None,
    input_size: Annotated[str | None, typer.Option()] = None,
    counts: Annotated[str, typer.Option(help="Photographs, comma-separated.")] = "16,50,200",
    bits: Annotated[int, typer.Option(help="Of the codebooks; 0 for none.", max=8)] = 4,
    layers: Annotated[Path | None, typer.Option("--layer-bits")] = None,
) -> None:
    """Print one line per count and format."""
    found = manifest.find(model_file, preset)
    model, graph = pipeline.front_end(model_file, parse_size(input_size) if input_size else None)
    found = replace(found, preprocessing=prepared(found.preprocessing, model))
    chosen, size = images.open_set(photographs), (graph.height, graph.width)
    bench = bench_of(model, graph, images.open_set(labels), found, 1)
    plans = {str(Format(bits, codebook=True)): Plan(Format(bits, codebook=True))} if bits else {}
    plans |= {layers.stem: read_plan(layers, INT8)} if layers else {}
    with progress.shown() as tell:
        print(HEADER)
        for count in parsed(counts):
            frames = chosen.limited(count).whole(found.preprocessing, size)
            subject = subject_of(model, graph, frames, found, tell)
            for row in rows(subject, bench, plans, tell):
                print(line(len(frames), row), flush=True)


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
