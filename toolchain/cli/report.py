"""The command `hearth report`: what a build holds, which boards it fits; as text or as a page."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain.cli import chips, made, placed, report_page, tables
from hearth.toolchain.cli.options import OUTPUT, BuildFolder, Json
from hearth.toolchain.cli.output import as_argument, print_json, print_lines, say_next, tell_next
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support.errors import HearthError

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
Html = Annotated[
    Path | None,
    typer.Option(
        "--html", metavar="FILE", help="Write a page for a browser instead.", rich_help_panel=OUTPUT
    ),
]


def report(
    build: BuildFolder,
    clock: Clock = None,
    board: Board = None,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Show a build's speed, folding, memories and accuracy of layers."""
    loaded = build_folder.load(build)
    chosen = chips.choose(clock, loaded.figures)
    if html is not None:
        _page(html, loaded, chosen, board, as_json)
        return
    rows = chips.rows(loaded.design, chosen)
    planned = None if board is None else placed.of(loaded.design, board)
    found = made.of(loaded)
    if as_json:
        told = {} if planned is None else {"memories": planned.rows}
        figures = [one.figures for one in found]
        print_json({**loaded.figures, "boards": rows, "made": figures, **told})
        return
    fits = ([chosen.sentence], chips.table(rows), chips.notes(rows), [""])
    print_lines(*tables.whole(loaded.figures, build, (*fits, made.lines(found))))
    if planned is not None:
        print_lines([""], *placed.shown(planned))
    tell_next("report done", "sim", build, "IMAGES...")


def _page(
    file: Path, build: build_folder.Build, clock: chips.Clock, board: str | None, as_json: bool
) -> None:
    if as_json:
        raise HearthError("--html and --json: give one of them")
    report_page.check(file)
    report_page.write(file, build, clock, board)
    say_next(f"made {file}", shlex.join(["xdg-open", as_argument(file)]))
