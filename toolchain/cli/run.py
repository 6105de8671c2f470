"""The command `hearth run`: images through the golden model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth.toolchain.cli.frames import batches
from hearth.toolchain.cli.options import BuildFolder, Images, Json
from hearth.toolchain.cli.output import as_argument, print_json, print_records, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.ir import Array, Output, QGraph, golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import progress
from hearth.toolchain.support.text import printable


def run(build: BuildFolder, inputs: Images, as_json: Json = False) -> None:
    """Classify images with the golden model, the hardware's equal.

    Of a network that names no classes it says what leaves."""
    qgraph, chosen = build_folder.load(build).qgraph, images.open_all(inputs)
    if not qgraph.classes:
        _leaving(qgraph, chosen, as_json)
        tell_next(f"{len(chosen)} images done", "sim", build, *map(as_argument, inputs))
        return
    results = []
    with progress.shown() as tell:
        for frames in batches(qgraph, chosen, "golden model", tell):
            output = golden.outputs(qgraph, frames)
            scores = golden.logits(qgraph, output)
            for best, values in zip(golden.top(qgraph, output), scores, strict=True):
                results.append([_class(qgraph.labels, int(i), float(values[i])) for i in best])
    names = chosen.names()
    if as_json:
        rows = [{"file": n, "top": top} for n, top in zip(names, results, strict=True)]
        print_json({"images": len(rows), "results": rows})
    else:
        print_records(_verdict(n, top) for n, top in zip(names, results, strict=True))
    tell_next(f"{len(results)} images classified", "sim", build, *map(as_argument, inputs))


def _leaving(qgraph: QGraph, chosen: images.ImageSet, as_json: bool) -> None:
    """Every output of every image: its size, and between which real values it lies."""
    rows: list[dict[str, Any]] = []
    with progress.shown() as tell:
        for frames in batches(qgraph, chosen, "golden model", tell):
            found = zip(qgraph.outputs, golden.results(qgraph, frames), strict=True)
            parts = [[_extent(output, image) for image in values] for output, values in found]
            rows += [{"outputs": list(outputs)} for outputs in zip(*parts, strict=True)]
    named = [{"file": name, **row} for name, row in zip(chosen.names(), rows, strict=True)]
    if as_json:
        print_json({"images": len(named), "results": named})
    else:
        print_records(map(_extents, named))


def _extent(output: Output, values: Array) -> dict[str, Any]:
    edge, real = output.edge, (float(x) * output.edge.scale for x in (values.min(), values.max()))
    smallest, largest = (round(x, 4) for x in real)
    sizes = {"height": edge.height, "width": edge.width, "channels": edge.channels}
    return {"output": output.name, **sizes, "smallest": smallest, "largest": largest}


def _extents(row: Mapping[str, Any]) -> str:
    parts = [
        f"'{x['output']}' {x['height']}x{x['width']}x{x['channels']}"
        f" ({x['smallest']:.2f} to {x['largest']:.2f})"
        for x in row["outputs"]
    ]
    return printable(f"{row['file']}: {'; '.join(parts)}")


def _class(labels: tuple[str, ...], index: int, score: float) -> dict[str, Any]:
    return {"class": index, "label": labels[index] if labels else "", "score": round(score, 4)}


def _verdict(name: str, top: list[dict[str, Any]]) -> str:
    parts = [f"{c['label'] or c['class']} ({c['score']:.2f})" for c in top]
    return printable(f"{name}: {'; '.join(parts)}")
