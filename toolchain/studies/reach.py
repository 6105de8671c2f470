"""How far lanes take SqueezeNet, and where: a table for each network, as Markdown.

    python -m hearth.toolchain.studies.reach BUILD...

Each build's network is folded anew to at most so many lanes, with zeros skipped and without.

    at work   products of the network / (lanes x cycles), padding counted as usual
    useful    the same without the products of padding

Zeros that are skipped count as products done, so both pass 100 % where many are. Multipliers are by
rule, those of requantizers too; LUTs are the models of an ECP5 (LUT4) and of AMD's 7 series (LUT6),
where UltraScale+ differs little; frames a second are the board's usual clock by the cycles, for
boards that the design fits by rule. Nothing here was placed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from hearth.hw.layers.conv import Conv, cost
from hearth.toolchain.ir import Design, QGraph
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.saved import build_folder
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.needs import Needs

LANES = (256, 850, 1_700, 3_400, 6_000)
BOARDS = ("zcu104", "zcu102", "kv260", "kc705")
MODELS = {"LUT4, ECP5": "ulx3s-85f", "LUT6, 7 series": "nexys-video"}
"""Boards whose families have a model of LUTs."""


@dataclass(frozen=True)
class Engine:
    """A processor for networks on one of the boards, with its published figure.

    fps         frames a second, SqueezeNet v1.1
    multipliers DSP slices of its cores (PG338: 710 each of a B4096)
    """

    board: str
    fps: int
    multipliers: int
    mhz: float


DPU = (
    Engine("zcu104", 1_316, 2 * 710, 300),
    Engine("zcu102", 1_500, 3 * 710, 281),
    Engine("kv260", 763, 710, 300),
)
"""Vitis AI's model zoo, B4096 cores."""


def without_padding(qgraph: QGraph) -> int:
    """Products of a frame, those of padding left out."""
    total = 0
    for conv in cast(tuple[Conv, ...], qgraph.weighted):
        rows, columns = cost.axes(conv)
        inputs = conv.window.shape[3]
        total += conv.target.pixels * conv.centre.size
        total += rows.taps * columns.taps * len(conv.window) * inputs
    return total


def dense(qgraph: QGraph) -> QGraph:
    """The same network, of which nobody counted zeros."""
    unseen = {
        layer.name: replace(layer, live=layer.live[:0])
        for layer in cast(tuple[Conv, ...], qgraph.weighted)
    }
    layers = (unseen.get(layer.name, layer) for layer in qgraph.layers)
    return replace(qgraph, layers=tuple(layers))


def rows(qgraph: QGraph, budgets: Sequence[int] = LANES) -> Iterator[list[str]]:
    """A row for each number of lanes that the network can be folded to."""
    useful, every = without_padding(qgraph), dense(qgraph)
    for lanes in budgets:
        try:
            before, made = fold(every, lanes), schedule(fold(qgraph, lanes))
        except HearthError:
            continue
        needs, work = needs_of.of(made), made.lanes * made.cycles
        yield [
            f"{lanes:,}",
            f"{before.cycles:,}",
            f"{made.cycles:,}",
            f"{made.lanes:,}",
            f"{100 * qgraph.macs / work:.0f} %",
            f"{100 * useful / work:.0f} %",
            *_taken(needs),
            *(_frames(made, needs, name) for name in BOARDS),
        ]


def _taken(needs: Needs) -> Iterator[str]:
    """Multipliers of UltraScale+, and LUTs by each model."""
    for name, unit in ((BOARDS[0], "dsp"), *((name, "lut") for name in MODELS.values())):
        target, board = registry.find(name)
        yield f"{getattr(target.estimate(needs, board), unit):,.0f}"


def _frames(made: Design, needs: Needs, name: str) -> str:
    """Frames a second on a board, or what it has too little of."""
    target, board = registry.find(name)
    over = target.estimate(needs, board).exceeded(target.usable(board))
    if over:
        return ", ".join(target.units[unit] for unit in over)
    return f"{board.mhz * 1e6 / made.cycles:,.0f}"


def table(qgraph: QGraph, budgets: Sequence[int] = LANES) -> str:
    """Markdown for one network."""
    boards = (f"{name}, {registry.find(name)[1].mhz:g} MHz" for name in BOARDS)
    cycles = ("cycles, all multiplied", "zeros skipped")
    heads = ("lanes at most", *cycles, "lanes", "at work", "useful", "DSP", *MODELS, *boards)
    return lines(heads, "r" * len(heads), rows(qgraph, budgets))


def beside(qgraph: QGraph) -> str:
    """Markdown: published figures, and this network's best on the same boards."""
    found = []
    for engine in DPU:
        target, board = registry.find(engine.board)
        fitting = list(_fitting(qgraph, engine.board))
        best = min(fitting, key=lambda made: made.cycles)
        multipliers = target.estimate(needs_of.of(best), board).dsp
        fps = board.mhz * 1e6 / best.cycles
        ours = fps, multipliers, board.mhz
        theirs = engine.fps, engine.multipliers, engine.mhz
        cells = [cell for row in (theirs, ours) for cell in _figures(*row)]
        found.append([engine.board, *cells, f"{best.lanes:,}"])
    half = ("frames/s", "DSP", "MHz", "frames/s per 1,000 DSP and MHz")
    heads = ("board", *(f"DPU: {name}" for name in half), *half, "lanes")
    return lines(heads, "l" + "r" * (len(heads) - 1), found)


def _figures(fps: float, multipliers: int, mhz: float) -> list[str]:
    return [f"{fps:,.0f}", f"{multipliers:,}", f"{mhz:g}", f"{1e3 * fps / multipliers / mhz:.2f}"]


def _fitting(qgraph: QGraph, name: str, step: float = 1.1) -> Iterator[Design]:
    """Designs that fit a board, of more and more lanes."""
    target, board = registry.find(name)
    lanes = 256.0
    while True:
        made = schedule(fold(qgraph, int(lanes)))
        needs = needs_of.of(made)
        if target.estimate(needs, board).exceeded(target.usable(board)):
            return
        yield made
        lanes *= step


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m hearth.toolchain.studies.reach")
    parser.add_argument("builds", nargs="+", type=Path, metavar="BUILD")
    parser.add_argument("--beside", action="store_true", help="published figures of DPUs too")
    asked = parser.parse_args()
    for path in asked.builds:
        design = build_folder.load(path).design
        bits = sorted({coding.bits for layer in design.qgraph.weighted for coding in layer.codings})
        print(f"{path}: {design.qgraph.name}, weights of {', '.join(map(str, bits))} bits\n")
        print(table(design.qgraph))
        if asked.beside:
            print(beside(design.qgraph))
    return 0


if __name__ == "__main__":
    script.run(main)
