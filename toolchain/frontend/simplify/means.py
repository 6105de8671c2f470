"""The mean over the whole map in the spellings that exporters use becomes GlobalAveragePool.

    ReduceMean(3) -> ReduceMean(2), in either order, axes kept or not
    Reshape to [n, channels, pixels] -> ReduceMean(2)
    ReduceMean(2, 3)

The mean of equally long rows' means is the mean of all, so nothing is rounded differently but the
last bit of a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.simplify.graph import live
from hearth.toolchain.support.errors import HearthError

MAP = [2, 3]


def join_means(model: OnnxModel) -> OnnxModel:
    """Replace every ReduceMean, or pair of them, that averages whole maps.

    The pool is called like the node that reads the map, as which a quantized file knows it.
    """
    producers = model.producers()
    pools = {}
    for node in model.nodes:
        if node.op == "ReduceMean" and (source := _averaged(model, node, producers)):
            first = node if source == node.source else producers[node.source]
            pools[node.name] = Node(first.name, "GlobalAveragePool", (source,), node.outputs, {})
    nodes = tuple(pools.get(node.name, node) for node in model.nodes)
    return live(replace(model, nodes=nodes))


def _averaged(model: OnnxModel, node: Node, producers: Mapping[str, Node]) -> str:
    """The map whose mean a ReduceMean completes, or '' where there is none."""
    axes = axes_of(model, node)
    before = producers.get(node.source)
    if sorted(axis % 4 for axis in axes) == MAP:
        return node.source
    if before is None or len(axes) != 1 or model.uses()[node.source] != 1:
        return ""
    if before.op == "ReduceMean":
        return before.source if _rows_first(model, before, node) else ""
    if before.op in ("Reshape", "Flatten"):
        whole, flat = (model.shapes.get(name, ()) for name in (before.source, node.source))
        rows = len(whole) == 4 and len(flat) == 3 and flat[1:] == (whole[1], whole[2] * whole[3])
        return before.source if rows and axes[0] in (2, -1) else ""
    return ""


def _rows_first(model: OnnxModel, first: Node, second: Node) -> bool:
    """Whether two means over one axis each cover height and width of a map of four axes."""
    axes = [axis % 4 for axis in axes_of(model, first)]
    if len(axes) != 1:
        return False
    left = [0, 1, 2, 3]
    if not first.flag("keepdims", True):
        left.remove(axes[0])
    axis = axes_of(model, second)[0]
    if not -len(left) <= axis < len(left):
        return False
    return sorted([axes[0], left[axis]]) == MAP


def axes_of(model: OnnxModel, node: Node) -> list[int]:
    """The axes of a ReduceMean: an attribute up to operator set 17, an input from 18."""
    axes = node.attributes.get("axes")
    if axes is None and node.optional(1) in model.constants:
        axes = model.constants[node.optional(1)].reshape(-1).tolist()
    if axes is None:
        raise HearthError(
            f"{node.name}: ReduceMean is supported over height and width (axes 2 and 3), found no"
            " axes that are constant"
        )
    return [int(axis) for axis in axes]
