"""One command, one table: float, int8 and few-bit weights of one model, with bytes and distances.

    python -m hearth.toolchain.studies.few_bits MODEL --preprocessing caffe \\
        --calibration calib.csv --labels dev.csv \\
        [--input-size 227] [--mixed 627KB --mixed 532KB] [--halves 380KB] [--trellis 380KB]
        [--plans FOLDER] [--plot curve.png] [--classes wanted.txt --class-names names.txt]

Calibrates on one set of photographs and measures on the other. `bytes` counts everything that the
ROMs hold, `weights` only weights and codebooks. With --classes the network is cut to these first,
and only photographs of them count. docs/results/few_bits.md quotes the tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hearth.toolchain import pipeline
from hearth.toolchain.data import class_names, images, manifest, selection
from hearth.toolchain.few_bits import allocation, compression
from hearth.toolchain.few_bits.calibrated import Samples, few_bits, keep_codebooks, sample
from hearth.toolchain.few_bits.mixed import Offer, parse_bytes
from hearth.toolchain.few_bits.sensitivity import Sensitivity, divergence
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import parse_size
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.frontend.reference import Reference
from hearth.toolchain.ir import Array, Graph, QGraph, convolutions, golden
from hearth.toolchain.ir.graph import classes as count_classes
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import INT8, Format, Plan, Size
from hearth.toolchain.studies.quantization import crops, float_logits
from hearth.toolchain.support import progress, script
from hearth.toolchain.support.files import write_file

ENCODINGS = ("int8", "fixed", "bitmap", "runs", "huffman", "runs_huffman", "entropy")
HEADER = (
    "| weights | bytes | of these weights | top-1 | top-5 | agrees | KL | dB |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True)
class Row:
    """One network: shares in percent, divergence in nats, logit signal to noise in dB."""

    name: str
    bytes: int
    weights: int
    top1: float
    top5: float
    agreement: float
    divergence: float
    decibels: float

    def __str__(self) -> str:
        return (
            f"| {self.name} | {self.bytes:,} | {self.weights:,} | {self.top1:.1f}"
            f" | {self.top5:.1f} | {self.agreement:.1f}"
            f" | {self.divergence:.4f} | {self.decibels:.1f} |"
        )


@dataclass(frozen=True, eq=False)
class Bench:
    """What every row is measured on: frames, the float logits, and the true classes. The first
    `len(truth)` frames are the photographs' centres, which top-1 and top-5 count; agreement and
    distance count the rest, other crops of them, too."""

    frames: Array
    logits: Array
    truth: Array

    def row(self, name: str, found: Array, size: tuple[int, int]) -> Row:
        best = np.argsort(-found, axis=1, kind="stable")[:, :5]
        same = 100.0 * (best[:, 0] == self.logits.argmax(axis=1))
        hits = 100.0 * (best[: len(self.truth)] == self.truth[:, None])
        noise = np.square(found - self.logits).sum()
        return Row(
            name,
            *size,
            top1=float(hits[:, 0].mean()),
            top5=float(hits.sum(axis=1).mean()),
            agreement=float(same.mean()),
            divergence=divergence(self.logits, found),
            decibels=float(10 * np.log10(np.square(self.logits).sum() / noise))
            if noise
            else np.inf,
        )

    def measure(self, name: str, qgraph: QGraph, size: tuple[int, int]) -> Row:
        return self.row(name, golden.logits(qgraph, golden.outputs(qgraph, self.frames)), size)


@dataclass(frozen=True, eq=False)
class Subject:
    """The network under study, as int8, with what is needed to take bits away."""

    qgraph: QGraph
    graph: Graph
    samples: Samples
    sizes: dict[str, Size]

    def bytes(self, plan: Plan) -> tuple[int, int]:
        weights = sum(size.weight_bits(plan.format(name)) for name, size in self.sizes.items())
        return allocation.total_bytes(self.sizes, plan), -(-weights // 8)


@dataclass(frozen=True)
class Budgets:
    """Bytes for which bits are shared out: among layers, among halves of expand stages as well, and
    with trellis codes to choose from; where the plans are written."""

    mixed: Sequence[int] = ()
    halves: Sequence[int] = ()
    trellis: Sequence[int] = ()
    plans: Path | None = None


def rows(
    subject: Subject,
    bench: Bench,
    formats: Sequence[Format],
    budgets: Budgets,
    report: progress.Report,
) -> Iterator[Row]:
    """Every row, as soon as it is known."""
    int8 = Plan(INT8)
    weights = sum(size.weights for size in subject.sizes.values())
    channels = sum(size.channels for size in subject.sizes.values())
    yield bench.row("float", bench.logits, (4 * (weights + channels), 4 * weights))
    yield bench.measure("int8 nearest", subject.qgraph, subject.bytes(int8))
    for chosen in formats:
        plan = Plan(chosen)
        found = few_bits(subject.qgraph, subject.graph, subject.samples, plan, report)
        yield bench.measure(str(chosen), found, subject.bytes(plan))
    if budgets.mixed:
        offer = _offer(subject, trellis=False, report=report)
        yield from _within(subject, bench, offer, "mixed", budgets.mixed, budgets.plans, report)
    if budgets.halves or budgets.trellis:
        offer = _offer(subject, trellis=True, report=report)
        halves = replace(offer, sensitivity=_codebooks_alone(offer.sensitivity))
        yield from _within(subject, bench, halves, "halves", budgets.halves, budgets.plans, report)
        yield from _within(subject, bench, offer, "trellis", budgets.trellis, budgets.plans, report)


def _offer(subject: Subject, *, trellis: bool, report: progress.Report) -> Offer:
    given = subject.qgraph, subject.graph, subject.samples, subject.sizes
    return Offer.of(*given, trellis=trellis, report=report)


def _codebooks_alone(sensitivity: Sensitivity) -> Sensitivity:
    losses = {
        name: {chosen: loss for chosen, loss in formats.items() if not chosen.window}
        for name, formats in sensitivity.losses.items()
    }
    return Sensitivity(losses)


def _within(
    subject: Subject,
    bench: Bench,
    offer: Offer,
    kind: str,
    budgets: Sequence[int],
    plans: Path | None,
    report: progress.Report,
) -> Iterator[Row]:
    """The best plan of every budget, rounded and measured."""
    for budget in budgets:
        plan = offer.plan(budget)
        if plans is not None:
            text = json.dumps(plan.as_json(), indent=1) + "\n"
            write_file(plans / f"{kind}_{budget}.json", text.encode())
        found = few_bits(subject.qgraph, subject.graph, subject.samples, plan, report)
        bits = "/".join(str(plan.format(name).bits) for name in offer.sizes)
        weights = sum(size.weight_bits(plan.format(name)) for name, size in offer.sizes.items())
        yield bench.measure(f"{kind} {bits}", found, (offer.bytes(plan), -(-weights // 8)))


def sharing_rows(
    subject: Subject, bench: Bench, values: Sequence[int], report: progress.Report
) -> Iterator[tuple[Row, QGraph]]:
    """A model that shares weights and has many zeros: its own codebooks, then new ones of
    2^bits non-zero values with the zeros kept."""
    found = keep_codebooks(subject.qgraph, subject.graph, subject.samples, report)
    yield bench.measure("own codebooks", found, _compressed(found)), found
    for bits in values:
        plan = Plan(Format(bits, codebook=True))
        found = few_bits(
            subject.qgraph, subject.graph, subject.samples, plan, report, keep_zeros=True
        )
        yield bench.measure(f"{1 << bits} values and zero", found, _compressed(found)), found


def _compressed(qgraph: QGraph) -> tuple[int, int]:
    """Bytes in the shortest encoding, with and without bias and multiplier."""
    weights = -(-int(compression.network(qgraph).best) // 8)
    return weights + compression.channel_bytes(qgraph), weights


def encodings(name: str, qgraph: QGraph) -> str:
    """One line: kilobytes of the weights in every encoding."""
    sizes = compression.network(qgraph)
    figures = " | ".join(f"{sizes.kilobytes()[key]:.1f}" for key in ENCODINGS)
    return f"| {name} | {100 * sizes.zeros / sizes.weights:.1f} | {figures} |"


def subject_of(
    model: OnnxModel, graph: Graph, frames: Array, found: manifest.Manifest, report: progress.Report
) -> Subject:
    """Calibrate, quantize to int8, and sample the float network's columns."""
    step = images.FRAME_BATCH
    batches = (frames[i : i + step] for i in range(0, len(frames), step))
    statistics = calibration.collect(model, graph, batches, found.preprocessing, "calibration")
    qgraph = quantize(graph, statistics, found.preprocessing)
    samples = sample(qgraph, model, graph, frames, report=report)
    sizes = {name: Size.of(layer) for name, layer in convolutions(graph).items()}
    return Subject(qgraph, graph, samples, sizes)


def bench_of(
    model: OnnxModel, graph: Graph, labelled: images.ImageSet, found: manifest.Manifest, count: int
) -> Bench:
    """The first `count` of centre and corner crops of every photograph."""
    parts = list(crops(labelled, found.preprocessing, graph.height))[:count]
    reference = Reference(model, [graph.layers[-1].tensor])
    logits = [float_logits(reference, part, found.preprocessing) for part in parts]
    return Bench(np.concatenate(parts), np.concatenate(logits), np.asarray(labelled.labels))


def plot(found: Sequence[Row], path: Path) -> None:
    """Distance to the float network against bytes."""
    import matplotlib.pyplot as plt  # optional: only this option needs it

    figure, axes = plt.subplots(figsize=(7, 4.5))
    for kind in ("int8", "uniform", "codebook", "mixed", "halves", "trellis"):
        points = sorted((r.bytes / 1000, r.divergence) for r in found if kind in r.name.split())
        if points:
            axes.plot(*zip(*points, strict=True), "o-", label=kind)
    axes.set(xlabel="ROM, kB (everything counted)", ylabel="KL divergence from float, nats")
    axes.set_yscale("log")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)


def study(
    model_file: Annotated[Path, typer.Argument()],
    photographs: Annotated[Path, typer.Option("--calibration")],
    labels: Annotated[Path, typer.Option()],
    preset: Annotated[str | None, typer.Option("--preprocessing")] = None,
    input_size: Annotated[str | None, typer.Option()] = None,
    bits: Annotated[str, typer.Option(help="Comma-separated.")] = "6,5,4,3",
    kinds: Annotated[str, typer.Option(help="uniform, codebook, or both.")] = "uniform,codebook",
    mixed: Annotated[list[str] | None, typer.Option(help="ROM budget; repeatable.")] = None,
    halves: Annotated[list[str] | None, typer.Option(help="The same, halves apart.")] = None,
    trellis: Annotated[list[str] | None, typer.Option(help="The same, with trellises.")] = None,
    plans: Annotated[Path | None, typer.Option(help="Folder for the plans chosen.")] = None,
    classes: Annotated[Path | None, typer.Option(help="Those to keep.")] = None,
    names: Annotated[Path | None, typer.Option("--class-names")] = None,
    sharing: Annotated[bool, typer.Option(help="Keep the model's shared weights, zeros.")] = False,
    crops_: Annotated[int, typer.Option("--crops", min=1, max=5)] = 1,
    as_json: Annotated[Path | None, typer.Option("--json")] = None,
    picture: Annotated[Path | None, typer.Option("--plot", help="Needs matplotlib.")] = None,
) -> None:
    """Print one line per format."""
    found = manifest.find(model_file, preset)
    model, graph = pipeline.front_end(model_file, parse_size(input_size) if input_size else None)
    found = replace(found, preprocessing=prepared(found.preprocessing, model))
    chosen = images.open_set(photographs)
    size = (graph.height, graph.width)
    frames = chosen.whole(found.preprocessing, size)
    labelled = images.open_set(labels)
    model, graph, labelled = _cut(model, graph, labelled, classes, _names(found, names))
    bench = bench_of(model, graph, labelled, found, crops_)
    budgets = Budgets(_bytes(mixed), _bytes(halves), _bytes(trellis), plans)
    formats = _formats(bits, kinds)
    with progress.shown() as tell:
        subject = subject_of(model, graph, frames, found, tell)
        print(HEADER)
        done = _printed(rows(subject, bench, formats, budgets, tell))
        done += _sharing(subject, bench, tell) if sharing else []
    if as_json:
        as_json.write_text(json.dumps([asdict(row) for row in done], indent=1) + "\n")
    if picture:
        plot(done, picture)


def _formats(bits: str, kinds: str) -> list[Format]:
    return [
        Format(int(b), kind == "codebook")
        for b in bits.split(",")
        if b
        for kind in kinds.split(",")
    ]


def _bytes(budgets: Sequence[str] | None) -> list[int]:
    return [parse_bytes(text) for text in budgets or []]


def _names(found: manifest.Manifest, file: Path | None) -> Sequence[str]:
    return found.labels if file is None else class_names.read(file)


def _cut(
    model: OnnxModel,
    graph: Graph,
    labelled: images.ImageSet,
    wanted: Path | None,
    names: Sequence[str],
) -> tuple[OnnxModel, Graph, images.ImageSet]:
    """The network with the wanted classes alone, and the photographs of these; None wants all."""
    if wanted is None:
        return model, graph, labelled
    kept = selection.read(wanted, names, count_classes(graph))
    return *pipeline.cut(model, kept.numbers), kept.kept(labelled)


def _printed(found: Iterator[Row]) -> list[Row]:
    """All rows, each printed as soon as it is known."""
    done = []
    for row in found:
        print(row, flush=True)
        done.append(row)
    return done


def _sharing(subject: Subject, bench: Bench, report: progress.Report) -> list[Row]:
    """The rows of a model that shares weights, then a table of its weights in every encoding."""
    found = []
    for row, qgraph in sharing_rows(subject, bench, (4,), report):
        print(row, flush=True)
        found.append((row, qgraph))
    print(f"\n| weights, kB | zeros, % | {' | '.join(ENCODINGS)} |")
    coded = (encodings(row.name, qgraph) for row, qgraph in found)
    print("|---|" + "--:|" * (len(ENCODINGS) + 1), *coded, sep="\n")
    return [row for row, _ in found]


if __name__ == "__main__":
    script.run(lambda: typer.run(study))
