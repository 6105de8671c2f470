"""The connection of a command to a board, to a simulated one, or to the golden model instead."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import serial
import typer

from hearth.sim.virtual_board import virtual
from hearth.toolchain.cli.bitstream import BOARDLESS
from hearth.toolchain.cli.groups import Group
from hearth.toolchain.host import compare
from hearth.toolchain.host.labeller import Golden, Labeller, OnBoard
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, golden
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial import uart
from hearth.toolchain.targets.serial.camera import Video

GOLDEN, VIRTUAL = "golden", "virtual"
_READ_SECONDS = 0.005
_WRITE_SECONDS = 30.0
"""That a piece of a packet may take (line.py): a port that takes nothing is an error. A simulator
takes what it takes."""
_ANSWER_SECONDS = 1.0
"""Patience with a board."""
Baud = Annotated[
    int | None,
    typer.Option(metavar="N", help=f"Bits per second, as in board.json; default {uart.BAUDS[0]}."),
]


@dataclass(frozen=True)
class Connection(Group):
    """Where the board is."""

    title = "Connection"
    port: Annotated[str, typer.Option(metavar=f"DEVICE|{VIRTUAL}", help="The board's serial port.")]
    baud: Baud = None


@dataclass(frozen=True)
class Answerer(Group):
    """Who classifies."""

    title = "Who classifies"
    port: Annotated[
        str,
        typer.Option(
            metavar=f"{GOLDEN}|{VIRTUAL}|DEVICE",
            help="The golden model, a board in the simulator, or the board at a serial port.",
        ),
    ] = GOLDEN
    baud: Baud = None

    @property
    def is_board(self) -> bool:
        """Rather than the golden model, which runs here."""
        return self.port != GOLDEN


@contextlib.contextmanager
def answering(build: Build, where: Answerer, tell: progress.Report) -> Iterator[Labeller]:
    """Whoever classifies frames. HearthError for a network without classes, or another board's."""
    if not where.is_board:
        yield Golden(build.design)
        return
    golden.classes(build.qgraph, "--port", BOARDLESS)
    with connect(build, Connection(where.port, where.baud), tell) as board:
        compare.check_build(board, build_id(build))
        compare.check_network(board, build.qgraph)
        yield OnBoard(board, build.design)


@contextlib.contextmanager
def connect(build: Build | None, where: Connection, tell: progress.Report) -> Iterator[SerialBoard]:
    """The board at a port, or a virtual board that runs `build`."""
    port, rate = where.port, _rate(where.baud)
    with contextlib.ExitStack() as stack:
        is_virtual = port == VIRTUAL
        name = stack.enter_context(_simulated(build, tell)) if is_virtual else port
        wire = stack.enter_context(_opened(name, where))
        yield SerialBoard(wire, _patience(build if is_virtual else None), baud=rate)


@contextlib.contextmanager
def filmed(
    build: Build,
    video: Video,
    sent: Sequence[Array],
    where: Connection,
    tell: progress.Report,
) -> Iterator[tuple[SerialBoard, virtual.Film]]:
    """A virtual board whose camera sends these pictures (virtual.filming), at its usual pace.
    HearthError for any other board."""
    if where.port != VIRTUAL:
        raise HearthError(
            f"--video camera: needs --port {VIRTUAL}, whose camera is shown the images; a board's"
            f" sees what stands in front of it, found --port {where.port}"
        )
    pace = virtual.usual_pace(build.design, video)
    with (
        virtual.filming(build, video, sent, pace, tell) as film,
        _opened(film.port, where) as wire,
    ):
        yield SerialBoard(wire, _patience(build), baud=_rate(where.baud)), film


@contextlib.contextmanager
def _opened(name: str, where: Connection) -> Iterator[serial.Serial]:
    """The serial port called `name`; HearthError that says what to do where it cannot be opened."""
    write_seconds = None if where.port == VIRTUAL else _WRITE_SECONDS
    try:
        wire = serial.Serial(
            name, _rate(where.baud), timeout=_READ_SECONDS, write_timeout=write_seconds
        )
    except (serial.SerialException, ValueError) as error:
        raise HearthError(
            f"--port {where.port}: cannot be opened ({error}); {_hint(error)}"
        ) from None
    with wire:
        wire.reset_input_buffer()
        yield wire


def _simulated(
    build: Build | None, tell: progress.Report
) -> contextlib.AbstractContextManager[str]:
    if build is None:
        raise HearthError(f"--port {VIRTUAL}: the virtual board runs a build, and none was given")
    return virtual.running(build, tell)


def _patience(simulated: Build | None) -> float:
    """Seconds to an answer of a board, or of a build in the simulator."""
    return _ANSWER_SECONDS if simulated is None else virtual.answer_seconds(simulated.design)


def _rate(baud: int | None) -> int:
    """Bits per second: those that a board's clock is divided for, or what became of them where a
    routed design was given another clock."""
    if baud is None:
        return uart.BAUDS[0]
    if not uart.SLOWEST <= baud <= uart.FASTEST:
        raise HearthError(
            f"--baud {baud}: a board's serial port runs at {uart.SLOWEST} to {uart.FASTEST} bits"
            " per second; give the rate in its board.json, which `hearth bitstream` wrote"
        )
    return baud


def _hint(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.EACCES:
        return "you may not use it: sudo usermod -aG dialout $USER, then log in anew"
    return "is the board plugged in, and is that its port?"
