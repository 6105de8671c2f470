"""A part of a network as a network of its own: every layer, one Fire module, or a range.

before   conv1, pool1, fire2/squeeze1x1, fire2/expand, fire3/squeeze1x1, ...
after    fire2/squeeze1x1, fire2/expand                       (select(qgraph, "fire2"))
"""

from __future__ import annotations

from dataclasses import replace

from hearth.toolchain.ir import Design, QGraph, Stage
from hearth.toolchain.support.errors import HearthError


def select(qgraph: QGraph, wanted: str | None) -> QGraph:
    """The layers named by `wanted`: None for all, a layer's name, a Fire module's name (the part of
    its layers' names before the slash), or FIRST:LAST of either. HearthError when there are none.
    """
    if wanted is None:
        return qgraph
    first, _, last = wanted.partition(":")
    start = _matches(qgraph, first)[0]
    stop = _matches(qgraph, last or first)[-1]
    if stop < start:
        raise HearthError(f"--layers {wanted}: {last} comes before {first} in {qgraph.name}")
    name = f"{qgraph.name}_{wanted.replace(':', '_to_')}"
    return replace(qgraph, name=name, layers=qgraph.layers[start : stop + 1])


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
