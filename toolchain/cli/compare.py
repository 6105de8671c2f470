"""The command `hearth compare`: a board against the golden model."""

from __future__ import annotations

import typer

from hearth.toolchain.cli.bitstream import BOARDLESS
from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.cli.frames import together
from hearth.toolchain.cli.options import BuildFolder, Images, Json, Limit, Pieces
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.host import compare as comparison
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import progress


def compare(
    build: BuildFolder,
    inputs: Images,
    which: Pieces,
    where: Connection,
    limit: Limit = 10,
    as_json: Json = False,
) -> None:
    """Hold every logit of a board against the golden model."""
    loaded = build_folder.load(build)
    golden.classes(loaded.qgraph, "--port", BOARDLESS)
    chosen = images.open_all(inputs, which.part).limited(limit)
    with progress.shown() as tell:
        frames = together(loaded.qgraph, chosen)
        with connect(loaded, where, tell) as board:
            comparison.check_build(board, build_id(loaded))
            result = comparison.compare(board, loaded.qgraph, frames, tell)
    if as_json:
        print_json(comparison.figures(result))
    else:
        print_lines(comparison.lines(result))
    if not result.ok:
        raise typer.Exit(1)
    tell_next("board and golden model are equal", "report", build)
