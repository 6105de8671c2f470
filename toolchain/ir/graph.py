"""The float network: the layers of the ONNX file after simplification, in topological order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from hearth.toolchain.ir.edge import Array, Pads, Pair
from hearth.toolchain.ir.window import Windows


@dataclass(frozen=True, eq=False)
class FloatLayer:
    """One layer of the float graph.

    `name` is the ONNX node's name, `nodes` all ONNX nodes merged into it and `tensor` the ONNX
    tensor that carries its result, by which ONNX Runtime's value of this edge is found; `inputs`
    are the tensors of the layers, or of the input, that it reads.
    """

    name: str
    nodes: tuple[str, ...]
    tensor: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FloatConv(FloatLayer):
    """Convolution; weights [out, rows, columns, in / groups], bias [out].

    Taps lie `dilations` apart, windows `strides`. Of several `groups` each has as many output
    channels as the others and sees as many input channels. With `relu` the result is max(x, 0), or
    min(max(x, 0), cap) where there is a cap (ReLU6).
    """

    weights: Array
    bias: Array
    strides: Pair
    pads: Pads
    relu: bool
    cap: float = math.inf
    dilations: Pair = (1, 1)
    groups: int = 1

    @property
    def kernel(self) -> Pair:
        """Rows and columns of taps."""
        return int(self.weights.shape[1]), int(self.weights.shape[2])

    @property
    def windows(self) -> Windows:
        return Windows(self.kernel, self.strides, self.dilations, self.pads)


@dataclass(frozen=True, eq=False)
class FloatExpand(FloatLayer):
    """Two convolutions of one input whose outputs are concatenated: 1x1 first, then the window."""

    centre: FloatConv
    window: FloatConv


@dataclass(frozen=True, eq=False)
class FloatMaxPool(FloatLayer):
    """Max-pool over windows of `kernel`. `ceil` keeps a last, partly covered window (ONNX
    ceil_mode)."""

    kernel: Pair
    strides: Pair
    pads: Pads
    ceil: bool


@dataclass(frozen=True, eq=False)
class FloatUpsample(FloatLayer):
    """Every pixel `factors` times, down and across."""

    factors: Pair


@dataclass(frozen=True, eq=False)
class FloatGlobalPool(FloatLayer):
    """Mean over all pixels of each channel."""


@dataclass(frozen=True, eq=False)
class FloatMean(FloatLayer):
    """The same in the middle of a network, where the mean is read by other layers. With `relu` none
    is below zero, as none of the map is."""

    relu: bool = False
    cap: float = math.inf


@dataclass(frozen=True, eq=False)
class FloatAdd(FloatLayer):
    """Sum of two maps, with a `relu` and its cap as of a convolution."""

    relu: bool = False
    cap: float = math.inf


@dataclass(frozen=True, eq=False)
class FloatMul(FloatLayer):
    """Product of a map and a gate of one pixel, or of two maps of one shape, with a `relu` and its
    cap as of a convolution."""

    relu: bool = False
    cap: float = math.inf


@dataclass(frozen=True, eq=False)
class FloatTable(FloatLayer):
    """A function of every value alone: `function` takes values [n], and gives [1, n], or
    [channels, n] where channels differ. With `relu` none of its results is below zero. Values of
    magnitudes from `reach` on make no difference (Hardtanh: 1)."""

    function: Callable[[Array], Array]
    relu: bool = False
    cap: float = math.inf
    reach: float = math.inf


@dataclass(frozen=True, eq=False)
class FloatConcat(FloatLayer):
    """Channels of several maps one after another."""


@dataclass(frozen=True, eq=False)
class Graph:
    """The float network: input [channels, height, width], its layers, and what leaves it."""

    name: str
    input_tensor: str
    channels: int
    height: int
    width: int
    layers: tuple[FloatLayer, ...]
    leaves: tuple[tuple[str, str], ...] = ()
    """Name and tensor of every output, in the file's order; empty: the last layer's result."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The tensors that leave the network."""
        return tuple(tensor for _, tensor in self.leaves) or (self.layers[-1].tensor,)

    @property
    def classifies(self) -> bool:
        """Whether what leaves is one vector of class scores."""
        return len(self.outputs) == 1 and isinstance(self.layers[-1], FloatGlobalPool)


def main_part(layer: FloatConv | FloatExpand) -> FloatConv:
    """The convolution whose window holds all inputs of the layer."""
    return layer.window if isinstance(layer, FloatExpand) else layer


def channels(graph: Graph) -> dict[str, int]:
    """Channels of every tensor that a layer makes, and of the input."""
    found = {graph.input_tensor: graph.channels}
    for layer in graph.layers:
        reads = [found[tensor] for tensor in layer.inputs]
        match layer:
            case FloatConv():
                made = len(layer.bias)
            case FloatExpand():
                made = len(layer.centre.bias) + len(layer.window.bias)
            case FloatConcat():
                made = sum(reads)
            case _:
                made = reads[0]
        found[layer.tensor] = made
    return found


def readers(graph: Graph, tensor: str) -> list[FloatLayer]:
    """The layers that read a tensor."""
    return [layer for layer in graph.layers if tensor in layer.inputs]


def classes(graph: Graph) -> int:
    """Channels of the result: the classes."""
    return channels(graph)[graph.layers[-1].tensor]


def convolutions(graph: Graph) -> dict[str, FloatConv | FloatExpand]:
    """Every convolution and expand stage by name, in order."""
    return {x.name: x for x in graph.layers if isinstance(x, FloatConv | FloatExpand)}
