"""The command `hearth report`: what a build holds, and which boards it fits."""

from __future__ import annotations

from typing import Annotated

import typer

from hearth.toolchain.cli import chips, tables
from hearth.toolchain.cli.options import BuildFolder, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.saved import build_folder

Clock = Annotated[
    float | None,
    typer.Option(
        metavar="MHZ", help="For frames per second; default: that of compile, or each board's."
    ),
]


def report(build: BuildFolder, clock: Clock = None, as_json: Json = False) -> None:
    """Show a build's speed, folding, memories and accuracy of layers."""
    loaded = build_folder.load(build)
    chosen = chips.choose(clock, loaded.figures)
    rows = chips.rows(loaded.design, chosen)
    if as_json:
        print_json({**loaded.figures, "boards": rows})
        return
    fits = ([chosen.sentence], chips.table(rows), chips.notes(rows), [""])
    print_lines(*tables.whole(loaded.figures, build, fits))
    tell_next("report done", "sim", build, "IMAGES...")
