"""The command `hearth program`: a configuration into a connected board."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hearth.toolchain.cli.options import BuildFolder
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets import registry

_LOADED = [board.name for target in registry.targets() if target.loads for board in target.boards]
_Loadable = Annotated[str, typer.Option(metavar="|".join(_LOADED), help="The board.")]


def program(build: BuildFolder, board: _Loadable = registry.DEFAULT) -> None:
    """Load a bitstream into a connected board."""
    target, found = registry.find(board)
    if not target.loads:
        raise HearthError(
            f"program: {board} is loaded with {target.loader}; hearth program is for"
            f" {', '.join(_LOADED)}"
        )
    target.load(build_folder.load(build), found)
    follow = advice.command("compare", build, "IMAGES...", "--port", "/dev/ttyUSB0")
    print(printable(f"{board} runs {build}; next: {follow}"), file=sys.stderr)
