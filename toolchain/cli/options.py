"""Options and arguments that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain.cli.groups import Group
from hearth.toolchain.data.clips.part import Part

OUTPUT = "Output"
"""Title of the options about what is printed and written."""

_IMAGES = "Image files, or one clip, camera (/dev/video0), folder, CSV, .npy or .npz."
BuildFolder = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
Images = Annotated[
    list[Path],
    typer.Argument(metavar="IMAGES", help=_IMAGES),
]
SomeImages = Annotated[
    list[Path] | None,
    typer.Argument(metavar="IMAGES", help=_IMAGES),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="Use at most so many images.")]
LimitOrAll = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Use at most so many images; default: all."),
]
CameraSize = Annotated[
    str | None,
    typer.Option(
        "--camera-size", metavar="WxH", help="Images as a camera's hardware hands them on."
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the figures as one JSON object.", rich_help_panel=OUTPUT),
]


@dataclass(frozen=True)
class Pieces(Group):
    """Which of the images are used, before a limit spreads what is left of them evenly."""

    title = "Which images"
    every: Annotated[
        int, typer.Option(metavar="N", min=1, help="Use every N-th image or frame.")
    ] = 1
    start: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Begin there in a clip.")
    ] = 0.0

    @property
    def part(self) -> Part:
        """As the readers of clips want it. HearthError for a time that is none."""
        return Part(self.every, self.start)
