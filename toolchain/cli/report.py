"""The command `hearth report`: what a build holds, and which boards it fits."""

from __future__ import annotations

from typing import Annotated

import typer

from hearth.toolchain.cli import chips, placed, tables
from hearth.toolchain.cli.options import BuildFolder, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.saved import build_folder

Clock = Annotated[
    float | None,
    typer.Option(
        metavar="MHZ", help="For frames per second; default: that of compile, or each board's."
    ),
]


Board = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Also say where each memory would lie on this board."),
]


def report(
    build: BuildFolder, clock: Clock = None, board: Board = None, as_json: Json = False
) -> None:
    """Show a build's speed, folding, memories and accuracy of layers."""
    loaded = build_folder.load(build)
    chosen = chips.choose(clock, loaded.figures)
    rows = chips.rows(loaded.design, chosen)
    planned = None if board is None else placed.of(loaded.design, board)
    if as_json:
        told = {} if planned is None else {"memories": planned.rows}
        print_json({**loaded.figures, "boards": rows, **told})
        return
    fits = ([chosen.sentence], chips.table(rows), chips.notes(rows), [""])
    print_lines(*tables.whole(loaded.figures, build, fits))
    if planned is not None:
        print_lines([""], *placed.shown(planned))
    tell_next("report done", "sim", build, "IMAGES...")
