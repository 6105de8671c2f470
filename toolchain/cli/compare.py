"""The command `hearth compare`: a board against the golden model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain.cli import filmed
from hearth.toolchain.cli.bitstream import BOARDLESS, Picture, Video
from hearth.toolchain.cli.connect import Connection, connect
from hearth.toolchain.cli.frames import together
from hearth.toolchain.cli.options import BuildFolder, Images, Json, Limit, Pieces
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.data.clips import writer
from hearth.toolchain.host import compare as comparison
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError

SMALL = "64x48"
"""A camera's picture in simulation, unless another size is asked for: a hundredth of 640x480."""
_NO_VIDEO = Video()
ScreenClip = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A clip of what the screen shows.",
        show_default="BUILD/screen.mp4",
        rich_help_panel=Video.title,
    ),
]


def compare(
    build: BuildFolder,
    inputs: Images,
    which: Pieces,
    where: Connection,
    limit: Limit = 10,
    video: Video = _NO_VIDEO,
    screen_clip: ScreenClip = None,
    as_json: Json = False,
) -> None:
    """Hold every logit of a board against the golden model.

    With --video camera the images are shown to the camera of a virtual board, too; with
    camera+screen every pixel of its screen is compared, which a clip shows."""
    wanted = _beside(build, video, screen_clip)
    loaded = build_folder.load(build)
    golden.classes(loaded.qgraph, "--port", BOARDLESS)
    chosen = images.open_all(inputs, which.part).limited(limit)
    pictures = screen = None
    with progress.shown() as tell:
        if wanted is not None:
            pictures, screen, result = filmed.compared(loaded, chosen, wanted, where, tell)
        else:
            frames = together(loaded.qgraph, chosen)
            with connect(loaded, where, tell) as board:
                comparison.check_build(board, build_id(loaded))
                result = comparison.compare(board, loaded.qgraph, frames, tell)
    if as_json:
        seen = {} if pictures is None else {"camera": pictures.figures}
        seen |= {} if screen is None else {"screen": screen.figures}
        print_json(comparison.figures(result) | seen)
    else:
        more = [part.lines for part in (pictures, screen) if part is not None]
        print_lines(*more, comparison.lines(result))
    if not result.ok or any(part is not None and part.wrong for part in (pictures, screen)):
        raise typer.Exit(1)
    tell_next("board and golden model are equal", "report", build)


def _beside(build: Path, video: Video, clip: Path | None) -> filmed.Wanted | None:
    """What is asked for beside the link. HearthError for options that do not go together."""
    if video.video is Picture.AXIS:
        raise HearthError("--video axis: no virtual board has a stream; give camera")
    size = video.seen(SMALL)
    if video.video is not Picture.SCREEN:
        if clip is not None:
            raise HearthError("--screen-clip: is of a screen; give --video camera+screen, too")
        return None if size is None else filmed.Wanted(size)
    assert size is not None
    clip = clip or build / "screen.mp4"
    writer.check(clip, "--screen-clip")
    return filmed.Wanted(size, clip)
