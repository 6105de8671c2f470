"""Choose what fits a board: the fastest folding at the weight bits at hand, else fewer bits.

Fits means: by the family's model (its estimate.py), which `Over` asks. Place and route has the last
word, but a design that the model refuses need not be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hearth.toolchain import pipeline
from hearth.toolchain.data import images
from hearth.toolchain.few_bits import mixed, request
from hearth.toolchain.few_bits.blank import narrowed
from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.mapping.figures import design_figures
from hearth.toolchain.mapping.like import fold_like
from hearth.toolchain.mapping.search import LOSSES, Search
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.rtl import rom
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.target import Board

FEWER_BITS = (6, 5, 4, 3)
"""Tried in this order when int8 weights do not fit; codebooks, as they lose least."""
Over = Callable[[Design], list[str]]
"""What a design takes too much of on a board, such as '220 block RAM of 208'; empty: it fits."""


def _weight_bits(qgraph: QGraph) -> int:
    """Bits of the widest weights."""
    return max(layer.weight_bits for layer in qgraph.weighted)


def proposals(
    qgraph: QGraph, over: Over, report: progress.Report = progress.silent
) -> Iterator[tuple[int, Design]]:
    """(weight bits, folding) that fit, the network's own bits first."""
    own = _weight_bits(qgraph)
    search = Search(lambda design: not over(design), LOSSES, report=report)
    for bits in (own, *(b for b in FEWER_BITS if b < own)):
        design = search.fastest(qgraph if bits == own else narrowed(qgraph, bits))
        if design is not None:
            yield bits, design


def check(design: Design, board: Board, over: Over, live: bool = False) -> None:
    """HearthError that says what is over, and what would fit, unless the design fits."""
    lacking = over(design)
    if not lacking:
        return
    found = next(proposals(design.qgraph, over), None)
    if found is None:
        advice = "nor does it with 3-bit weights; take a larger part or a smaller network"
    else:
        bits, fitting = found
        narrow = "" if bits == _weight_bits(design.qgraph) else f"{bits}-bit weights and "
        advice = (
            f"{narrow}{fitting.lanes} MAC lanes would ({fitting.cycles:,} cycles per frame): add"
            " --fit to choose that"
        )
    raise HearthError(
        f"--board {board.name}: {design.qgraph.name} at {design.lanes} MAC lanes"
        f"{' with --live' if live else ''} does not fit {board.part}: {' and '.join(lacking)};"
        f" {advice}"
    )


def refit(
    build: Build, board: Board, over: Over, report: progress.Report = progress.silent
) -> Build:
    """Fold a build anew so that it is as fast as fits, with fewer weight bits if it must be."""
    found = next(proposals(build.qgraph, over, report), None)
    if found is None:
        raise HearthError(
            f"--fit: {build.qgraph.name} does not fit {board.part} with 3-bit weights either;"
            " take a larger part or a smaller network"
        )
    bits, design = found
    if bits < _weight_bits(build.qgraph):
        qgraph = _requantized(build, bits, design, report)
        design = fold_like(qgraph, design)
    budget = int(build.figures.get("rom_budget_bytes", rom.DEFAULT_BUDGET))
    files = emit(design, progress=report)
    figures = design_figures(design, budget)
    build_folder.write(build.path, design, build.model.read_bytes(), files, figures)
    return build_folder.load(build.path)


def _requantized(build: Build, bits: int, design: Design, report: progress.Report) -> QGraph:
    """The build's network with codebooks of `bits` bits, calibrated as it was compiled."""
    qgraph, notes = build.qgraph, build.qgraph.notes
    source = Path(str(notes.get("calibration_source", "")))
    if not source.exists():
        raise HearthError(
            f"--fit: {bits}-bit weights are needed, but the calibration photographs are no longer"
            f" at {source}; compile again with --weight-bits {bits}"
        )
    size = (qgraph.input.height, qgraph.input.width)
    chosen = images.open_set(source).limited(int(notes["calibration_images"]))
    frames = chosen.whole(qgraph.preprocessing, size)
    model, graph = pipeline.reopened(build)
    wanted = request.Request(Plan(Format(bits, True)))
    budget = rom.DEFAULT_BUDGET
    sizes = mixed.sizes_in(design)
    return request.fulfil(wanted, qgraph, model, graph, frames, sizes, budget, report)
