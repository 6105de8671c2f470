"""The command `hearth live`: frames and their classes, in a browser as they come."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hearth.toolchain.cli.connect import Answerer, answering
from hearth.toolchain.cli.options import BuildFolder, Pieces
from hearth.toolchain.cli.output import tell_next
from hearth.toolchain.data import images
from hearth.toolchain.data.pictures import thumbnail
from hearth.toolchain.host.labeller import Answer, Labeller
from hearth.toolchain.ir import Array, QGraph, golden
from hearth.toolchain.live import server
from hearth.toolchain.live.feed import Feed
from hearth.toolchain.page import live as page
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import json_text, progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable, shortened

CAMERA = Path("/dev/video0")
_SIDE, _NAME = 448, 120
"""Pixels of a picture's side, characters of a name."""
_STEP = 0.5
"""Seconds."""
Source = Annotated[
    Path,
    typer.Argument(metavar="[SOURCE]", help="A camera, clip, folder, picture, CSV, .npy or .npz."),
]
At = Annotated[
    int, typer.Option("--at", metavar="PORT", min=0, max=65535, help="Of the page; 0: a free one.")
]
Rate = Annotated[
    float,
    typer.Option(metavar="N", min=0.1, max=1000, help="Most frames a second, but of a camera."),
]


def live(
    build: BuildFolder,
    which: Pieces,
    where: Answerer,
    source: Source = CAMERA,
    at: At = 0,
    fps: Rate = 5.0,
) -> None:
    """Show frames and their classes in a browser, as they come.

    Served to this machine alone, until Ctrl-C. Begins when the page is opened."""
    if source == CAMERA and not source.exists():
        raise HearthError(f"{CAMERA}: there is no camera; give a clip or a folder of pictures")
    loaded, chosen = build_folder.load(build), images.open_set(source, which.part)
    golden.classes(loaded.qgraph, "live")
    feed, text = Feed(), _page(loaded, chosen, where)
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        address = stack.enter_context(server.running(text, feed, at))
        with progress.shown() as tell:
            labeller = stack.enter_context(answering(loaded, where, tell))
        print(f"open {address} (Ctrl-C ends it)", flush=True)
        feed.wait_for_a_reader()
        for told in events(loaded.qgraph, chosen, labeller, None if chosen.live else fps):
            feed.put(json_text.dumps(told))
        until_interrupted()
    tell_next("live ended", "report", build, "--html", build / "report.html")


def until_interrupted() -> NoReturn:
    """Ctrl-C ends it, by KeyboardInterrupt. In steps, as Python looks for signals between them
    alone: one that comes just before a wait without end would never be seen."""
    while True:
        time.sleep(_STEP)


def _page(build: Build, chosen: images.ImageSet, where: Answerer) -> str:
    names = {"golden": "the golden model", "virtual": "a board in the simulator"}
    answers = names.get(where.port, f"the board at {where.port}")
    return page.html(_short(build.qgraph.name), _short(chosen.source), answers)


def events(
    qgraph: QGraph, chosen: images.ImageSet, labeller: Labeller, fps: float | None
) -> Iterator[dict[str, Any]]:
    """What the page shows of each frame (live.js), at most `fps` a second, and then of the last
    one again that the source has ended."""
    size, told = (qgraph.input.height, qgraph.input.width), None
    due, pace = time.monotonic(), labeller.pace()
    for count, (names, frames) in enumerate(chosen.named_batches(qgraph.preprocessing, size, 1), 1):
        began = time.monotonic()
        (answer,) = labeller.answers(frames)
        spent = time.monotonic() - began
        told = _event(qgraph, names[0], frames[0], answer)
        told |= {"count": count, "ended": False}
        told["figures"] = f"{_cycles(answer, pace)}; answered here in {1000 * spent:.0f} ms"
        yield told
        if fps is not None:
            due = max(due + 1 / fps, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
    if told is not None:
        yield {**told, "ended": True}


def _cycles(answer: Answer, pace: str) -> str:
    return pace if answer.cycles is None else f"{answer.cycles:,} cycles on the board; {pace}"


def _event(qgraph: QGraph, name: str, frame: Array, answer: Answer) -> dict[str, Any]:
    """Of one frame: its name, its picture in base64, the best classes with their probabilities."""
    named = answer.named(qgraph.labels)
    best = [{"label": _short(name), "probability": share} for name, share in named]
    picture = base64.b64encode(thumbnail.jpeg(frame, _SIDE)).decode()
    return {"file": _short(name), "picture": picture, "top": best}


def _short(name: str) -> str:
    return shortened(printable(name), _NAME)
