"""The command `hearth compare`; toolchain/cli.py lists it among the others."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import serial
import typer

from sim.board import virtual
from toolchain import build_folder, images, progress
from toolchain.bitstream import flow
from toolchain.build_folder import Build
from toolchain.errors import HearthError
from toolchain.host import compare as comparison
from toolchain.host.board import SerialBoard

VIRTUAL = "virtual"
_BAUD = 3_000_000
_READ_SECONDS = 0.005
_ANSWER_SECONDS = {False: 1.0, True: 60.0}
"""Patience with a board, and with a simulated one."""


@contextlib.contextmanager
def connect(
    build: Build, port: str, baud: int | None, tell: progress.Report
) -> Iterator[SerialBoard]:
    """The board at `port`, or the virtual board; HearthError when it runs another build."""
    with contextlib.ExitStack() as stack:
        is_virtual = port == VIRTUAL
        name = stack.enter_context(virtual.running(build, tell)) if is_virtual else port
        try:
            wire = serial.Serial(name, baud or _BAUD, timeout=_READ_SECONDS)
        except (serial.SerialException, ValueError) as error:
            raise HearthError(
                f"--port {port}: cannot be opened ({error}); is the board plugged in, and may you"
                " use its port?"
            ) from None
        stack.enter_context(wire)
        wire.reset_input_buffer()
        board = SerialBoard(wire, _ANSWER_SECONDS[is_virtual])
        comparison.check_build(board, flow.build_id(build))
        yield board


def compare(
    build: Annotated[Path, typer.Argument(metavar="BUILD", help="Folder made by compile.")],
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGES...", help="Image files, or one folder, CSV, .npy or .npz."),
    ],
    port: Annotated[
        str, typer.Option(metavar=f"DEVICE|{VIRTUAL}", help="The board's serial port.")
    ],
    baud: Annotated[int | None, typer.Option(help="Bits per second; default 3000000.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Use at most so many images.")] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON object.")
    ] = False,
) -> None:
    """Send images to a board and hold every logit against the golden model."""
    loaded = build_folder.load(build)
    chosen = images.open_all(inputs).limited(limit)
    qgraph = loaded.qgraph
    size = (qgraph.input.height, qgraph.input.width)
    with progress.shown() as tell:
        frames = np.concatenate(list(chosen.batches(qgraph.preprocessing, size)))
        with connect(loaded, port, baud, tell) as board:
            result = comparison.compare(board, qgraph, frames, tell)
    if as_json:
        print(json.dumps(comparison.figures(result)))
    else:
        print("\n".join(comparison.lines(result)))
    if not result.ok:
        raise typer.Exit(1)
