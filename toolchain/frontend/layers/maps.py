"""How far recognition has come: tensors, and the shapes of their maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.simplify.clip import cap
from hearth.toolchain.frontend.simplify.graph import ACTIVATIONS
from hearth.toolchain.ir import FloatAdd, FloatConv, FloatLayer, FloatMul


@dataclass(frozen=True)
class Map:
    """A tensor, and the shape of its map."""

    tensor: str
    channels: int
    height: int
    width: int

    def __str__(self) -> str:
        return f"'{self.tensor}' ({self.height}x{self.width} pixels, {self.channels} channels)"


Step = tuple[FloatLayer, Map]
"""A layer, and what it makes."""
Rectified = TypeVar("Rectified", FloatConv, FloatAdd, FloatMul)


def with_relu(model: OnnxModel, layer: Rectified) -> Rectified:
    """Merge the activation that reads a layer's result, if it is the only reader."""
    readers = model.consumers(layer.tensor)
    alone = len(readers) == 1 and model.uses()[layer.tensor] == 1
    if not alone or readers[0].op not in ACTIVATIONS:
        return layer
    made, nodes = readers[0].target, (*layer.nodes, readers[0].name)
    return replace(layer, nodes=nodes, tensor=made, relu=True, cap=cap(model, readers[0]))
