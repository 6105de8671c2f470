"""What works on one pixel, as behind a global average pool in the middle of a network.

    pool -> Flatten -> Gemm -> Relu -> Gemm      pool -> Conv 1x1 -> Relu -> Conv 1x1 -> pool
    pool -> Squeeze -> ... -> Unsqueeze -> Mul   pool -> ... -> Mul

A row of values [n, channels] is a map of one pixel: shapes fall away, matrices become weights, and
constants for each value are constants for each channel. Where the scores are such a pixel, a pool
of it ends the network, as every other. What linear.py can move in front of the last pool has left
before, which is exact and cheaper.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.frontend.file.onnx_model import Node, OnnxModel
from hearth.toolchain.frontend.file.operators import POINTWISE
from hearth.toolchain.frontend.simplify.dense import LINEAR, matrix
from hearth.toolchain.frontend.simplify.graph import fresh
from hearth.toolchain.frontend.simplify.linear import POOLS
from hearth.toolchain.frontend.simplify.tail import RESHAPING
from hearth.toolchain.ir import Array

SHRINKING = (*POOLS, "Conv", "MaxPool")
"""What may make one pixel of a map."""
KEEPING = (*POINTWISE, "BatchNormalization")
"""What works on a row of values as on a pixel."""


def rows_to_pixels(model: OnnxModel) -> OnnxModel:
    """Replace rows of values by pixels; all as it was where a row is used in another way."""
    walk = _Walk(model)
    if model.kept.quantized or not all(walk.takes(node) for node in model.nodes):
        return model
    nodes, names = walk.nodes, dict[str, str]()
    for tensor in model.outputs:
        output = names[tensor] = walk.names.get(tensor, tensor)
        last = next((node for node in nodes if output in node.outputs), None)
        if last is not None and last.op not in POOLS and output in walk.channels:
            names[tensor] = fresh(model, f"{output}/pixel")
            made = (names[tensor],)
            nodes.append(Node(f"{last.name}/pool", "GlobalAveragePool", (output,), made, {}))
            walk.changed = True
    if not walk.changed:
        return model
    constants = {**model.constants, **walk.constants}
    changed = replace(model, nodes=tuple(nodes), constants=constants, rewritten=True)
    return changed.ended(names)


class _Walk:
    """Takes the nodes in order.

    channels   of every tensor that is one pixel, or a row that stands for one
    names      what a tensor is called now
    """

    def __init__(self, model: OnnxModel) -> None:
        self.model = model
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self.channels: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.changed = False

    def takes(self, node: Node) -> bool:
        """Whether it is known what a node is on pixels instead of rows."""
        data = [name for name in node.inputs if name and name not in self.model.constants]
        pixels = [name for name in data if name in self.channels]
        made = _pixel(self.model, node)
        if not pixels:
            self._add(node, made)
            return True
        count = self.channels[pixels[0]]
        if node.op in RESHAPING:
            return self._reshape(node, count)
        if node.op in LINEAR:
            return data == [node.source] and self._linear(node, count)
        rows = any(len(self.model.shapes.get(name, ())) != 4 for name in pixels)
        alone = node.op in KEEPING and len(pixels) == len(data)
        if rows and not alone:
            return False
        self._add(self._with_columns(node, count) if rows else node, count if alone else made)
        return True

    def _add(self, node: Node, channels: int) -> None:
        self.nodes.append(node.renamed(self.names))
        if channels:
            self.channels[node.target] = channels

    def _reshape(self, node: Node, count: int) -> bool:
        """A pixel in another shape of as many axes or fewer, which is the same pixel."""
        shape = self.model.shapes.get(node.target, ())[1:]
        if shape not in ((0,), (count,), (count, 1), (count, 1, 1)):
            return False
        self.names[node.target] = self.names.get(node.source, node.source)
        self.channels[node.target] = count
        self.changed = True
        return True

    def _linear(self, node: Node, count: int) -> bool:
        """A matrix as a 1x1 convolution."""
        if len(self.model.shapes.get(node.source, ())) != 2:
            return False
        weights, bias = matrix(self.model, node, count)
        names = [fresh(self.model, f"{node.name}/{end}") for end in ("weights", "bias")]
        self.constants[names[0]] = weights[:, :, None, None].astype(np.float32)
        self.constants[names[1]] = bias.astype(np.float32)
        self._add(Node(node.name, "Conv", (node.source, *names), node.outputs, {}), len(weights))
        self.changed = True
        return True

    def _with_columns(self, node: Node, count: int) -> Node:
        """A node whose constants for each value of a row are those for each channel."""
        names = []
        for name in node.inputs:
            value = self.model.constants.get(name)
            if node.op != "BatchNormalization" and value is not None and value.size == count > 1:
                name = fresh(self.model, f"{name}/column")
                self.constants[name] = value.reshape(count, 1, 1)
            names.append(name)
        return replace(node, inputs=tuple(names))


def _pixel(model: OnnxModel, node: Node) -> int:
    """Channels of the one pixel that a node makes of a map; 0 where it makes none."""
    shape = model.shapes.get(node.target, ())
    one = node.op in SHRINKING and len(shape) >= 2 and set(shape[2:]) <= {1}
    return shape[1] if one else 0
