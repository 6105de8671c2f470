"""The commands `hearth bitstream` and `hearth program`; toolchain/cli/main.py lists them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from hearth.toolchain.cli import xilinx as vivado
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import advice, json_text, private, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.ecp5 import fit as fitting
from hearth.toolchain.targets.ecp5 import flow, loader, report
from hearth.toolchain.targets.ecp5.boards import BOARDS as ECP5

_Build = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
_NAMES = "|".join(registry.boards())
_OPEN = [board.name for board in ECP5]
_Board = Annotated[str, typer.Option(metavar=_NAMES, help="The board.")]
_Loadable = Annotated[str, typer.Option(metavar="|".join(_OPEN), help="The board.")]


def bitstream(
    build: _Build,
    board: _Board = registry.DEFAULT,
    clock: Annotated[
        float | None,
        typer.Option(
            min=1, help="Clock in MHz that must be met.", show_default="60; AMD's: the board's own"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of placement.", show_default="1")] = None,
    placed: Annotated[
        Path | None,
        typer.Option(metavar="BUILD", help="Only set new weights in this build's bitstream."),
    ] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Two banks per ROM: hearth update changes the weights."),
    ] = False,
    fit: Annotated[
        bool,
        typer.Option("--fit", help="First fold BUILD anew, to be as fast as fits the board."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON object.")
    ] = False,
) -> None:
    """Make a board's configuration (minutes).

    With Yosys and nextpnr, or for AMD's boards as a Vivado project, which is left where Vivado is
    not installed. --seed, --placed, --live and --fit are for nextpnr's boards.
    """
    target, found = registry.find(board)
    loaded = build_folder.load(build)
    if target.name == "xilinx":
        _refuse(
            board,
            {"--seed": seed, "--placed": placed, "--live": live or None, "--fit": fit or None},
        )
        with progress.shown() as tell, _alone(loaded.path):
            figures = vivado.make(loaded, found, flow.folder_of(loaded, board), clock, tell)
        print(json_text.dumps(figures) if as_json else "\n".join(vivado.lines(figures)))
        print(printable(vivado.next_step(figures)), file=sys.stderr)
        return
    chosen_seed = flow.DEFAULT_SEED if seed is None else seed
    settings = flow.Settings(found, clock or found.mhz, chosen_seed, live)
    with progress.shown() as tell:
        if fit and placed is None:
            loaded = fitting.refit(loaded, found, live, tell)
        fitting.check(loaded.design, found, live)
        source = None if placed is None else build_folder.load(placed)
        with _alone(loaded.path):
            if source is not None:
                figures = flow.swap(loaded, source, settings)
            else:
                figures = flow.make(loaded, settings, tell)
    print(json_text.dumps(figures) if as_json else "\n".join(report.lines(figures)))
    if "bitstream" not in figures:
        raise typer.Exit(1)
    follow = advice.command("program", build, "--board", board)
    print(printable(f"made {figures['bitstream']}; next: {follow}"), file=sys.stderr)


def _alone(build: Path) -> contextlib.AbstractContextManager[None]:
    """One at a time in a build folder, into which nothing is compiled meanwhile."""
    return private.alone(build / build_folder.BOARDS, "hearth bitstream")


def program(build: _Build, board: _Loadable = registry.DEFAULT) -> None:
    """Load a bitstream into a connected board with openFPGALoader."""
    target, found = registry.find(board)
    if target.name == "xilinx":
        raise HearthError(
            f"program: {board} is loaded with AMD's tools, Vivado's hardware manager or PYNQ;"
            " hearth program is for " + ", ".join(_OPEN)
        )
    loaded = build_folder.load(build)
    file = flow.folder_of(loaded, board) / flow.BITSTREAM
    if not file.is_file():
        make = advice.command("bitstream", build, "--board", board)
        raise HearthError(f"{file}: not there yet; make it with: {make}")
    loader.load(found.options["openFPGALoader"], file)
    follow = advice.command("compare", build, "IMAGES...", "--port", "/dev/ttyUSB0")
    print(printable(f"{board} runs {build}; next: {follow}"), file=sys.stderr)


def _refuse(board: str, options: Mapping[str, object]) -> None:
    """HearthError that names the options which were given and mean nothing for Vivado."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise HearthError(
            f"{' and '.join(given)}: for boards placed by nextpnr ({', '.join(_OPEN)});"
            f" {board} is placed by Vivado"
        )
