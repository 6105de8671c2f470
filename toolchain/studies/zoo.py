"""The zoo: networks of many kinds, compiled, with what they reach, as Markdown.

    python -m hearth.toolchain.studies.zoo
    python -m hearth.toolchain.studies.zoo --measure test/ [--network resnet8]

Lanes, cycles and ROM follow from a network's shape alone, so the first command compiles each with
drawn weights and needs no file. Accuracies are those of the second: it takes the trained files of
weights/zoo, calibrates them on the embedded model's photographs, counts over labelled photographs
(a folder per class, as the test archive unpacks), and writes weights/zoo/measured.json, which
belongs to the SHA-256 of each file. docs/results/zoo.md holds what this prints.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hearth.toolchain import pipeline
from hearth.toolchain.data import manifest, selection
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.ir import Design, Stage
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.rtl import rom
from hearth.toolchain.stages import Options
from hearth.toolchain.studies import embedded
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import files, json_text, reading, script
from weights.classes import SIZE
from weights.zoo.networks import NETWORKS

FOLDER = embedded.MODEL.parents[1] / "zoo"
CALIBRATION = embedded.MODEL.parent / "calibration.npz"
MEASURED = FOLDER / "measured.json"
LARGEST = 500_000
"""Bytes of a trained file in git; a larger one is made by the command."""
LANES: Mapping[str, int] = {
    "squeezenet_bypass": 256,
    "resnet8": 192,
    "resnet20": 160,
    "mobilenet_v1": 224,
    "mobilenet_v2": 160,
    "nin": 192,
    "inception": 256,
    "squeezenet_svd": 256,
}
"""What each is asked to fold to: about as many as boards have for the embedded model."""


@cache
def design(name: str) -> Design:
    """A network with drawn weights, folded and scheduled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.onnx"
        path.write_bytes(NETWORKS[name].blueprint().blank(name).SerializeToString())
        model, graph = pipeline.front_end(path, None)
        preset = manifest.PRESETS["unit"]
        frames = np.random.default_rng(2).integers(0, 256, (4, SIZE, SIZE, 3), np.uint8)
        statistics = calibration.collect(model, graph, [frames], preset, "drawn")
    return schedule(fold(quantize(graph, statistics, preset), lanes=LANES[name]))


def measured() -> Mapping[str, Mapping[str, Any]]:
    """What `--measure` found, by network: sha256, images, float, int8 and same, in percent."""
    found: Mapping[str, Mapping[str, Any]] = reading.json_value(MEASURED, 1 << 16)
    return found


@cache
def table() -> str:
    """One row per network."""
    heads = (
        "network", "parameters", "epochs", "photographs", "top-1, float", "int8",
        "same first class", "lanes", "cycles", "lanes at work", "padding not counted",
        "ROM bytes", "weights",
    )  # fmt: skip
    return lines(heads, "lrrrrrrrrrrrl", [_row(name) for name in NETWORKS])


def _row(name: str) -> tuple[str, ...]:
    entry, made = NETWORKS[name], design(name)
    blueprint, found = entry.blueprint(), measured().get(name)
    shares = [f"{found[key]:.2f} %" for key in ("float", "int8", "same")] if found else [""] * 3
    inside = blueprint.products(padding=False) / (made.lanes * made.cycles)
    return (
        entry.title,
        f"{blueprint.parameters:,}",
        f"{entry.epochs if found else ''}",
        f"{found['images']:,}" if found else "",
        *shares,
        f"{made.lanes:,}",
        f"{made.cycles:,}",
        f"{100 * made.utilisation:.1f} %",
        f"{100 * inside:.1f} %",
        f"{rom.total_bytes(made.roms):,}",
        _weights(name, blueprint.parameters, found is not None),
    )


def _weights(name: str, parameters: int, trained: bool) -> str:
    """Where the trained file is, or what makes it."""
    if not NETWORKS[name].epochs:
        return "by its shape alone"
    if trained and 4 * parameters < LARGEST:
        return f"`weights/zoo/{name}`"
    return f"{'not in git' if trained else 'not trained yet'}: `--network {name}`"


def pointwise(name: str) -> list[Stage]:
    """Kernels of a network's 1x1 convolutions over maps, its classifier left out."""
    made = design(name)
    ones = {conv.name for conv in NETWORKS[name].blueprint().convolutions[:-1] if conv.pointwise}
    return [stage for stage in made.weighted if stage.layer.name in ones]


@cache
def pointwise_table() -> str:
    """MobileNet v1's pointwise layers, each alone."""
    made = design("mobilenet_v1")
    rows = [
        (stage.layer.name, f"{stage.lanes}", f"{100 * at_work(stage, made):.1f} %")
        for stage in pointwise("mobilenet_v1")
    ]
    return lines(("kernel", "lanes", "at work"), "lrr", rows)


def at_work(stage: Stage, made: Design) -> float:
    """Share of a kernel's lanes at work (0..1) while the network runs at its pace."""
    return stage.layer.macs / (stage.lanes * made.cycles)


def measure(name: str, labels: Path, limit: int) -> dict[str, Any]:
    """Accuracy of the trained file, float and int8."""
    path = FOLDER / name / f"{name}.onnx"
    passes = pipeline.FRONT_END + pipeline.QUANTIZATION
    state = pipeline.run(passes, Options(path, calibration=CALIBRATION))
    chosen = selection.labelled(labels, state.qgraph).images.limited(limit)
    frames = chosen.batches(state.qgraph.preprocessing, (SIZE, SIZE))
    front = state.front
    found = fidelity.accuracy(state.qgraph, front.onnx, front.graph, frames, chosen.labels)
    return {
        "sha256": front.manifest.sha256,
        "images": found.images,
        "float": found.float_top1,
        "int8": found.top1,
        "same": found.agreement,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hearth.toolchain.studies.zoo")
    parser.add_argument("--measure", type=Path, metavar="LABELS", help="labelled photographs")
    parser.add_argument("--network", choices=NETWORKS, help="measure this one alone")
    parser.add_argument("--limit", type=int, default=5000, help="photographs, evenly spread")
    given = parser.parse_args()
    if given.measure is not None:
        known = dict(measured()) if MEASURED.is_file() else {}
        wanted = [given.network] if given.network else [n for n in NETWORKS if _trained(n)]
        for name in wanted:
            known[name] = measure(name, given.measure, given.limit)
            print(name, known[name], flush=True)
        kept = {name: known[name] for name in NETWORKS if name in known}
        files.write_file(MEASURED, f"{json_text.dumps(kept, 2)}\n".encode())
        return
    print(table(), pointwise_table(), sep="\n")


def _trained(name: str) -> bool:
    return (FOLDER / name / f"{name}.onnx").is_file()


if __name__ == "__main__":
    script.run(main)
