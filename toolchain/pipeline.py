"""The whole compiler: one list of passes, a reason beside each.

A `Compilation` is what is known so far; every pass returns it with one more part filled in. Nothing
here writes: `hearth.toolchain.saved.build_folder` does, once, when everything has succeeded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hearth.toolchain.adopt.chain import adopt
from hearth.toolchain.data import class_names, images, manifest
from hearth.toolchain.data.manifest import Manifest
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.few_bits import mixed, request
from hearth.toolchain.frontend import memory
from hearth.toolchain.frontend.file import onnx_file
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import check_shapes, read_onnx
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.frontend.recognise import recognise
from hearth.toolchain.frontend.simplify import simplify
from hearth.toolchain.ir import Design, Graph, QGraph
from hearth.toolchain.mapping import like
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import Quantization, quantize
from hearth.toolchain.rtl import rom
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

T = TypeVar("T")
NOISE_IMAGES = 8
"""Calibration images over which the signal-to-noise ratio of every layer is measured."""


@dataclass(frozen=True)
class Options:
    """What the user chose. `lanes` or `cycles` (per frame) sets the folding; one is given."""

    model: Path
    input_size: tuple[int, int] | None = None
    preprocessing: str | None = None
    labels: Path | None = None
    calibration: Path | None = None
    calibration_limit: int = 200
    quantization: Quantization = field(default_factory=Quantization)
    weights: request.Request = field(default_factory=request.Request)
    lanes: int | None = None
    cycles: int | None = None
    asked: str = ""
    """The options that lanes or cycles come from, for messages; empty: the default."""
    rom_budget: int = rom.DEFAULT_BUDGET
    like: Build | None = None
    """Hardware that exists: only its weights may differ."""


@dataclass(frozen=True, eq=False)
class Compilation:
    """Everything known after some of the passes."""

    options: Options
    report: progress.Report
    manifest: Manifest | None = None
    onnx: OnnxModel | None = None
    graph: Graph | None = None
    calibration: calibration.Calibration | None = None
    qgraph: QGraph | None = None
    design: Design | None = None
    rom_bytes: int = 0
    files: Mapping[str, str | bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Pass:
    name: str
    reason: str
    run: Callable[[Compilation], Compilation]


def compile_model(options: Options, report: progress.Report = progress.silent) -> Compilation:
    """Run every pass; HearthError from the first one that refuses."""
    state = Compilation(options, report)
    for index, step in enumerate(PASSES):
        report(step.name, index, len(PASSES))
        try:
            state = step.run(state)
        except MemoryError:
            raise HearthError(
                f"{options.model}: there is not enough memory for the pass '{step.name}'; choose a"
                " smaller --input-size"
            ) from None
    return state


def front_end(path: Path, input_size: tuple[int, int] | None) -> tuple[OnnxModel, Graph]:
    """The first passes alone, for commands that need the float network again."""
    model = simplify(read_onnx(path, input_size))
    return model, recognise(model)


def figures(state: Compilation) -> dict[str, Any]:
    """The figures of a finished compilation, as --json and the report show them."""
    return design_figures(known(state.design), state.options.rom_budget)


def known(part: T | None) -> T:
    """A part of the Compilation that an earlier pass has filled in."""
    if part is None:
        raise ValueError("a pass ran before the one it depends on")
    return part


# ------------------------------------------------------------------------------------ the passes


def _manifest(state: Compilation) -> Compilation:
    options = state.options
    found = manifest.find(options.model, options.preprocessing)
    if found.sha256:
        digest = hashlib.sha256(onnx_file.read(options.model)).hexdigest()
        if digest != found.sha256:
            raise HearthError(
                f"{options.model}: its SHA-256 is {digest[:12]}..., but the manifest beside it"
                f" expects {found.sha256[:12]}...; the file is damaged or another one"
            )
    if options.labels is not None:
        found = replace(found, labels=class_names.read(options.labels))
    return replace(state, manifest=found)


def _read(state: Compilation) -> Compilation:
    return replace(state, onnx=read_onnx(state.options.model, state.options.input_size))


def _simplify(state: Compilation) -> Compilation:
    model, found = simplify(known(state.onnx)), known(state.manifest)
    preprocessing = prepared(found.preprocessing, model)
    return replace(state, onnx=model, manifest=replace(found, preprocessing=preprocessing))


def _recognise(state: Compilation) -> Compilation:
    graph = recognise(known(state.onnx))
    check_shapes(known(state.onnx))
    return replace(state, graph=graph)


def _calibrate(state: Compilation) -> Compilation:
    chosen, size = _photographs(state), memory.batch(known(state.onnx))
    memory.check(known(state.onnx))
    frames = progress.counted(
        _frames(state, chosen, size),
        "calibrate: photographs through the float network",
        len(chosen),
        state.report,
        size,
    )
    result = calibration.collect(
        known(state.onnx),
        known(state.graph),
        frames,
        known(state.manifest).preprocessing,
        chosen.source,
    )
    return replace(state, calibration=result)


def _quantize(state: Compilation) -> Compilation:
    options, found = state.options.quantization, known(state.manifest)
    if state.options.like is not None:
        options = replace(options, shifts=like.shifts(state.options.like.design))
    frames = None
    if options.samples:
        frames = np.concatenate(list(_frames(state, _photographs(state).limited(options.samples))))
    qgraph = quantize(
        known(state.graph), known(state.calibration), found.preprocessing, options, frames
    )
    if known(state.onnx).kept.quantized:
        qgraph = adopt(qgraph, known(state.graph), known(state.onnx).kept)
    return replace(state, qgraph=replace(qgraph, labels=_labels(found, qgraph)))


def _few_bits(state: Compilation) -> Compilation:
    options, qgraph = state.options, known(state.qgraph)
    if options.weights.idle:
        return state
    if known(state.onnx).kept.quantized:
        raise HearthError(
            f"{options.model}: is already quantized and keeps its own integers; give the float"
            " model for other weight bits"
        )
    sizes = mixed.sizes_in(fold(qgraph, options.lanes, options.cycles, options.asked))
    found = request.fulfil(
        options.weights,
        qgraph,
        known(state.onnx),
        known(state.graph),
        np.concatenate(list(_frames(state, _photographs(state)))),
        sizes,
        options.rom_budget,
        state.report,
    )
    return replace(state, qgraph=found)


def _measure(state: Compilation) -> Compilation:
    model, statistics, qgraph = known(state.onnx), known(state.calibration), known(state.qgraph)
    chosen = _photographs(state).limited(NOISE_IMAGES)
    size = memory.batch(model, 2)
    decibels = fidelity.signal_to_noise(
        qgraph, model, known(state.graph), _frames(state, chosen, size)
    )
    notes = {
        "model_file": model.file,
        "model_sha256": model.sha256,
        "left_to_the_host": list(model.host),
        "own_normalization": model.entry is not None,
        "calibration_source": statistics.source,
        "calibration_images": statistics.images,
        "activation_range": state.options.quantization.rule,
        "snr_images": len(chosen),
        "snr_db": decibels,
        "snr_reference": fidelity.reference(model),
    }
    return replace(state, qgraph=replace(qgraph, notes={**qgraph.notes, **notes}))


def _fold(state: Compilation) -> Compilation:
    options, qgraph = state.options, known(state.qgraph)
    if options.like is not None:
        return replace(state, design=like.fold_like(qgraph, options.like.design))
    return replace(state, design=fold(qgraph, options.lanes, options.cycles, options.asked))


def _schedule(state: Compilation) -> Compilation:
    if state.options.like is not None:
        return state
    return replace(state, design=schedule(known(state.design)))


def _budget(state: Compilation) -> Compilation:
    memories = known(state.design).roms
    return replace(state, rom_bytes=rom.check_budget(memories, state.options.rom_budget))


def _emit(state: Compilation) -> Compilation:
    files = emit(known(state.design), progress=state.report)
    if state.options.like is not None:
        like.check(files, state.options.like.rtl())
    return replace(state, files=files)


PASSES: tuple[Pass, ...] = (
    Pass("manifest", "a model is useless without its preprocessing: ask for it first", _manifest),
    Pass("read", "every fault of the file is found before any work is done", _read),
    Pass("simplify", "fewer kinds of nodes: no batch norm, dropout, softmax after this", _simplify),
    Pass("recognise", "nodes become the chain of layers that hardware has kernels for", _recognise),
    Pass("calibrate", "ranges of real activations; the quantizer must not guess them", _calibrate),
    Pass(
        "quantize", "from here on integers only: the single truth for all that follows", _quantize
    ),
    Pass("few-bits", "fewer bits per weight where asked for; needs the int8 network", _few_bits),
    Pass("measure", "a bad quantization shows per layer, before hardware is made of it", _measure),
    Pass("fold", "lanes per kernel, so that all kernels need nearly the same time", _fold),
    Pass("schedule", "FIFO depths, so that no kernel waits for a burst", _schedule),
    Pass("budget", "a network that does not fit is refused before the slow synthesis", _budget),
    Pass("emit", "high-level synthesis and text; last, as it is slow and cannot fail", _emit),
)


def _photographs(state: Compilation) -> images.ImageSet:
    path = state.options.calibration or known(state.manifest).calibration
    if path is None:
        raise HearthError(
            f"{state.options.model}: quantizing needs photographs like those it will see; give"
            " --calibration FOLDER (or a CSV or an .npz)"
        )
    return images.open_set(path).limited(state.options.calibration_limit)


def _frames(
    state: Compilation, chosen: images.ImageSet, count: int = images.FRAME_BATCH
) -> images.Batches:
    graph = known(state.graph)
    preprocessing = known(state.manifest).preprocessing
    return chosen.batches(preprocessing, (graph.height, graph.width), count)


def _labels(found: Manifest, qgraph: QGraph) -> tuple[str, ...]:
    classes = qgraph.layers[-1].source.channels
    if found.labels and len(found.labels) != classes:
        raise HearthError(
            f"{qgraph.name}: has {classes} classes, but {len(found.labels)} class names were given"
        )
    return found.labels
