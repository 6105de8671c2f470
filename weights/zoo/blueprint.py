"""A network written down once, as nodes: what is trained, exported and counted is all made of it.

    Blueprint -> zoo/module.py, a PyTorch module          trained
    Blueprint + Taps of every convolution -> ONNX         `onnx_model`
    Blueprint -> ONNX with drawn weights                  `blank`: shapes without any training

Nodes stand in the order in which they are computed; a node's name is that of the one map it makes.
`Draft` writes them and keeps the maps' channels, so that a network's function reads like the table
in its paper. Nothing here needs PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import onnx

from weights.classes import LABELS, SIZE
from weights.onnx_writer import IMAGE, LOGITS, OnnxWriter, Taps

Pair = tuple[int, int]
CLASSIFIER, POOLED = "classifier", "pooled"


@dataclass(frozen=True)
class Convolution:
    """With padding of half a window on every side. `normalized`: batch normalisation follows while
    it is trained, and is folded in later."""

    name: str
    source: str
    inputs: int
    outputs: int
    kernel: Pair
    stride: int = 1
    groups: int = 1
    normalized: bool = True

    @property
    def pads(self) -> Pair:
        return self.kernel[0] // 2, self.kernel[1] // 2

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the weights, as ONNX and PyTorch hold them."""
        return (self.outputs, self.inputs // self.groups, *self.kernel)

    @property
    def pointwise(self) -> bool:
        return self.kernel == (1, 1) and self.groups == 1

    def taps(self, axis: int, size: int, padding: bool) -> int:
        """Taps of all windows along rows (0) or columns (1) of a map of that size."""
        starts = np.arange(0, size, self.stride) - self.pads[axis]
        places = starts[:, None] + np.arange(self.kernel[axis])
        return places.size if padding else int(((places >= 0) & (places < size)).sum())

    def write(self, writer: OnnxWriter, taps: Taps) -> None:
        place = (self.pads, self.stride, self.groups)
        writer.convolution(self.name, self.source, taps, *place)


@dataclass(frozen=True)
class Activation:
    """ReLU, or ReLU6 where `cap` is 6."""

    name: str
    source: str
    cap: float | None = None

    def write(self, writer: OnnxWriter) -> None:
        if self.cap is None:
            writer.node("Relu", [self.source], self.name)
            return
        bounds = [
            writer.constant(f"{self.name}.{end}", np.array(value, np.float32))
            for end, value in (("low", 0.0), ("high", self.cap))
        ]
        writer.node("Clip", [self.source, *bounds], self.name)


@dataclass(frozen=True)
class MaxPool:
    """3x3. With stride 1 it keeps the map's size; with stride 2 a last, partly covered window is
    kept (ceil mode)."""

    name: str
    source: str
    stride: int = 2

    @property
    def padding(self) -> int:
        return 1 if self.stride == 1 else 0

    def write(self, writer: OnnxWriter) -> None:
        pads, ceil = [self.padding] * 4, int(self.stride > 1)
        shape = {"kernel_shape": [3, 3], "strides": [self.stride] * 2}
        writer.node("MaxPool", [self.source], self.name, pads=pads, ceil_mode=ceil, **shape)


@dataclass(frozen=True)
class Addition:
    """Of two maps."""

    name: str
    sources: tuple[str, str]

    def write(self, writer: OnnxWriter) -> None:
        writer.node("Add", [*self.sources], self.name)


@dataclass(frozen=True)
class Concatenation:
    """Of the channels of several maps."""

    name: str
    sources: tuple[str, ...]

    def write(self, writer: OnnxWriter) -> None:
        writer.node("Concat", [*self.sources], self.name, axis=1)


Joint = Addition | Concatenation
Node = Convolution | Activation | MaxPool | Addition | Concatenation


@dataclass(frozen=True)
class Blueprint:
    """Nodes from `image` to `end`, whose mean over all pixels are the logits."""

    nodes: tuple[Node, ...]
    end: str

    @property
    def convolutions(self) -> tuple[Convolution, ...]:
        return tuple(node for node in self.nodes if isinstance(node, Convolution))

    @property
    def parameters(self) -> int:
        """Weights and biases, batch normalisation folded."""
        return sum(int(np.prod(conv.shape)) + conv.outputs for conv in self.convolutions)

    def products(self, padding: bool) -> int:
        """Multiply-accumulates of a frame, with the taps that lie on padding or without."""
        sizes = {IMAGE: SIZE}
        total = 0
        for node in self.nodes:
            source = node.sources[0] if isinstance(node, Joint) else node.source
            stride = node.stride if isinstance(node, Convolution | MaxPool) else 1
            sizes[node.name] = -(-sizes[source] // stride)
            if isinstance(node, Convolution):
                rows, columns = (node.taps(axis, sizes[source], padding) for axis in (0, 1))
                total += node.outputs * node.shape[1] * rows * columns
        return total

    def onnx_model(self, name: str, taps: Mapping[str, Taps]) -> onnx.ModelProto:
        """The network with the weights of every convolution, by its name."""
        writer = OnnxWriter()
        for node in self.nodes:
            if isinstance(node, Convolution):
                node.write(writer, taps[node.name])
            else:
                node.write(writer)
        writer.node("GlobalAveragePool", [self.end], POOLED)
        writer.node("Flatten", [POOLED], LOGITS, axis=1)
        return writer.model(name)

    def blank(self, name: str, seed: int = 1) -> onnx.ModelProto:
        """The network with drawn weights: lanes, cycles and bytes follow from its shape alone."""
        rng = np.random.default_rng(seed)
        taps = {}
        for conv in self.convolutions:
            spread = np.sqrt(2 / np.prod(conv.shape[1:]))
            weight = rng.normal(0, spread, conv.shape).astype(np.float32)
            taps[conv.name] = Taps(weight, np.full(conv.outputs, 0.05, np.float32))
        return self.onnx_model(name, taps)


@dataclass
class Draft:
    """A network being written. Every method adds nodes and returns the name of the map they make;
    `cap` bounds its activations; `normalized` says whether batch normalisation follows each of its
    convolutions but the last."""

    cap: float | None = None
    normalized: bool = True
    nodes: list[Node] = field(default_factory=list)
    channels: dict[str, int] = field(default_factory=lambda: {IMAGE: 3})

    def _add(self, node: Node, channels: int) -> str:
        self.nodes.append(node)
        self.channels[node.name] = channels
        return node.name

    def conv(
        self,
        name: str,
        source: str,
        outputs: int,
        kernel: int | Pair = 1,
        stride: int = 1,
        groups: int = 1,
    ) -> str:
        """Convolution alone."""
        window = (kernel, kernel) if isinstance(kernel, int) else kernel
        inputs = self.channels[source]
        node = Convolution(name, source, inputs, outputs, window, stride, groups, self.normalized)
        return self._add(node, outputs)

    def relu(self, source: str) -> str:
        return self._add(Activation(f"{source}/relu", source, self.cap), self.channels[source])

    def unit(
        self,
        name: str,
        source: str,
        outputs: int,
        kernel: int | Pair = 1,
        stride: int = 1,
        groups: int = 1,
    ) -> str:
        """Convolution and activation."""
        return self.relu(self.conv(name, source, outputs, kernel, stride, groups))

    def depthwise(self, name: str, source: str, stride: int = 1) -> str:
        """A 3x3 convolution of every channel by itself, and its activation."""
        channels = self.channels[source]
        return self.unit(name, source, channels, 3, stride, channels)

    def pool(self, name: str, source: str, stride: int = 2) -> str:
        return self._add(MaxPool(name, source, stride), self.channels[source])

    def add(self, name: str, first: str, second: str) -> str:
        return self._add(Addition(name, (first, second)), self.channels[first])

    def concat(self, name: str, *sources: str) -> str:
        total = sum(self.channels[source] for source in sources)
        return self._add(Concatenation(name, sources), total)

    def classified(self, source: str, name: str = CLASSIFIER) -> Blueprint:
        """Ended by a 1x1 convolution to the classes."""
        node = Convolution(name, source, self.channels[source], len(LABELS), (1, 1))
        end = self._add(replace(node, normalized=False), len(LABELS))
        return Blueprint(tuple(self.nodes), end)
