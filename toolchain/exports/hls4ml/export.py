"""`hearth export-hls`: an hls4ml project of a network or a part of it, checked against golden.

OUT/hls.json        marks the folder as ours: layers, reuse factors, what was compared
OUT/project/        what hls4ml writes: C++ of the network (firmware/), test bench, Tcl; tb_data/
                    has the frames and golden's results
OUT/model.onnx      the channels-last ONNX it was made from
OUT/synthesize.sh   C synthesis and RTL export, for a machine with Vitis HLS
OUT/README.md       what was verified here and what was not
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hearth.sim.results import Mismatch
from hearth.toolchain.exports.hls4ml import channels_last, script
from hearth.toolchain.exports.hls4ml.lower import lower
from hearth.toolchain.exports.hls4ml.selection import select, stages
from hearth.toolchain.ir import Array, Design, Edge, QGraph, golden
from hearth.toolchain.rtl.verilog import identifier
from hearth.toolchain.support import advice, files, json_text
from hearth.toolchain.support.errors import HearthError

MARKER = "hls.json"
PART = "xczu7ev-ffvc1156-2-e"
CLOCK = 200.0
RANDOM_FRAMES = 2
PROJECT_PREFIX = "net_"
"""Begins the name of the C++ function and of its file: no keyword, no name of hls4ml's own."""


@dataclass(frozen=True)
class Options:
    """`layers` as selection.select reads them, an AMD part, clock in MHz, whether to simulate."""

    output: Path
    layers: str | None = None
    part: str = PART
    clock: float = CLOCK
    run: bool = True


@dataclass(frozen=True)
class Report:
    """What was exported and compared. `mismatch` names the first value that differs from golden."""

    name: str
    layers: tuple[str, ...]
    multipliers: int
    reuse: Mapping[str, int]
    frames: int
    values: int
    mismatch: str
    synthesized: bool = False


def export(design: Design, frames: Array | None, options: Options) -> Report:
    """Write the project and, unless told not to, compare its C simulation with the golden model.

    frames  [n, *design.qgraph.input.shape]; None for random activations at the part's own input
    """
    part = select(design.qgraph, options.layers)
    operations = lower(part, stages(design, part))
    project = _project_module()
    name = identifier(options.layers or design.qgraph.name, set(), PROJECT_PREFIX)
    inputs = activations(design.qgraph, part, frames)
    files.check_folder(options.output, MARKER)
    model = channels_last.model(name, part.input, operations).SerializeToString()
    files.write_folder(options.output, _texts(name, part, model, options), MARKER)
    made = project.convert(
        name, part.input, operations, options.output / "project", options.part, 1e3 / options.clock
    )
    mismatch, wanted = "", golden.run(part, inputs)[1:]
    if options.run:
        values = project.simulate(made, inputs)
        mismatch = difference(part.edges[1:], values, wanted)
    else:
        project.write(made)
    _write_bench_data(options.output, inputs, wanted[-1])
    report = Report(
        name=name,
        layers=tuple(layer.name for layer in part.layers),
        multipliers=_multipliers(operations, made.reuse),
        reuse=dict(made.reuse),
        frames=len(inputs) if options.run else 0,
        values=sum(edge.pixels * edge.channels for edge in part.edges[1:]) * len(inputs),
        mismatch=mismatch,
    )
    text = json_text.dumps(asdict(report), indent=1) + "\n"
    files.write_file(options.output / MARKER, text.encode())
    return report


def _texts(name: str, part: QGraph, model: bytes, options: Options) -> dict[str, str | bytes]:
    """The files beside the project."""
    return {
        MARKER: json_text.dumps({"layers": [layer.name for layer in part.layers]}) + "\n",
        "model.onnx": model,
        "synthesize.sh": script.synthesize(),
        "README.md": script.readme(name, options.part, options.clock),
    }


def _write_bench_data(folder: Path, inputs: Array, outputs: Array) -> None:
    """Frames and golden's results, as the project's test bench reads them."""
    for name, values in (("input_features", inputs), ("output_predictions", outputs)):
        path = folder / f"project/tb_data/tb_{name}.dat"
        files.write_file(path, script.bench_data(values).encode())


def activations(qgraph: QGraph, part: QGraph, frames: Array | None) -> Array:
    """What the part receives: golden's values of its input edge, or random ones."""
    if frames is None:
        edge, rng = part.input, np.random.default_rng(1)
        shape = (RANDOM_FRAMES, *edge.shape)
        return rng.integers(edge.low, edge.high, shape, dtype=edge.dtype, endpoint=True)
    if part.input.name == qgraph.input.name:
        return frames
    places = [edge.name for edge in qgraph.edges]
    return golden.run(qgraph, frames)[places.index(part.input.name)]


def difference(edges: Sequence[Edge], got: Mapping[str, Array], want: Sequence[Array]) -> str:
    """The first value that differs, in stream order of the edges; empty when all are equal."""
    for edge, expected in zip(edges, want, strict=True):
        wrong = np.argwhere(got[edge.name] != expected)
        if len(wrong):
            place = tuple(int(i) for i in wrong[0])
            frame, row, column, channel = place
            values = int(got[edge.name][place]), int(expected[place])
            return str(Mismatch(frame, edge.name, row, column, channel, *values))
    return ""


def _project_module() -> Any:
    """hearth.toolchain.exports.hls4ml.project, which needs the optional packages."""
    if importlib.util.find_spec("hls4ml") is None:
        raise HearthError(f"export-hls: hls4ml is not installed; {advice.install('hls4ml')}")
    return importlib.import_module("hearth.toolchain.exports.hls4ml.project")


def _multipliers(operations: Sequence[Any], reuse: Mapping[str, int]) -> int:
    sizes = [(item.name, item.weights["weight"].size) for item in operations if item.kind == "Conv"]
    return sum(-(-size // reuse[name]) for name, size in sizes)
