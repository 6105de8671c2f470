"""The command `hearth run`: images through the golden model."""

from __future__ import annotations

from typing import Any

from hearth.toolchain.cli.frames import batches
from hearth.toolchain.cli.options import BuildFolder, Images, Json
from hearth.toolchain.cli.output import as_argument, print_json, print_records, tell_next
from hearth.toolchain.data import images
from hearth.toolchain.ir import golden
from hearth.toolchain.saved import build_folder
from hearth.toolchain.support import progress
from hearth.toolchain.support.text import printable


def run(build: BuildFolder, inputs: Images, as_json: Json = False) -> None:
    """Classify images with the golden model, the hardware's equal."""
    qgraph, chosen = build_folder.load(build).qgraph, images.open_all(inputs)
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


def _class(labels: tuple[str, ...], index: int, score: float) -> dict[str, Any]:
    return {"class": index, "label": labels[index] if labels else "", "score": round(score, 4)}


def _verdict(name: str, top: list[dict[str, Any]]) -> str:
    parts = [f"{c['label'] or c['class']} ({c['score']:.2f})" for c in top]
    return printable(f"{name}: {'; '.join(parts)}")
