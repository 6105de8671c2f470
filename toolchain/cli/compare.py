"""The command `hearth compare`: a board against the golden model."""

from __future__ import annotations

import typer

from hearth.toolchain.cli import filmed
from hearth.toolchain.cli.bitstream import BOARDLESS, Picture, Video
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
from hearth.toolchain.support.errors import HearthError

SMALL = "64x48"
"""A camera's picture in simulation, unless another size is asked for: a hundredth of 640x480."""
_NO_VIDEO = Video()


def compare(
    build: BuildFolder,
    inputs: Images,
    which: Pieces,
    where: Connection,
    limit: Limit = 10,
    video: Video = _NO_VIDEO,
    as_json: Json = False,
) -> None:
    """Hold every logit of a board against the golden model.

    With --video camera the images are shown to the camera of a virtual board, too."""
    if video.video is Picture.SCREEN:
        raise HearthError("--video camera+screen: no virtual board has a screen; give camera")
    if video.video is Picture.AXIS:
        raise HearthError("--video axis: no virtual board has a stream; give camera")
    loaded = build_folder.load(build)
    golden.classes(loaded.qgraph, "--port", BOARDLESS)
    chosen = images.open_all(inputs, which.part).limited(limit)
    size, pictures = video.seen(SMALL), None
    with progress.shown() as tell:
        if size is not None:
            pictures, result = filmed.compared(loaded, chosen, size, where, tell)
        else:
            frames = together(loaded.qgraph, chosen)
            with connect(loaded, where, tell) as board:
                comparison.check_build(board, build_id(loaded))
                result = comparison.compare(board, loaded.qgraph, frames, tell)
    if as_json:
        seen = {} if pictures is None else {"camera": pictures.figures}
        print_json(comparison.figures(result) | seen)
    else:
        print_lines([] if pictures is None else pictures.lines, comparison.lines(result))
    if not result.ok or (pictures is not None and pictures.wrong):
        raise typer.Exit(1)
    tell_next("board and golden model are equal", "report", build)
