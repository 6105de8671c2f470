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
from hearth.toolchain.targets.ecp5 import boards, flow, loader, report
from hearth.toolchain.targets.ecp5 import fit as fitting
from hearth.toolchain.targets.xilinx import boards as amd_boards

_Build = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
_KNOWN = (*boards.BOARDS, *amd_boards.BOARDS)
_NAMES = "|".join(_KNOWN)
_Board = Annotated[str, typer.Option(metavar=_NAMES, help="The board.")]
_Loadable = Annotated[str, typer.Option(metavar="|".join(boards.BOARDS), help="The board.")]


def bitstream(
    build: _Build,
    board: _Board = boards.DEFAULT,
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
    _check_board(board)
    loaded = build_folder.load(build)
    if board in amd_boards.BOARDS:
        _refuse(
            board,
            {"--seed": seed, "--placed": placed, "--live": live or None, "--fit": fit or None},
        )
        with progress.shown() as tell, _alone(loaded.path):
            figures = vivado.make(loaded, board, flow.folder_of(loaded, board), clock, tell)
        print(json_text.dumps(figures) if as_json else "\n".join(vivado.lines(figures)))
        print(printable(vivado.next_step(figures)), file=sys.stderr)
        return
    chosen_seed = flow.DEFAULT_SEED if seed is None else seed
    settings = flow.Settings(board, clock or flow.DEFAULT_MHZ, chosen_seed, live)
    with progress.shown() as tell:
        if fit and placed is None:
            loaded = fitting.refit(loaded, boards.find(board), live, tell)
        fitting.check(loaded.design, boards.find(board), live)
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


def program(build: _Build, board: _Loadable = boards.DEFAULT) -> None:
    """Load a bitstream into a connected board with openFPGALoader."""
    if board in amd_boards.BOARDS:
        raise HearthError(
            f"program: {board} is loaded with AMD's tools, Vivado's hardware manager or PYNQ;"
            " hearth program is for " + ", ".join(boards.BOARDS)
        )
    boards.check(board)
    loaded = build_folder.load(build)
    file = flow.folder_of(loaded, board) / flow.BITSTREAM
    if not file.is_file():
        make = advice.command("bitstream", build, "--board", board)
        raise HearthError(f"{file}: not there yet; make it with: {make}")
    loader.load(boards.LOADER[board], file)
    follow = advice.command("compare", build, "IMAGES...", "--port", "/dev/ttyUSB0")
    print(printable(f"{board} runs {build}; next: {follow}"), file=sys.stderr)


def _check_board(name: str) -> None:
    """HearthError that lists the boards of both flows when there is no such board."""
    if name not in _KNOWN:
        raise HearthError(f"--board: no board is called '{name}'; known are {', '.join(_KNOWN)}")


def _refuse(board: str, options: Mapping[str, object]) -> None:
    """HearthError that names the options which were given and mean nothing for Vivado."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise HearthError(
            f"{' and '.join(given)}: for boards placed by nextpnr ({', '.join(boards.BOARDS)});"
            f" {board} is placed by Vivado"
        )
