"""Pass 4: the float network becomes the integer one, the single truth of hardware and golden model.

    FloatConv / FloatExpand   Conv with int8 weights per channel, int32 bias, uint16 M, shift S
    FloatMaxPool              MaxPool, same scale on both sides
    FloatUpsample             Upsample, the same
    FloatGlobalPool           GlobalPool (a sum; the division is in the scale), then TopK where it
                              makes all that leaves the network
    FloatMean                 GlobalPool, and a Rescale of its sums to 8 bits
    FloatAdd                  Addition: both scales, the result's and a ReLU in one requantizer
    FloatMul                  Gating: both scales, the result's and a ReLU in one requantizer
    FloatTable                Table: the function of each of 256 integers, rounded
    FloatConcat               Concat; what makes its sources has one scale for all (shared.py)
    padding that cannot be skipped   a Border in front of the convolution

Activations are uint8 with zero point 0, int8 where calibration saw values below zero and no ReLU
takes them away. The last one before the global pool keeps 16 bits, and so does a map that leaves
and that no layer of 8 bits reads: whoever decodes boxes from it is spared the rounding, and no
kernel pays for it.
Mean, scale and colour order of the preprocessing move into the first convolution; what it and
max-pools in front of it read is always RGB pixels. How ranges are chosen: ranges.py; multipliers
and accumulators: requantize.py; weights: rounding.py. Measurements: docs/results/quantization.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hearth.hw.layers.addition import Addition
from hearth.hw.layers.border import Border
from hearth.hw.layers.concat import Concat
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.topk import TopK
from hearth.hw.layers.upsample import Upsample
from hearth.toolchain.frontend.layers.windows import windows
from hearth.toolchain.ir import (
    Array,
    Edge,
    FloatAdd,
    FloatConcat,
    FloatConv,
    FloatExpand,
    FloatGlobalPool,
    FloatLayer,
    FloatMaxPool,
    FloatMean,
    FloatMul,
    FloatTable,
    FloatUpsample,
    Graph,
    Layer,
    Pads,
    Preprocessing,
    QGraph,
)
from hearth.toolchain.ir.graph import readers
from hearth.toolchain.quantize import ranges, shared
from hearth.toolchain.quantize.calibration import Calibration, Statistics
from hearth.toolchain.quantize.joins import addition, concatenated, gated, looked_up, mean
from hearth.toolchain.quantize.requantize import Arithmetic, Part, largest_shift, requantize
from hearth.toolchain.quantize.rounding import LayerInput, WeightRounding, nearest
from hearth.toolchain.support.errors import HearthError

TOP = 5
NO_PADS: Pads = (0, 0, 0, 0)


@dataclass(frozen=True)
class Quantization:
    """What can be chosen; the defaults are what docs/results/quantization.md measured as best."""

    rule: str = ranges.DEFAULT
    weight_bits: int = 8
    last_bits: int = 16
    """Bits of the last convolution's result: the input of the global average pool, or a map that
    leaves the network."""
    headroom: float = 2.0
    """How far beyond the calibrated maximum that result reaches before it clips."""
    correct_bias: bool = True
    rounding: WeightRounding = nearest
    samples: int = 0
    """Calibration frames offered to a rounding strategy that learns from data."""
    shifts: tuple[int, ...] = ()
    """Shift of every convolution in order, where hardware exists already; (): as they come out."""


def quantize(
    graph: Graph,
    calibration: Calibration,
    preprocessing: Preprocessing,
    options: Quantization | None = None,
    frames: Array | None = None,
) -> QGraph:
    """Integers for every layer. `frames` are photographs for rounding strategies that learn."""
    walk = _Walk(graph, calibration, preprocessing, options or Quantization(), frames)
    for layer in graph.layers:
        walk.add(layer)
    leaves = tuple((name, walk.edges[tensor].name) for name, tensor in graph.leaves)
    leaves = () if graph.classifies else leaves
    return QGraph(graph.name, tuple(walk.layers), preprocessing, leaves=leaves)


class _Walk:
    """Goes through the layers and keeps every edge that was made, by its tensor."""

    def __init__(
        self,
        graph: Graph,
        calibration: Calibration,
        preprocessing: Preprocessing,
        options: Quantization,
        frames: Array | None,
    ) -> None:
        self.graph = graph
        self.calibration = calibration
        self.preprocessing = preprocessing
        self.options = options
        self.names = {name for layer in graph.layers for name in (layer.name, layer.tensor)}
        self.layers: list[Layer] = []
        self.shifts = iter(self.options.shifts)
        image = Edge(graph.input_tensor, graph.height, graph.width, graph.channels)
        self.edges = {graph.input_tensor: image}
        self.pixels = {image.name}
        """Edges that still carry the photograph's bytes."""
        self.shared = shared.groups(graph)
        self.samples = {} if frames is None else {image.name: frames[: options.samples]}
        self.edge, self.tensor = image, graph.input_tensor
        """The source of the layer at hand, and the tensor that it stands for."""

    def add(self, layer: FloatLayer) -> None:
        """Append the integer layers that one float layer becomes."""
        sources = tuple(self.edges[tensor] for tensor in layer.inputs)
        self.edge, self.tensor = sources[0], layer.inputs[0]
        if isinstance(layer, FloatConv | FloatExpand):
            self._add_conv(layer)
        elif isinstance(layer, FloatMaxPool):
            self._add_max_pool(layer)
        elif isinstance(layer, FloatUpsample):
            self._add_upsample(layer)
        elif isinstance(layer, FloatGlobalPool):
            self._add_global_pool(layer)
            if self.graph.classifies:
                self._add_top_k()
        elif isinstance(layer, FloatMean):
            self._add_mean(layer)
        elif isinstance(layer, FloatAdd):
            self._add_addition(layer, sources)
        elif isinstance(layer, FloatMul):
            target = self._ranged(layer, sources[0].carried(layer.tensor, self.edge.shape), layer)
            made = gated(layer.name, sources, target, next(self.shifts, None))
            self._append(replace(made, target=_capped(made.target, layer.cap)))
        elif isinstance(layer, FloatTable):
            target = self.edge.carried(layer.tensor, self.edge.shape)
            target = replace(target, minimum=None, maximum=None)
            self._append(looked_up(layer, self.edge, self._ranged(layer, target, layer)))
        elif isinstance(layer, FloatConcat):
            self._append(Concat(layer.name, sources, concatenated(layer.tensor, sources)))
        else:
            raise TypeError(f"{layer.name}: no integer form of {type(layer).__name__}")
        self.edges[layer.tensor] = self.edge

    @property
    def _in_pixels(self) -> bool:
        """Whether the edge reached still carries the photograph's bytes."""
        return self.edge.name in self.pixels

    @property
    def mean(self) -> Array:
        """Mean of each channel of the edge at hand, in pixels as long as it carries these."""
        statistics = self.calibration.tensors[self.tensor]
        return self._pixel_mean(statistics) if self._in_pixels else statistics.mean

    def _append(self, layer: Layer) -> None:
        self.layers.append(layer)
        names = [edge.name for edge in layer.sources]
        if self.samples:
            self.samples[layer.target.name] = layer.golden(*(self.samples[n] for n in names))
        if self.pixels.issuperset(names) and not layer.macs:
            self.pixels.add(layer.target.name)
        self.edge = layer.target

    def _pixel_mean(self, statistics: Statistics) -> Array:
        """Mean of each colour in pixels, RGB, from the mean of the float network's input."""
        mean = statistics.mean / self.preprocessing.scale + self.preprocessing.mean
        return self.preprocessing.exchanged(mean)

    # ---------------------------------------------------------------- convolutions

    def _add_conv(self, layer: FloatConv | FloatExpand) -> None:
        centre = layer.centre if isinstance(layer, FloatExpand) else None
        window = layer.window if isinstance(layer, FloatExpand) else layer
        if self._in_pixels:
            window = in_pixels(window, self.preprocessing)
        pads = self._add_border(window)
        target = self._target(layer, window, pads, centre)
        parts = tuple(self._part(conv) for conv in (centre, window) if conv is not None)
        arithmetic = self._arithmetic(target)
        if arithmetic.shift is not None:
            # Where the hardware shifts further than these weights allow, a wider range makes up.
            missing = max(0, arithmetic.shift - largest_shift(parts, arithmetic))
            target = _capped(replace(target, scale=target.scale * 2.0**missing), window.cap)
            arithmetic = replace(arithmetic, scale_out=target.scale)
        result = requantize(layer.name, parts, arithmetic)
        window_integers = result.parts[-1].integers.reshape(window.weights.shape)
        inputs = self.edge.channels
        self._append(
            Conv(
                name=layer.name,
                source=self.edge,
                target=target,
                strides=window.strides,
                pads=pads,
                centre=result.parts[0].integers if centre else np.zeros((0, inputs), np.int8),
                window=window_integers,
                bias=result.bias,
                multiplier=result.multiplier,
                shift=result.shift,
                dilations=window.dilations,
                groups=window.groups,
            )
        )

    def _add_border(self, conv: FloatConv) -> Pads:
        """A Border for padding that cannot be skipped; returns the pads left to the convolution."""
        values = np.zeros(self.edge.channels, self.edge.dtype)
        if self._in_pixels:
            mean = np.rint(self.preprocessing.mean).clip(0, 255).astype(np.uint8)
            values = self.preprocessing.exchanged(mean)
        skippable = conv.windows.skippable((self.edge.height, self.edge.width))
        if not any(conv.pads) or (skippable and not values.any()):
            return conv.pads
        top, left, bottom, right = conv.pads
        name = self._unique(f"{conv.name}/border")
        target = replace(
            self.edge,
            name=name,
            height=self.edge.height + top + bottom,
            width=self.edge.width + left + right,
        )
        self._append(Border(name, self.edge, target, conv.pads, values))
        return NO_PADS

    def _target(
        self,
        layer: FloatLayer,
        window: FloatConv,
        pads: Pads,
        centre: FloatConv | None,
    ) -> Edge:
        """The edge a convolution produces: its map, its bits and the scale from calibration."""
        windows = replace(window.windows, pads=pads)
        height, width = windows.count((self.edge.height, self.edge.width))
        channels = len(window.weights) + (0 if centre is None else len(centre.weights))
        return self._ranged(layer, Edge(layer.tensor, height, width, channels), window)

    def _ranged(
        self,
        layer: FloatLayer,
        edge: Edge,
        rectified: FloatConv | shared.Rectified,
    ) -> Edge:
        """An edge with the bits, the sign and the scale that calibration asks for."""
        last = all(isinstance(r, FloatGlobalPool) for r in readers(self.graph, layer.tensor))
        group = self.shared.get(layer.tensor, (layer,))
        bits = self.options.last_bits if last else 8
        below = last or any(self.calibration.tensors[x.tensor].smallest < 0 for x in group)
        signed = below and not all(shared.rectified(x) for x in group)
        edge = replace(edge, bits=bits, signed=signed)
        if edge.signed and shared.rectified(layer):
            edge = replace(edge, minimum=0)
        # The largest integer never stands for more than a capped Relu lets through, or matters.
        limits = [
            min(self._limit(other, edge, last), shared.cap(other), shared.reach(self.graph, other))
            for other in group
        ]
        return _capped(replace(edge, scale=max(limits) / edge.high), rectified.cap)

    def _limit(self, layer: FloatLayer, edge: Edge, last: bool) -> float:
        """What the largest integer of a layer's result should stand for."""
        statistics = self.calibration.tensors[layer.tensor]
        if last:
            reach = max(statistics.largest, -statistics.smallest if edge.signed else 0.0)
            return float(reach or 1.0) * (self.options.headroom if edge.bits > 8 else 1.0)
        return float(ranges.choose(self.options.rule, statistics, edge.high))

    def _part(self, conv: FloatConv) -> Part:
        weights = conv.weights.reshape(len(conv.weights), -1).astype(np.float64)
        mean = self._column_means(conv)
        inputs = LayerInput(mean, lambda: self._columns(conv))
        return Part(weights, conv.bias.astype(np.float64), inputs)

    def _columns(self, conv: FloatConv) -> Array:
        """Integer input columns of the sample frames, padding included."""
        if not self.samples:
            raise ValueError(f"{conv.name}: this rounding needs sample frames")
        if conv.groups > 1:
            raise HearthError(
                f"{conv.name}: a rounding that learns from columns has none of a convolution in"
                f" {conv.groups} groups; round it to nearest"
            )
        size = conv.windows.count((self.edge.height, self.edge.width))
        return conv.windows.columns(self.samples[self.edge.name], size).reshape(
            -1, conv.weights[0].size
        )

    def _column_means(self, conv: FloatConv) -> Array:
        """Mean of every column in integer steps: [columns], or of each channel's own where groups
        see different ones, [out, columns]."""
        means, taps = self.mean / self.edge.scale, conv.kernel[0] * conv.kernel[1]
        if conv.groups == 1:
            return np.tile(means, taps)
        own = np.tile(means.reshape(conv.groups, -1), taps)
        return own.repeat(len(conv.weights) // conv.groups, axis=0)

    def _arithmetic(self, target: Edge) -> Arithmetic:
        return Arithmetic(
            scale_in=self.edge.scale,
            scale_out=target.scale,
            largest_input=max(self.edge.high, -self.edge.low),
            bits=self.options.weight_bits,
            rounding=self.options.rounding,
            correct_bias=self.options.correct_bias,
            shift=next(self.shifts, None),
        )

    # ---------------------------------------------------------------- the other kinds

    def _add_addition(self, layer: FloatAdd, sources: tuple[Edge, ...]) -> None:
        """Both multipliers as large as 16 bits allow, at one shift."""
        target = self._ranged(layer, sources[0].carried(layer.tensor, sources[0].shape), layer)
        target, multiplier, shift = addition(layer.name, sources, target, next(self.shifts, None))
        target = _capped(target, layer.cap)
        self._append(Addition(layer.name, sources, target, multiplier, shift))

    def _add_max_pool(self, layer: FloatMaxPool) -> None:
        """The largest of the window; in front of the first convolution that of the bytes, which is
        the same as long as preparing them keeps their order."""
        if self._in_pixels and min(self.preprocessing.scale) <= 0:
            raise HearthError(
                f"{layer.name}: a max-pool on the image itself needs preprocessing with positive"
                f" scales, found {self.preprocessing.scale}"
            )
        target = replace(
            self.edge,
            name=layer.tensor,
            height=_pooled(layer, 0, self.edge.height),
            width=_pooled(layer, 1, self.edge.width),
        )
        self._append(
            MaxPool(layer.name, self.edge, target, layer.kernel, layer.strides, layer.pads)
        )

    def _add_upsample(self, layer: FloatUpsample) -> None:
        (down, across), source = layer.factors, self.edge
        height, width = source.height * down, source.width * across
        target = replace(source, name=layer.tensor, height=height, width=width)
        self._append(Upsample(layer.name, source, target, layer.factors))

    def _add_global_pool(self, layer: FloatGlobalPool) -> None:
        source = self.edge
        target = Edge(
            layer.tensor, 1, 1, source.channels, 32, signed=True, scale=source.scale / source.pixels
        )
        self._append(GlobalPool(layer.name, source, target))

    def _add_mean(self, layer: FloatMean) -> None:
        """Exact sums of 32 bits, rounded once."""
        target = self._ranged(layer, Edge(layer.tensor, 1, 1, self.edge.channels), layer)
        for made in mean(layer, self._unique(f"{layer.tensor}/sums"), self.edge, target):
            self._append(made)

    def _add_top_k(self) -> None:
        count = min(TOP, self.edge.channels)
        name = self._unique(f"top{count}")
        target = replace(self.edge, name=name, channels=self.edge.channels + count)
        self._append(TopK(name, self.edge, target))

    def _unique(self, name: str) -> str:
        while name in self.names:
            name += "_"
        self.names.add(name)
        return name


def in_pixels(conv: FloatConv, preprocessing: Preprocessing) -> FloatConv:
    """The same convolution, reading RGB pixels instead of (pixel - mean) * scale."""
    scale, mean = _own(preprocessing.scale, conv), _own(preprocessing.mean, conv)
    weights = conv.weights.astype(np.float64) * scale
    bias = conv.bias - (weights * mean).sum(axis=(1, 2, 3))
    return in_bytes_order(replace(conv, weights=weights, bias=bias), preprocessing)


def in_bytes_order(conv: FloatConv, preprocessing: Preprocessing) -> FloatConv:
    """The same convolution, reading its colours in the order of the hardware's bytes."""
    if preprocessing.swaps and conv.groups > 1:
        raise HearthError(
            f"{conv.name}: the first convolution has {conv.groups} groups, whose colours cannot"
            f" be taken in the order {preprocessing.channel_order}; train it on RGB"
        )
    weights = preprocessing.exchanged(conv.weights)
    return replace(conv, weights=np.ascontiguousarray(weights))


def _own(colours: Sequence[float], conv: FloatConv) -> Array:
    """A number for each input channel, [in], or for those of each output channel's group,
    [out, 1, 1, in / groups]."""
    if conv.groups == 1:
        return np.asarray(colours)
    groups = np.reshape(colours, (conv.groups, -1))
    return groups.repeat(len(conv.weights) // conv.groups, axis=0)[:, None, None]


def _capped(edge: Edge, cap: float) -> Edge:
    """The edge, clipped earlier than its bits demand where these would exceed a Relu's cap."""
    if edge.high * edge.scale <= cap * (1 + 1e-6):
        return edge
    return replace(edge, maximum=max(1, round(cap / edge.scale)))


def _pooled(layer: FloatMaxPool, axis: int, side: int) -> int:
    """Pixels along one side of the result."""
    before, after = layer.pads[axis], layer.pads[axis + 2]
    room = side + before + after - layer.kernel[axis]
    return windows(room, side + before, layer.strides[axis], layer.ceil)
