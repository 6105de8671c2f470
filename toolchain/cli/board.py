"""The commands `hearth compare` and `hearth update`; toolchain/cli/main.py lists them."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import serial
import typer

from hearth.sim.virtual_board import virtual
from hearth.toolchain.data import images
from hearth.toolchain.host import compare as comparison
from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, QGraph
from hearth.toolchain.saved import build_folder, weights_image
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.saved.identity import build_id, hardware_id
from hearth.toolchain.support import json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.ecp5 import pll

VIRTUAL = "virtual"
_READ_SECONDS = 0.005
_WRITE_SECONDS = 30.0
"""That a piece of a packet may take (line.py): a port that takes nothing is an error."""
_ANSWER_SECONDS = {False: 1.0, True: 60.0}
"""Patience with a board, and with a simulated one."""
_Build = Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")]
_Port = Annotated[str, typer.Option(metavar=f"DEVICE|{VIRTUAL}", help="The board's serial port.")]
_Baud = Annotated[
    int | None, typer.Option(help="Bits per second, as board.json says; default 3000000.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")]


@contextlib.contextmanager
def connect(
    build: Build, port: str, baud: int | None, tell: progress.Report
) -> Iterator[SerialBoard]:
    """The board at `port`, or a virtual board that runs `build`."""
    rate = _rate(baud)
    with contextlib.ExitStack() as stack:
        is_virtual = port == VIRTUAL
        name = stack.enter_context(virtual.running(build, tell)) if is_virtual else port
        try:
            wire = serial.Serial(name, rate, timeout=_READ_SECONDS, write_timeout=_WRITE_SECONDS)
        except (serial.SerialException, ValueError) as error:
            raise HearthError(
                f"--port {port}: cannot be opened ({error}); {_hint(error)}"
            ) from None
        stack.enter_context(wire)
        wire.reset_input_buffer()
        yield SerialBoard(wire, _ANSWER_SECONDS[is_virtual], baud=rate)


def _rate(baud: int | None) -> int:
    """Bits per second: one of those that a board's clock is divided for."""
    if baud is None:
        return pll.BAUDS[0]
    if baud not in pll.BAUDS:
        rates = ", ".join(str(rate) for rate in pll.BAUDS)
        raise HearthError(
            f"--baud {baud}: a board's serial port runs at one of {rates} bits per second; give the"
            " one in its board.json, which `hearth bitstream` wrote"
        )
    return baud


def _hint(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.EACCES:
        return "you may not use it: sudo usermod -aG dialout $USER, then log in anew"
    return "is the board plugged in, and is that its port?"


def _frames(qgraph: QGraph, chosen: images.ImageSet) -> Array:
    """The images as the network's input."""
    return chosen.whole(qgraph.preprocessing, (qgraph.input.height, qgraph.input.width))


def compare(
    build: _Build,
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGES...", help="Image files, or one folder, CSV, .npy or .npz."),
    ],
    port: _Port,
    baud: _Baud = None,
    limit: Annotated[int, typer.Option(min=1, help="Use at most so many images.")] = 10,
    as_json: _Json = False,
) -> None:
    """Send images to a board and hold every logit against the golden model."""
    loaded = build_folder.load(build)
    chosen = images.open_all(inputs).limited(limit)
    qgraph = loaded.qgraph
    with progress.shown() as tell:
        frames = _frames(qgraph, chosen)
        with connect(loaded, port, baud, tell) as board:
            comparison.check_build(board, build_id(loaded))
            result = comparison.compare(board, qgraph, frames, tell)
    if as_json:
        print(json_text.dumps(comparison.figures(result)))
    else:
        print("\n".join(comparison.lines(result)))
    if not result.ok:
        raise typer.Exit(1)


def update(
    build: _Build,
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGES...]", help="Images to compare before and after."),
    ] = None,
    *,
    port: _Port,
    running: Annotated[
        Path | None, typer.Option(metavar="BUILD", help="What the board runs before.")
    ] = None,
    baud: _Baud = None,
    limit: Annotated[int, typer.Option(min=1, help="Use at most so many images.")] = 10,
    as_json: _Json = False,
) -> None:
    """Give a running board the weights of BUILD, between two frames, all or nothing.

    The board's bitstream must be made with --live from the same hardware (hearth compile --like).
    """
    new, old = build_folder.load(build), build_folder.load(running or build)
    chosen = images.open_all(inputs).limited(limit) if inputs else None
    results: dict[str, comparison.Comparison] = {}

    def judge(board: SerialBoard, side: str, loaded: Build, tell: progress.Report) -> None:
        if chosen is not None:
            frames = _frames(loaded.qgraph, chosen)
            results[side] = comparison.compare(board, loaded.qgraph, frames, tell)

    with progress.shown() as tell, connect(old, port, baud, tell) as board:
        if running is not None:
            comparison.check_build(board, build_id(old))
            judge(board, "before", old, tell)
        before = board.info.build_id
        started = time.monotonic()
        after = board.update(hardware_id(new), weights_image.image(new))
        seconds = time.monotonic() - started
        comparison.check_build(board, build_id(new))
        judge(board, "after", new, tell)
    if as_json:
        sides = {side: comparison.figures(result) for side, result in results.items()}
        ids = {"before_id": f"{before:016x}", "after_id": f"{after:016x}"}
        print(json_text.dumps({**ids, "seconds": seconds, "faults": dict(board.faults), **sides}))
    else:
        for side, result in results.items():
            print("\n".join(f"{side}: {line}" for line in comparison.lines(result)))
        size = board.info.image_bytes
        print(f"build {before:016x} -> {after:016x}: {size:,} bytes in {seconds:.1f} s")
    if not all(result.ok for result in results.values()):
        raise typer.Exit(1)
