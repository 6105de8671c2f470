"""Compile for hardware that exists: take folding, widths of sums, FIFO depths and shifts from
another build.

What is left to differ is what ROMs hold, so the new weights go into a finished bitstream or a
running board without place and route (docs/design/ecp5.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hearth.toolchain.ir import Design, Layer, QGraph, Stage
from hearth.toolchain.rtl import header
from hearth.toolchain.support.errors import HearthError


def shifts(design: Design) -> tuple[int, ...]:
    """Requantization shift of every layer that has one, in stream order."""
    found = (layer.hardware_shift for layer in design.qgraph.layers)
    return tuple(shift for shift in found if shift is not None)


def fold_like(qgraph: QGraph, model: Design) -> Design:
    """`qgraph` folded as `model` is. HearthError when it has other layers or maps."""
    theirs = [stage.layer for stage in model.stages]
    for mine, other in zip(qgraph.layers, theirs, strict=False):
        same = mine.kind == other.kind and _read(mine) == _read(other)
        if not same or mine.target.shape != other.target.shape:
            raise HearthError(
                f"--like: {mine.name} ({mine.kind}, {mine.source.shape} to {mine.target.shape}) is"
                f" not {other.name} ({other.kind}, {other.source.shape} to {other.target.shape}) of"
                " that build; only the weights may differ"
            )
    if len(qgraph.layers) != len(theirs):
        raise HearthError(
            f"--like: this network has {len(qgraph.layers)} layers, that build {len(theirs)}; only"
            " the weights may differ"
        )
    if _wires(qgraph) != _wires(model.qgraph):
        raise HearthError(
            "--like: this network's layers read one another in another way than that build's; only"
            " the weights may differ"
        )
    stages = zip(model.stages, qgraph.layers, strict=True)
    folded = tuple(_stage_like(stage, layer) for stage, layer in stages)
    return Design(qgraph, folded, model.period)


def _stage_like(stage: Stage, layer: Layer) -> Stage:
    return replace(stage, layer=layer, fold=layer.taken_over(stage.fold, stage.layer))


def _read(layer: Layer) -> list[tuple[int, int, int]]:
    return [edge.shape for edge in layer.sources]


def _wires(qgraph: QGraph) -> list[object]:
    """Who reads which edge, whatever it is called."""
    return list(qgraph.readers.values())


def check(files: Mapping[str, str | bytes], theirs: Mapping[str, str]) -> None:
    """HearthError unless both have the same RTL, comments aside: codebooks and input borders are
    part of it."""
    mine = {path: text for path, text in files.items() if path.startswith("rtl/")}
    for path in sorted(mine.keys() | theirs.keys()):
        if header.code(str(mine.get(path))) != header.code(str(theirs.get(path))):
            raise HearthError(
                f"--like: {path.removeprefix('rtl/')} differs from that build's; codebooks, weight"
                " bits and the mean of the preprocessing are part of the hardware"
            )
