"""The command `hearth bitstream`: a board's configuration, by the tools of its family."""

from __future__ import annotations

import dataclasses
import enum
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from hearth.toolchain.cli.groups import Group
from hearth.toolchain.cli.options import BuildFolder, Json
from hearth.toolchain.cli.output import print_json, print_lines
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import private, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.serial import camera, modules
from hearth.toolchain.targets.target import Target, Wish
from hearth.toolchain.video.geometry import Camera

AnyBoard = Annotated[str, typer.Option(metavar="NAME", help="The board; hearth boards lists them.")]


class Picture(enum.StrEnum):
    """Where pictures come from, beside a host or in its place, and where they go."""

    NONE = "none"
    CAMERA = "camera"
    SCREEN = "camera+screen"
    AXIS = "axis"


@dataclass(frozen=True)
class Placement(Group):
    """Options that only some families know (Target.options)."""

    title: ClassVar[str] = "Boards placed by " + ", ".join(
        target.placer for target in registry.targets() if target.options
    )
    seed: Annotated[int | None, typer.Option(help="Seed of placement.", show_default="1")] = None
    seeds: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Seeds tried in turn until one meets the clock; the fastest is kept.",
            show_default="1",
        ),
    ] = None
    placed: Annotated[
        Path | None,
        typer.Option(metavar="BUILD", help="Only set new weights in this build's bitstream."),
    ] = None
    live: Annotated[
        bool,
        typer.Option("--live", help="Two banks per ROM: hearth update changes the weights."),
    ] = False
    fit: Annotated[
        bool,
        typer.Option("--fit", help="First fold BUILD anew, to be as fast as fits the board."),
    ] = False


@dataclass(frozen=True)
class Video(Group):
    """What stands in front of the network."""

    title: ClassVar[str] = "Video"
    video: Annotated[
        Picture,
        typer.Option(
            help="A camera at the board's pins, and a screen; a camera as AXI4-Stream; the host."
        ),
    ] = Picture.NONE
    camera_size: Annotated[
        str | None,
        typer.Option(
            metavar="WxH", help="Its picture.", show_default=f"{camera.USUAL}; compare: 64x48"
        ),
    ] = None

    def seen(self, usual: str = camera.USUAL) -> Camera | None:
        """The camera's picture. HearthError for a size that is none, or without a camera."""
        if self.video is not Picture.NONE:
            return Camera.parse(self.camera_size or usual)
        if self.camera_size is not None:
            raise HearthError("--camera-size: is of a camera; give --video camera, too")
        return None


@dataclass(frozen=True)
class BoardVideo(Video):
    """The same of a board, whose camera's registers must be known."""

    camera: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"Its module: {', '.join(module.name for module in modules.MODULES)}.",
            show_default=modules.OV7670.name,
        ),
    ] = None

    def wished(self) -> dict[str, Any]:
        """Fields of Wish. HearthError for a module without a camera."""
        if self.camera is not None and self.video in (Picture.NONE, Picture.AXIS):
            raise HearthError("--camera: names a camera's module; give --video camera, too")
        return {
            "camera": self.seen(),
            "module": self.camera or modules.OV7670.name,
            "screen": self.video is Picture.SCREEN,
        }


_USUAL, _NO_VIDEO = Placement(), BoardVideo()
BOARDLESS = (
    "boards send class scores alone; simulate it with hearth sim, or connect the streams of"
    " rtl/hearth_net.sv in a design of your own"
)


def bitstream(
    build: BuildFolder,
    board: AnyBoard = registry.DEFAULT,
    clock: Annotated[
        float | None,
        typer.Option(min=1, help="Clock in MHz that must be met.", show_default="the board's own"),
    ] = None,
    placement: Placement = _USUAL,
    video: BoardVideo = _NO_VIDEO,
    as_json: Json = False,
) -> None:
    """Make a board's configuration (minutes).

    With Yosys and nextpnr, or for AMD's boards as a Vivado project, which is left where Vivado is
    not installed.
    """
    target, found = registry.find(board)
    _refuse(board, target, placement)
    if video.video is not Picture.NONE:
        _refuse_picture(board, target, video.video)
    wish = Wish(clock, **dataclasses.asdict(placement), **video.wished())
    loaded = build_folder.load(build)
    golden.classes(loaded.qgraph, f"--board {board}", BOARDLESS)
    with progress.shown() as tell:
        loaded = target.prepared(loaded, found, wish, tell)
        # One at a time in a build folder, into which nothing is compiled meanwhile.
        with private.alone(loaded.path / build_folder.BOARDS, "hearth bitstream"):
            figures = target.run(loaded, found, wish, tell)
    if as_json:
        print_json(figures)
    else:
        print_lines(target.lines(figures))
    made = target.made(figures, build)
    if made is None:
        raise typer.Exit(1)
    print(printable(made), file=sys.stderr)


def _refuse(board: str, target: Target, placement: Placement) -> None:
    """HearthError that names the options which were given and mean nothing for this board."""
    given = [
        item.name
        for item in dataclasses.fields(placement)
        if getattr(placement, item.name) != item.default and item.name not in target.options
    ]
    if not given:
        return
    knowing = [other for other in registry.targets() if set(given) <= other.options]
    raise _unknown(" and ".join(f"--{name}" for name in given), knowing, board, target)


def _refuse_picture(board: str, target: Target, picture: Picture) -> None:
    """HearthError where pictures cannot come from there."""
    if picture.value not in target.pictures:
        knowing = [other for other in registry.targets() if picture.value in other.pictures]
        raise _unknown(f"--video {picture.value}", knowing, board, target)


def _unknown(option: str, knowing: list[Target], board: str, target: Target) -> HearthError:
    boards = ", ".join(item.name for other in knowing for item in other.boards)
    return HearthError(
        f"{option}: for boards placed by {', '.join(other.placer for other in knowing)} ({boards});"
        f" {board} is placed by {target.placer}"
    )
