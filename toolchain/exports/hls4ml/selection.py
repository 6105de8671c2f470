"""A part of a network as a network of its own: every layer, one Fire module, or a range.

before   conv1, pool1, fire2/squeeze1x1, fire2/expand, fire3/squeeze1x1, ...
after    fire2/squeeze1x1, fire2/expand                       (select(qgraph, "fire2"))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hearth.toolchain.ir import Design, Layer, QGraph, Stage
from hearth.toolchain.support.errors import HearthError


def select(qgraph: QGraph, wanted: str | None) -> QGraph:
    """The layers named by `wanted`: None for all, a layer's name, a Fire module's name (the part of
    its layers' names before the slash), or FIRST:LAST of either. HearthError when there are none.
    """
    if wanted is None:
        _check_one_end(qgraph)
        _check_closed(qgraph.layers)
        return replace(qgraph, leaves=())
    first, _, last = wanted.partition(":")
    start = _matches(qgraph, first)[0]
    stop = _matches(qgraph, last or first)[-1]
    if stop < start:
        raise HearthError(f"--layers {wanted}: {last} comes before {first} in {qgraph.name}")
    name = f"{qgraph.name}_{wanted.replace(':', '_to_')}"
    layers = qgraph.layers[start : stop + 1]
    _check_closed(layers)
    return replace(qgraph, name=name, layers=layers, leaves=())


def _check_one_end(qgraph: QGraph) -> None:
    if len(qgraph.outputs) > 1:
        names = ", ".join(f"'{output.name}'" for output in qgraph.outputs)
        raise HearthError(
            f"{qgraph.name}: has {len(qgraph.outputs)} outputs ({names}), and what hls4ml export"
            " takes ends in one; choose a part with --layers FIRST:LAST"
        )


def _check_closed(layers: Sequence[Layer]) -> None:
    """HearthError where a layer reads what none of these makes, besides what the first reads, or
    where none of them reads what one before the last makes."""
    entry = {edge.name for edge in layers[0].sources}
    if len(entry) > 1:
        names = " and ".join(f"'{name}'" for name in sorted(entry))
        raise HearthError(
            f"{layers[0].name}: reads {names}, and what hls4ml export takes begins with one stream;"
            " choose another part with --layers FIRST:LAST"
        )
    there = set(entry)
    for layer in layers:
        for source in layer.sources:
            if source.name not in there:
                raise HearthError(
                    f"{layer.name}: reads '{source.name}', which comes from before"
                    f" {layers[0].name}, and what hls4ml export takes begins with one stream;"
                    " choose another part with --layers FIRST:LAST"
                )
        there.add(layer.target.name)
    read = {source.name for layer in layers for source in layer.sources}
    for layer in layers[:-1]:
        if layer.target.name not in read:
            raise HearthError(
                f"{layer.name}: no layer up to {layers[-1].name} reads it, and what hls4ml export"
                " takes ends in one stream; choose another part with --layers FIRST:LAST"
            )


def stages(design: Design, part: QGraph) -> tuple[Stage, ...]:
    """The stages of `design` that hold the layers of `part`."""
    names = {layer.name for layer in part.layers}
    return tuple(stage for stage in design.stages if stage.layer.name in names)


def _matches(qgraph: QGraph, name: str) -> list[int]:
    found = [
        index
        for index, layer in enumerate(qgraph.layers)
        if layer.name == name or (name and layer.name.startswith(f"{name}/"))
    ]
    if not found:
        known = ", ".join(layer.name for layer in qgraph.layers)
        raise HearthError(f"--layers: {qgraph.name} has no layer '{name}'; its layers are {known}")
    return found
