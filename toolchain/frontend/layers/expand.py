"""The expand stage of a Fire module: two convolutions of one tensor, side by side in one kernel.

    Conv 1x1 -> Relu -+                   FloatExpand(centre, window)
    Conv kxl -> Relu -+-> Concat          Relu before or after the Concat

Convolutions that branch and meet in any other way are layers of their own (joins.py).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.layers.conv import bare
from hearth.toolchain.frontend.layers.maps import Map, Step, with_relu
from hearth.toolchain.frontend.simplify.clip import cap
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS
from hearth.toolchain.ir import FloatConv, FloatExpand


def expand(model: OnnxModel, node: Node, source: Map) -> Step | None:
    """The stage that a Conv belongs to; None when it belongs to none."""
    readers = [other for other in model.consumers(source.tensor) if other.op == "Conv"]
    for join in _joins(model, node):
        pair = [other for other in readers if join in _joins(model, other)]
        if len(pair) != 2 or len(join.inputs) != 2 or join.attributes.get("axis", 1) not in (1, -3):
            continue
        parts = {}
        for other in pair:
            part = with_relu(model, bare(model, other, source)[0])
            parts[part.tensor] = part
        if sorted(join.inputs) == sorted(parts) and all(model.uses()[name] == 1 for name in parts):
            return _stage(model, join, [parts[name] for name in join.inputs], source)
    return None


def _joins(model: OnnxModel, node: Node) -> list[Node]:
    """The Concat that a convolution's result goes into, through an activation or not."""
    readers = model.consumers(node.target)
    if len(readers) == 1 and readers[0].op in ACTIVATIONS:
        readers = model.consumers(readers[0].target)
    return [reader for reader in readers if reader.op == "Concat"]


def _stage(model: OnnxModel, join: Node, parts: list[FloatConv], source: Map) -> Step | None:
    """The stage, when one kernel can be made of it."""
    centre, window = parts
    tail: tuple[str, ...] = ()
    tensor = join.target
    readers = model.consumers(tensor)
    if len(readers) == 1 and model.uses()[tensor] == 1 and readers[0].op in ACTIVATIONS:
        tail, tensor, limit = (readers[0].name,), readers[0].target, cap(model, readers[0])
        centre, window = (replace(p, relu=True, cap=min(limit, p.cap)) for p in (centre, window))
    if not _fits(centre, window) or (centre.relu, centre.cap) != (window.relu, window.cap):
        return None
    layer = FloatExpand(
        name=_name(join, centre.name, window.name),
        nodes=(*centre.nodes, *window.nodes, join.name, *tail),
        tensor=tensor,
        inputs=(source.tensor,),
        centre=centre,
        window=window,
    )
    channels = len(centre.weights) + len(window.weights)
    return layer, Map(tensor, channels, source.height, source.width)


def _fits(centre: FloatConv, window: FloatConv) -> bool:
    """Whether one is 1x1 and the other has an odd kernel, and both leave the map as large as it
    is."""

    def plain(conv: FloatConv) -> bool:
        same = (conv.kernel[0] // 2, conv.kernel[1] // 2) * 2
        steady = conv.strides == conv.dilations == (1, 1) and conv.groups == 1
        return steady and all(side % 2 for side in conv.kernel) and conv.pads == same

    return centre.kernel == (1, 1) and plain(centre) and plain(window)


def _name(join: Node, centre: str, window_: str) -> str:
    """'fire2/expand' when that is what fire2/expand1x1 and fire2/expand3x3 share."""
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(centre, window_, strict=False))
    prefix = "".join(first for first, _ in same)
    rests = [name[len(prefix) :] for name in (centre, window_)]
    prefix = prefix.rstrip("/_-.")
    if prefix and all(re.match(r"\d+x\d+(?!\d)", rest) for rest in rests):
        return prefix
    return join.name
