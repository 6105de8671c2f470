"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

OUTPUT = "Output"
"""Title of the options about what is printed and written."""

BuildFolder = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
Images = Annotated[
    list[Path],
    typer.Argument(metavar="IMAGES", help="Image files, or one folder, CSV, .npy or .npz."),
]
SomeImages = Annotated[
    list[Path] | None,
    typer.Argument(metavar="IMAGES", help="Image files, or one folder, CSV, .npy or .npz."),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="Use at most so many images.")]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print the figures as one JSON object.", rich_help_panel=OUTPUT),
]
