"""Which networks fit which board, on paper: one row per network, weight bits and number of classes.

    python -m hearth.toolchain.studies.boards build/imagenet --classes 10 100 1000 --bits 8 6 5 4 3

For every row the fastest folding that fits by the model of estimate.py, or by how much the smallest
one fails. Only sizes count: the classifier is cut to so many classes, weights are left blank.
With --built the model is held against what the tools counted in each build instead.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from hearth.toolchain.adopt.outputs import keep_outputs
from hearth.toolchain.few_bits.blank import narrowed
from hearth.toolchain.ir import Design, QGraph, golden
from hearth.toolchain.mapping.fold import fold, foldings
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.mapping.search import Search
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.ecp5 import estimate
from hearth.toolchain.targets.ecp5.boards import BOARDS
from hearth.toolchain.targets.serial import placed
from hearth.toolchain.targets.target import Board, folder_of


def with_classes(qgraph: QGraph, classes: int) -> QGraph:
    """The network with only its first `classes` classes. HearthError when it has fewer."""
    if classes > golden.classes(qgraph):
        raise HearthError(f"{qgraph.name}: has {golden.classes(qgraph)} classes, not {classes}")
    return keep_outputs(qgraph, range(classes))


def smallest(qgraph: QGraph) -> Design:
    """The folding with the most cycles per frame."""
    return schedule(fold(qgraph, cycles=foldings(qgraph)[-1]))


def paper(
    build: Build, board: Board, classes: Sequence[int], bits: Sequence[int], mhz: float
) -> Iterator[str]:
    """A table of what fits."""
    yield "| classes | weight bits | fits | lanes | cycles a frame | fps | LUT4 | block RAM | DSP |"
    yield "|--:|--:|---|--:|--:|--:|--:|--:|--:|"
    for count in classes:
        for width in bits:
            qgraph = with_classes(build.qgraph, count)
            narrow = narrowed(qgraph, width) if width < 8 else qgraph
            design = Search(lambda made: not estimate.over(made, board)).fastest(narrow)
            shown = design or smallest(narrow)
            taken, over = estimate.of(shown, board), estimate.over(shown, board)
            verdict = "yes" if design else "no: " + ", ".join(over)
            yield (
                f"| {count} | {width} | {verdict} | {shown.lanes} | {shown.cycles:,} |"
                f" {mhz * 1e6 / shown.cycles:,.0f} | {taken.lut:,} | {taken.bram} |"
                f" {taken.dsp} |"
            )


def built(builds: Sequence[Build], board: Board) -> Iterator[str]:
    """The model against place and route, for builds that went through `hearth bitstream`."""
    yield "| build | lanes | LUT4 model | counted | off by | block RAM model | counted | DSP |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for build in builds:
        found = json.loads((folder_of(build, board) / placed.FIGURES).read_text())
        taken = estimate.of(build.design, board, bool(found.get("live")))
        counted = {name: used for name, (used, _) in found["resources"].items()}
        off = (taken.lut or 0) / counted["LUT4"] - 1
        yield (
            f"| {build.path.name} | {build.design.lanes} | {taken.lut:,} | {counted['LUT4']:,} |"
            f" {off:+.1%} | {taken.bram} | {counted['block RAM']} |"
            f" {taken.dsp} / {counted['DSP']} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hearth.toolchain.studies.boards")
    parser.add_argument("builds", type=Path, nargs="+")
    parser.add_argument("--board", default=BOARDS[0].name, choices=[b.name for b in BOARDS])
    parser.add_argument("--classes", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--bits", type=int, nargs="+", default=[8, 6, 5, 4, 3])
    parser.add_argument("--clock", type=float, default=60.0, help="MHz, for frames per second")
    parser.add_argument("--built", action="store_true")
    options = parser.parse_args()
    _, board = registry.find(options.board)
    builds = [build_folder.load(path) for path in options.builds]
    rows = (
        built(builds, board)
        if options.built
        else (
            row
            for build in builds
            for row in paper(build, board, options.classes, options.bits, options.clock)
        )
    )
    for row in rows:
        print(row, flush=True)


if __name__ == "__main__":
    script.run(main)
