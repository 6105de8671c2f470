"""The whole compiler: one list of passes, a reason beside each.

A pass takes a record of stages.py and returns one in which more is known. Nothing here writes but
`write`, which has `hearth.toolchain.saved.build_folder` do it once, when everything has succeeded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hearth.toolchain.adopt.network import adopt
from hearth.toolchain.adopt.outputs import keep_outputs as cut_integers
from hearth.toolchain.data import class_names, images, manifest, selection
from hearth.toolchain.evaluate import fidelity
from hearth.toolchain.few_bits import mixed, request, room
from hearth.toolchain.frontend import memory
from hearth.toolchain.frontend.file import onnx_file
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.file.read_onnx import check_shapes, read_onnx
from hearth.toolchain.frontend.preparation import prepared
from hearth.toolchain.frontend.recognise import recognise
from hearth.toolchain.frontend.simplify import simplify
from hearth.toolchain.frontend.simplify.outputs import keep_outputs
from hearth.toolchain.ir import Design, Graph, QGraph, golden
from hearth.toolchain.ir.graph import classes
from hearth.toolchain.mapping import like
from hearth.toolchain.mapping import options as folding
from hearth.toolchain.mapping.figures import design_figures, outputs
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.quantize import calibration
from hearth.toolchain.quantize.int8 import quantize
from hearth.toolchain.quantize.precision import Plan
from hearth.toolchain.rtl import rom
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.stages import (
    Calibrated,
    Described,
    Emitted,
    FrontEnd,
    Loaded,
    Mapped,
    Options,
    Order,
    Passes,
    Quantized,
    first,
)
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

T = TypeVar("T")
NOISE_IMAGES = 8
"""Calibration images over which the signal-to-noise ratio of every layer is measured."""
SEEN_IMAGES = 32
"""Calibration images that say how much of a layer's input is zero."""


def compile_model(options: Options, report: progress.Report = progress.silent) -> Emitted:
    """Run every pass; HearthError from the first one that refuses."""
    return run(PASSES, options, report)


def run(passes: Passes[Order, T], options: Options, report: progress.Report = progress.silent) -> T:
    """What the first passes, or all of them, make of an order."""
    state: Any = Order(options, report)
    for index, step in enumerate(passes.steps):
        report(step.name, index, len(passes.steps))
        try:
            state = step.run(state)
        except MemoryError:
            raise HearthError(
                f"{options.model}: there is not enough memory for the pass '{step.name}'; choose a"
                " smaller --input-size"
            ) from None
    made: T = state
    return made


def front_end(path: Path, input_size: tuple[int, int] | None) -> tuple[OnnxModel, Graph]:
    """The first passes alone, for commands that need the float network again."""
    model = simplify(read_onnx(path, input_size))
    return model, recognise(model)


def reopened(build: Build) -> tuple[OnnxModel, Graph]:
    """The float network that a build was made of, with the classes that it keeps."""
    model, graph = front_end(build.model, (build.qgraph.input.height, build.qgraph.input.width))
    kept = selection.noted_in(build.qgraph)
    return cut(model, kept.numbers) if kept.cut else (model, graph)


def cut(model: OnnxModel, kept: Sequence[int]) -> tuple[OnnxModel, Graph]:
    """A network and its chain of layers with some of its classes alone."""
    model = keep_outputs(model, kept)
    return model, recognise(model)


def figures(state: Mapped | Emitted) -> dict[str, Any]:
    """The figures of a compilation, as --json and the report show them."""
    return design_figures(state.design, state.options.rom_budget, state.options.clock_mhz)


def write(path: Path, state: Emitted) -> None:
    """Create or replace the build folder `path`."""
    model = state.onnx.original.SerializeToString()
    build_folder.write(path, state.design, model, state.files, figures(state))


# ------------------------------------------------------------------------------------ the passes


def _manifest(order: Order) -> Described:
    options = order.options
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
    return Described(order, found)


def _read(state: Described) -> Loaded:
    options = state.order.options
    return Loaded(state.order, state.manifest, read_onnx(options.model, options.input_size))


def _simplify(state: Loaded) -> Loaded:
    model, found = simplify(state.onnx), state.manifest
    preprocessing = prepared(found.preprocessing, model)
    return replace(state, onnx=model, manifest=replace(found, preprocessing=preprocessing))


def _recognise(state: Loaded) -> FrontEnd:
    graph = recognise(state.onnx)
    check_shapes(state.onnx)
    total, names = classes(graph), state.manifest.labels
    _check_ends(state, graph)
    if not graph.classifies:
        total, names = 0, ()
    if names and len(names) != total:
        raise HearthError(
            f"{graph.name}: has {total} classes, but {len(names)} class names were given"
        )
    everything = selection.Selection.whole(names, total)
    return FrontEnd(state.order, state.manifest, state.onnx, graph, everything)


def _check_ends(state: Loaded, graph: Graph) -> None:
    """Refuse wishes that only a network with one vector of class scores can fulfil."""
    options, weights = state.order.options, state.order.options.weights
    asked = {
        "--class-names": options.labels is not None,
        "--classes": options.classes is not None,
        "--board": options.wish is not None,
        "--mixed": weights.mixed,
        "--max-loss": weights.max_loss is not None,
        "an already quantized file": state.onnx.kept.quantized,
    }
    given = [option for option, is_given in asked.items() if is_given]
    if given and not graph.classifies:
        ends = " and ".join(f"'{name}'" for name, _ in graph.leaves)
        instead = "give the float file" if state.onnx.kept.quantized else f"leave {given[0]} out"
        raise HearthError(
            f"{given[0]}: is for networks with one vector of class scores, but {graph.name} ends in"
            f" {ends}; {instead}"
        )


def _classes(front: FrontEnd) -> FrontEnd:
    wanted, all_of_them = front.options.classes, front.selection
    if wanted is None:
        return front
    kept = selection.read(wanted, all_of_them.names, all_of_them.total)
    model, graph = cut(front.onnx, kept.numbers)
    return replace(front, onnx=model, graph=graph, selection=kept)


def _calibrate(front: FrontEnd) -> Calibrated:
    chosen, size = _photographs(front), memory.batch(front.onnx)
    memory.check(front.onnx)
    frames = progress.counted(
        _frames(front, chosen, size),
        "calibrate: photographs through the float network",
        len(chosen),
        front.report,
        size,
    )
    preprocessing = front.manifest.preprocessing
    result = calibration.collect(front.onnx, front.graph, frames, preprocessing, chosen.source)
    return Calibrated(front, result)


def _quantize(state: Calibrated) -> Quantized:
    front = state.front
    options, found = front.options.quantization, front.manifest
    if front.options.like is not None:
        options = replace(options, shifts=like.shifts(front.options.like.design))
    frames = None
    if options.samples:
        frames = np.concatenate(list(_frames(front, _photographs(front).limited(options.samples))))
    qgraph = quantize(front.graph, state.calibration, found.preprocessing, options, frames)
    if front.onnx.kept.quantized:
        qgraph = adopt(qgraph, front.graph, front.onnx.kept)
        if front.onnx.kept_outputs:
            qgraph = cut_integers(qgraph, front.onnx.kept_outputs)
    return Quantized(front, state.calibration, replace(qgraph, labels=front.selection.labels))


def _zeros(state: Quantized) -> Quantized:
    front, qgraph = state.front, state.qgraph
    if state.options.dense and state.options.like is None:
        return state
    chosen, size = _photographs(front).limited(SEEN_IMAGES), memory.batch(front.onnx)
    frames = progress.counted(
        _frames(front, chosen, size),
        "zeros: photographs through the integer network",
        len(chosen),
        front.report,
        size,
    )
    for batch in frames:
        qgraph = golden.seen(qgraph, batch)
    return replace(state, qgraph=qgraph)


def _with_room(state: Quantized) -> Quantized:
    """Asking for a mixture where a board has no room for int8."""
    options, front, qgraph = state.options, state.front, state.qgraph
    wish = options.wish
    if wish is None or not options.weights.idle or front.onnx.kept.quantized:
        return state
    search = wish.search(front.report)
    if search.at(qgraph, wish.paces[0]) is not None:
        return state

    def choose(offer: mixed.Offer) -> Plan:
        return room.chosen(offer, qgraph, front.graph, wish, search, front.report)

    mixture = request.Request(mixed=True, trellis=True, choose=choose)
    order = replace(front.order, options=replace(options, weights=mixture))
    return replace(state, front=replace(front, order=order))


def _few_bits(state: Quantized) -> Quantized:
    state = _with_room(state)
    options, front, qgraph = state.options, state.front, state.qgraph
    if options.weights.idle:
        return state
    if front.onnx.kept.quantized:
        raise HearthError(
            f"{options.model}: is already quantized and keeps its own integers; give the float"
            " model for other weight bits"
        )
    found = request.fulfil(
        options.weights,
        qgraph,
        front.onnx,
        front.graph,
        np.concatenate(list(_frames(front, _photographs(front)))),
        mixed.sizes_in(_roughly(qgraph, options)),
        options.rom_budget,
        front.report,
    )
    return replace(state, qgraph=found)


def _roughly(qgraph: QGraph, options: Options) -> Design:
    """The folding at hand before a board has been asked; padding is counted by it."""
    wish = options.wish
    if wish is None:
        return fold(qgraph, options.lanes, options.cycles, options.asked)
    lanes = folding.DEFAULT_LANES if wish.lanes is None else wish.lanes
    return fold(qgraph, None if wish.cycles else lanes, wish.cycles, wish.asked)


def _measure(state: Quantized) -> Quantized:
    front, statistics, qgraph = state.front, state.calibration, state.qgraph
    chosen, size = _photographs(front).limited(NOISE_IMAGES), memory.batch(front.onnx, 2)
    frames = _frames(front, chosen, size)
    notes = {
        "model_file": front.onnx.file,
        "model_sha256": front.onnx.sha256,
        "onnx_nodes": {layer.name: list(layer.nodes) for layer in front.graph.layers},
        "left_to_the_host": list(front.onnx.host),
        "own_normalization": front.onnx.entry is not None,
        "calibration_source": statistics.source,
        "calibration_images": statistics.images,
        "activation_range": state.options.quantization.rule,
        "snr_images": len(chosen),
        "snr_db": fidelity.signal_to_noise(qgraph, front.onnx, front.graph, frames),
        "snr_reference": fidelity.reference(front.onnx),
        **outputs(qgraph),
    }
    if front.selection.cut:
        notes[selection.NOTE] = front.selection.noted()
    return replace(state, qgraph=replace(qgraph, notes={**qgraph.notes, **notes}))


def _fold(state: Quantized) -> Mapped:
    options, qgraph = state.options, state.qgraph
    if options.like is not None:
        return Mapped(state, like.fold_like(qgraph, options.like.design))
    if options.wish is not None:
        wish, report = options.wish, state.front.report
        return Mapped(state, wish.folded(qgraph, wish.search(report)))
    return Mapped(state, fold(qgraph, options.lanes, options.cycles, options.asked))


def _schedule(state: Mapped) -> Mapped:
    if state.options.like is not None or state.options.wish is not None:
        return state  # a board's search has asked with FIFOs as they will be
    return replace(state, design=schedule(state.design, state.options.fifo_loss))


def _budget(state: Mapped) -> Mapped:
    rom.check_budget(state.design.roms, state.options.rom_budget)
    return state


def _emit(state: Mapped) -> Emitted:
    files = emit(state.design, progress=state.quantized.front.report)
    if state.options.like is not None:
        like.check(files, state.options.like.rtl())
    return Emitted(state, files)


FRONT_END: Passes[Order, FrontEnd] = (
    first("manifest", "a model is useless without its preprocessing: ask for it first", _manifest)
    .then("read", "every fault of the file is found before any work is done", _read)
    .then("simplify", "fewer kinds of nodes: no batch norm, dropout, softmax after this", _simplify)
    .then("recognise", "nodes become the chain of layers that hardware has kernels for", _recognise)
    .then("classes", "what nobody asks for is cut before ranges and bits are fitted", _classes)
)
QUANTIZATION: Passes[FrontEnd, Quantized] = (
    first("calibrate", "ranges of real activations; the quantizer must not guess them", _calibrate)
    .then("quantize", "from here on integers only: the one truth for all that follows", _quantize)
    .then("zeros", "what need not be multiplied; foldings count on it", _zeros)
    .then(
        "few-bits",
        "fewer bits per weight where asked for or a board needs it; after int8",
        _few_bits,
    )
    .then("measure", "a bad quantization shows per layer, before hardware is made of it", _measure)
)
MAPPING: Passes[Quantized, Mapped] = (
    first("fold", "lanes per kernel, so that all kernels need nearly the same time", _fold)
    .then("schedule", "FIFO depths, so that no kernel waits for a burst", _schedule)
    .then("budget", "a network that does not fit is refused before the slow synthesis", _budget)
)
EMISSION: Passes[Mapped, Emitted] = first(
    "emit", "high-level synthesis and text; last, as it is slow and cannot fail", _emit
)
PASSES: Passes[Order, Emitted] = FRONT_END + QUANTIZATION + MAPPING + EMISSION


def _photographs(front: FrontEnd) -> images.ImageSet:
    path = front.options.calibration or front.manifest.calibration
    if path is None:
        raise HearthError(
            f"{front.options.model}: quantizing needs photographs like those it will see; give"
            " --calibration FOLDER (or a CSV or an .npz)"
        )
    chosen = images.open_set(path)
    if chosen.live:
        raise HearthError(
            f"--calibration {path}: a camera shows no frame twice, and calibration looks at its"
            " images several times; record a clip and give that"
        )
    return chosen.limited(front.options.calibration_limit)


def _frames(
    front: FrontEnd, chosen: images.ImageSet, count: int = images.FRAME_BATCH
) -> images.Batches:
    preprocessing = front.manifest.preprocessing
    return chosen.batches(preprocessing, (front.graph.height, front.graph.width), count)
