"""A Design's decisions as JSON. The QGraph they belong to is a file of its own."""

from __future__ import annotations

import json
from pathlib import Path

from toolchain import json_text
from toolchain.errors import HearthError
from toolchain.ir import Design, Fold, QGraph, Stage

_VERSION = 1


def dumps(design: Design) -> str:
    """The folding and FIFO depth of every stage as JSON text."""
    stages = [
        {
            "layer": stage.layer.name,
            "module": stage.module,
            "pe": stage.fold.pe,
            "simd": stage.fold.simd,
            "beat": stage.fold.beat,
            "in_beat": stage.in_beat,
            "fifo_depth": stage.fifo_depth,
        }
        for stage in design.stages
    ]
    return json_text.dumps({"version": _VERSION, "stages": stages}, indent=1) + "\n"


def load(path: Path, qgraph: QGraph) -> Design:
    """Read a design back; HearthError when the file is not one or belongs to another network."""
    try:
        content = json.loads(path.read_text())
        rows = content["stages"]
        if content["version"] != _VERSION:
            raise HearthError(
                f"{path}: written by another version of Hearth (format {content['version']},"
                f" this is {_VERSION}); compile the model again"
            )
        if [row["layer"] for row in rows] != [layer.name for layer in qgraph.layers]:
            raise HearthError(f"{path}: its layers are not those of {qgraph.name}; compile again")
        stages = tuple(
            Stage(
                layer,
                Fold(int(row["pe"]), int(row["simd"]), int(row["beat"])),
                int(row["in_beat"]),
                str(row["module"]),
                int(row["fifo_depth"]),
            )
            for layer, row in zip(qgraph.layers, rows, strict=True)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HearthError(f"{path}: not a readable design file ({error}); compile again") from None
    return Design(qgraph, stages)
