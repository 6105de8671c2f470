"""The float network: the layers of the ONNX file after simplification, in stream order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hearth.toolchain.ir.edge import Array, Pads


@dataclass(frozen=True, eq=False)
class FloatLayer:
    """One layer of the float graph.

    `name` is the ONNX node's name, `nodes` all ONNX nodes merged into it and `tensor` the ONNX
    tensor that carries its result, by which ONNX Runtime's value of this edge is found.
    """

    name: str
    nodes: tuple[str, ...]
    tensor: str


@dataclass(frozen=True, eq=False)
class FloatConv(FloatLayer):
    """Convolution with square kernel; weights [out, kernel, kernel, in], bias [out].

    With `relu` the result is max(x, 0), or min(max(x, 0), cap) where there is a cap (ReLU6).
    """

    weights: Array
    bias: Array
    stride: int
    pads: Pads
    relu: bool
    cap: float = math.inf

    @property
    def kernel(self) -> int:
        return int(self.weights.shape[1])


@dataclass(frozen=True, eq=False)
class FloatExpand(FloatLayer):
    """Two convolutions of one input whose outputs are concatenated: 1x1 first, then the window."""

    centre: FloatConv
    window: FloatConv


@dataclass(frozen=True, eq=False)
class FloatMaxPool(FloatLayer):
    """Max-pool with square window. `ceil` keeps a last, partly covered window (ONNX ceil_mode)."""

    kernel: int
    stride: int
    pads: Pads
    ceil: bool


@dataclass(frozen=True, eq=False)
class FloatGlobalPool(FloatLayer):
    """Mean over all pixels of each channel."""


@dataclass(frozen=True, eq=False)
class Graph:
    """The float network: input [channels, height, width] and its chain of layers."""

    name: str
    input_tensor: str
    channels: int
    height: int
    width: int
    layers: tuple[FloatLayer, ...]


def main_part(layer: FloatConv | FloatExpand) -> FloatConv:
    """The convolution whose window holds all inputs of the layer."""
    return layer.window if isinstance(layer, FloatExpand) else layer


def classes(graph: Graph) -> int:
    """Channels of the last convolution: the classes."""
    *_, last = convolutions(graph).values()
    parts = (last.centre, last.window) if isinstance(last, FloatExpand) else (last,)
    return sum(len(part.bias) for part in parts)


def convolutions(graph: Graph) -> dict[str, FloatConv | FloatExpand]:
    """Every convolution and expand stage by name, in order."""
    return {x.name: x for x in graph.layers if isinstance(x, FloatConv | FloatExpand)}
