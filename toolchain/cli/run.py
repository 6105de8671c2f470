"""The command `hearth run`: images through the golden model, or through a board."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hearth.toolchain.cli.connect import Answerer, answering
from hearth.toolchain.cli.frames import named_batches, seen
from hearth.toolchain.cli.options import (
    BuildFolder,
    CameraSize,
    Images,
    Json,
    LimitOrAll,
    Pieces,
)
from hearth.toolchain.cli.output import as_argument, print_json, print_records, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, Output, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

Row = Mapping[str, Any]
"""Of the JSON: one image's results."""


def run(
    build: BuildFolder,
    inputs: Images,
    which: Pieces,
    where: Answerer,
    limit: LimitOrAll = None,
    camera_size: CameraSize = None,
    as_json: Json = False,
) -> None:
    """Classify images with the golden model, or on a board.

    The golden model is the hardware's equal; of a network that names no classes it says what
    leaves. Results are printed as they come."""
    loaded, opened = build_folder.load(build), images.open_all(inputs, which.part)
    limited = opened if limit is None else opened.limited(limit)
    chosen = seen(loaded.qgraph, limited, camera_size)
    if as_json and chosen.live and limit is None:
        raise HearthError(f"--json: {inputs[0]} is a camera, which does not end; give --limit")
    named = bool(loaded.qgraph.classes) or where.is_board
    with progress.shown() as tell:
        found = (
            _classified(loaded, chosen, where, tell) if named else _leaving(loaded, chosen, tell)
        )
        count = _print(found, as_json, _verdict if named else _extents)
    done = f"{count} images {'classified' if named else 'done'}"
    tell_next(done, "sim", build, *map(as_argument, inputs))


def _print(found: Iterator[Row], as_json: bool, line: Callable[[Row], str]) -> int:
    """Prints every row, and says how many there were."""
    if as_json:
        rows = list(found)
        print_json({"images": len(rows), "results": rows})
        return len(rows)
    count = 0
    for row in found:
        print_records([line(row)])
        count += 1
    return count


def _classified(
    build: Build, chosen: images.ImageSet, where: Answerer, tell: progress.Report
) -> Iterator[Row]:
    """The best classes of every image."""
    qgraph = build.qgraph
    with answering(build, where, tell) as labeller:
        task = "board" if where.is_board else "golden model"
        for names, frames in named_batches(qgraph, chosen, task, tell):
            for name, found in zip(names, labeller.answers(frames), strict=True):
                top = [_class(qgraph.labels, i, float(found.scores[i])) for i in found.top]
                cycles = {} if found.cycles is None else {"cycles": found.cycles}
                yield {"file": name, "top": top, **cycles}


def _leaving(build: Build, chosen: images.ImageSet, tell: progress.Report) -> Iterator[Row]:
    """Every output of every image: its size, and between which real values it lies."""
    qgraph = build.qgraph
    for names, frames in named_batches(qgraph, chosen, "golden model", tell):
        found = zip(qgraph.outputs, golden.results(qgraph, frames), strict=True)
        parts = [[_extent(output, image) for image in values] for output, values in found]
        for name, outputs in zip(names, zip(*parts, strict=True), strict=True):
            yield {"file": name, "outputs": list(outputs)}


def _extent(output: Output, values: Array) -> dict[str, Any]:
    edge, real = output.edge, (float(x) * output.edge.scale for x in (values.min(), values.max()))
    smallest, largest = (round(x, 4) for x in real)
    sizes = {"height": edge.height, "width": edge.width, "channels": edge.channels}
    return {"output": output.name, **sizes, "smallest": smallest, "largest": largest}


def _extents(row: Row) -> str:
    parts = [
        f"'{x['output']}' {x['height']}x{x['width']}x{x['channels']}"
        f" ({x['smallest']:.2f} to {x['largest']:.2f})"
        for x in row["outputs"]
    ]
    return printable(f"{row['file']}: {'; '.join(parts)}")


def _class(labels: tuple[str, ...], index: int, score: float) -> dict[str, Any]:
    return {"class": index, "label": labels[index] if labels else "", "score": round(score, 4)}


def _verdict(row: Row) -> str:
    parts = [f"{c['label'] or c['class']} ({c['score']:.2f})" for c in row["top"]]
    return printable(f"{row['file']}: {'; '.join(parts)}")
