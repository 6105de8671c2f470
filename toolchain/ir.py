"""The three forms a network passes through, and nothing that computes.

    Graph   float weights, the layers of the ONNX file after simplification
    QGraph  integers only: the single truth that the golden model and the hardware share
    Design  a QGraph with a folding (lanes per kernel) and FIFO depths: what is emitted as hardware

A SqueezeNet is a chain: every layer has one input edge and one output edge, once the two
convolutions of an expand stage and their concatenation are seen as one layer. All three forms are
therefore tuples in stream order. Instances are frozen and checked when built, so an ill-formed
network cannot exist. What a layer kind computes lives in hw/layers/<kind>; this file holds only the
interface that all kinds share (`Layer`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from toolchain.errors import HearthError

Array = npt.NDArray[Any]
Pads = tuple[int, int, int, int]
"""Padding in pixels: top, left, bottom, right (ONNX order for two axes)."""


@dataclass(frozen=True)
class Edge:
    """A stream between two kernels: one frame is height x width pixels, channel innermost.

    `scale` is the real value of one integer step (zero point is always 0). `minimum` and `maximum`
    narrow the values that `bits` and `signed` allow, where a quantizer clips earlier: 8 bits with a
    zero point of 100 are the integers -100 to 155.
    """

    name: str
    height: int
    width: int
    channels: int
    bits: int = 8
    signed: bool = False
    scale: float = 1.0
    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        if min(self.height, self.width, self.channels, self.bits) < 1:
            raise HearthError(
                f"{self.name}: a map of {self.height}x{self.width} pixels and {self.channels}"
                " channels is empty; the input size is too small for this network"
            )
        lowest, highest = self._limits
        if not lowest <= self.low <= self.high <= highest:
            raise HearthError(
                f"{self.name}: {self.bits} bits hold {lowest} to {highest}, which the range"
                f" {self.low} to {self.high} exceeds"
            )

    @property
    def pixels(self) -> int:
        return self.height * self.width

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one frame as the golden model holds it: (height, width, channels)."""
        return (self.height, self.width, self.channels)

    @property
    def low(self) -> int:
        """Smallest integer on this edge."""
        return self._limits[0] if self.minimum is None else self.minimum

    @property
    def high(self) -> int:
        """Largest integer on this edge."""
        return self._limits[1] if self.maximum is None else self.maximum

    @property
    def narrowed(self) -> bool:
        """Whether values are clipped to less than the bits can hold."""
        return (self.low, self.high) != self._limits

    @property
    def _limits(self) -> tuple[int, int]:
        if self.signed:
            return -(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1
        return 0, (1 << self.bits) - 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest NumPy integer type that holds every value of this edge."""
        width = next(w for w in (8, 16, 32, 64) if self.bits <= w)
        return np.dtype(f"{'int' if self.signed else 'uint'}{width}")


@dataclass(frozen=True)
class Preprocessing:
    """How a photograph becomes the network's input: resize, centre crop, (pixel - mean) * scale.

    `mean` and `scale` are per colour in `channel_order`, in units of 8-bit pixel values. Resizing
    and cropping happen on the host; mean, scale and colour order are folded into the first
    convolution, so hardware always receives RGB bytes, or bytes of luminance where the order is
    "L": a grey image of one channel.
    """

    channel_order: str = "RGB"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    resize: int = 0
    """Shorter side after resizing, in pixels; 0 resizes straight to the crop."""

    def __post_init__(self) -> None:
        if self.channel_order not in ("RGB", "BGR", "L"):
            raise HearthError(
                f"preprocessing: channel order is RGB or BGR, but '{self.channel_order}' was given"
            )
        if not len(self.mean) == len(self.scale) == self.channels:
            raise HearthError(
                f"preprocessing: {self.channels} means and scales are expected, found"
                f" {len(self.mean)} and {len(self.scale)}"
            )

    @property
    def channels(self) -> int:
        """Bytes of a pixel."""
        return 1 if self.channel_order == "L" else 3


# --------------------------------------------------------------------------- float graph


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


def convolutions(graph: Graph) -> dict[str, FloatConv | FloatExpand]:
    """Every convolution and expand stage by name, in order."""
    return {x.name: x for x in graph.layers if isinstance(x, FloatConv | FloatExpand)}


# --------------------------------------------------------------------------- integer graph


@dataclass(frozen=True)
class Fold:
    """How one kernel is laid out in space.

    pe    output channels computed at once (processing elements)
    simd  input channels each element takes per cycle
    beat  channels per beat of the kernel's output stream
    """

    pe: int
    simd: int
    beat: int

    @property
    def lanes(self) -> int:
        return self.pe * self.simd


@dataclass(frozen=True)
class Rom:
    """One read-only memory of a kernel: `words` rows of `width` bits, content as integers.

    `fields` [words, fields_per_word] are the values of each word, lowest bits first; each takes
    `field_bits` bits, two's complement. `payload_bits` counts only what came from the model.
    """

    name: str
    fields: Array
    field_bits: tuple[int, ...]
    payload_bits: int

    @property
    def words(self) -> int:
        return int(self.fields.shape[0])

    @property
    def width(self) -> int:
        return sum(self.field_bits)

    @property
    def bits(self) -> int:
        return self.words * self.width


@dataclass(frozen=True)
class Schedule:
    """Where XLS puts pipeline registers: its model of delays, and the time between two registers in
    that model's unit. XLS has no model of FPGAs; the numbers were chosen so that place and route
    reaches the clock wanted on an ECP5."""

    delay_model: str
    period: int


ONE_STAGE = Schedule("sky130", 20_000)
"""For processes whose state feeds back in a cycle."""


@dataclass(frozen=True)
class HlsJob:
    """One DSLX process to compile: source file, constants to set in it, resulting module name."""

    source: str
    """Path of the DSLX file below hw/, such as layers/conv/mac.x."""
    constants: Mapping[str, int | str]
    module: str
    schedule: Schedule = ONE_STAGE


Memory = tuple[int, int]
"""A line buffer or other data memory (hw/core/ram.sv): words, bits per word."""


@dataclass(frozen=True)
class Products:
    """Multipliers of a kernel: `lanes` in the module of that name, which may be made of LUTs where
    DSP blocks run out, and `others`, which get DSP blocks first."""

    module: str = ""
    lanes: int = 0
    others: int = 0


@dataclass(frozen=True)
class Kernel:
    """What a layer kind emits for one layer: a SystemVerilog module with a fixed stream contract.

    Ports: clk, rst, s_data/s_valid/s_ready (in_beat channels a beat), m_data/m_valid/m_ready
    (fold.beat channels a beat), busy (this cycle the kernel did one unit of its work).
    """

    module: str
    text: str
    hls: tuple[HlsJob, ...] = ()


@dataclass(frozen=True, eq=False)
class Operation:
    """One node of an hls4ml project (toolchain/vitis).

    inputs      names of the operations (or of the input) whose results it reads
    weights     constants in the order ONNX expects them behind the inputs
    precision   hls4ml's types: result, weight, bias, accum, scale
    cycles      cycles per output pixel that the folding gives this operation, 0 where it has none
    edge        name of the QGraph edge this result is, empty for inner results
    """

    name: str
    kind: str
    domain: str
    inputs: tuple[str, ...]
    shape: tuple[int, int, int]
    precision: Mapping[str, str]
    attributes: Mapping[str, int | tuple[int, ...] | float] = field(default_factory=dict)
    weights: Mapping[str, Array] = field(default_factory=dict)
    cycles: int = 0
    edge: str = ""


@dataclass(frozen=True, eq=False)
class Timing:
    """When one frame moves through a kernel that never waits, in cycles from the frame's start.

    emits   [target pixels] when each output pixel is complete
    needs   [source pixels] when each input pixel must be there
    frees   [source pixels] when its storage may be used again
    holds   input pixels that the kernel stores itself
    """

    emits: Array
    needs: Array
    frees: Array
    holds: int


class Layer(ABC):
    """One layer of a QGraph: integer semantics, cost model and hardware of one kind.

    Concrete kinds are frozen dataclasses (eq=False) in hw/layers/<kind>/layer.py; their fields are
    ints, floats, strings, Edges and NumPy arrays only, so that any of them can be saved and read
    back without knowing the kind. A kind answers for itself: nothing outside its folder asks what
    kind a layer is. What it says of roms, memories, products and luts takes no text to be made.
    """

    kind: ClassVar[str]
    implied: ClassVar[bool] = True
    """Whether the layer follows from the float network, so that a QDQ file need not say it."""
    arrays: ClassVar[Mapping[str, str]] = {}
    """Widest type of the values of each array field; checked when a file is read."""
    name: str
    source: Edge
    target: Edge

    @abstractmethod
    def golden(self, frames: Array) -> Array:
        """Exact integer result. frames [n, *source.shape] -> [n, *target.shape]."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one frame, padding taps included (the usual count)."""
        return 0

    @abstractmethod
    def folds(self, in_beat: int) -> Iterator[Fold]:
        """Every legal folding when the input stream carries `in_beat` channels a beat."""

    @abstractmethod
    def cycles(self, fold: Fold) -> int:
        """Cycles between frames at steady state when never starved nor blocked."""

    @abstractmethod
    def timing(self, fold: Fold) -> Timing:
        """Progress of one frame, from which the schedule derives FIFO depths."""

    @abstractmethod
    def kernel(self, fold: Fold, in_beat: int, module: str) -> Kernel:
        """The hardware of this layer. `module` is a sanitized, unique identifier."""

    def roms(self, fold: Fold, module: str) -> tuple[Rom, ...]:
        """Read-only memories, named after the kernel's `module`, in the order of the load chain."""
        return ()

    def memories(self, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
        """Data memories of the kernel."""
        return ()

    def products(self, fold: Fold) -> Products:
        """Multipliers of the kernel."""
        return Products()

    def luts(self, fold: Fold) -> float:
        """LUT4 of an ECP5 besides lanes and memories, counted in netlists (docs/board.md)."""
        return 200

    def first_channels(self, source: Edge, count: int) -> Layer:
        """The same layer with its first `count` channels alone, for sizes on paper."""
        raise HearthError(f"{self.name}: a {self.kind} layer cannot be cut to {count} channels")

    def hls4ml(self, stage: Stage, source: str, name: str) -> Iterator[Operation]:
        """The layer as operations of an hls4ml project; `source` is the operation it reads and
        `name` a free name for its own. HearthError when it has no such form."""
        raise HearthError(
            f"{self.name}: hls4ml export cannot express layers of kind {self.kind}; export the"
            " layers around it with --layers FIRST:LAST"
        )


class Weighted(Layer):
    """A layer with weights: what rounding, few bits and reports need to know of it.

    - bias: int32 [out], multiplier: uint16 [out]; a result is (sum * multiplier) >> shift
    - weight_bits: bits a weight takes in the ROM
    - codebook: int8, the values weights take when the ROM holds indices; empty otherwise

    Its ROMs are the weights, then biases and multipliers.
    """

    pads: Pads
    bias: Array
    multiplier: Array
    shift: int
    weight_bits: int
    codebook: Array

    @property
    @abstractmethod
    def matrices(self) -> tuple[Array, ...]:
        """int8 weights of every part, [out, columns]; channels of later parts follow."""

    @abstractmethod
    def with_matrices(self, matrices: Sequence[Array], **changes: Any) -> Weighted:
        """The layer with other weights of the same shapes, and other fields besides."""


@dataclass(frozen=True, eq=False)
class QGraph:
    """The integer network, saved as one file (toolchain/qgraph_file.py)."""

    name: str
    layers: tuple[Layer, ...]
    preprocessing: Preprocessing
    labels: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    """Facts for the report: source file and SHA-256, calibration, signal-to-noise per layer."""

    def __post_init__(self) -> None:
        for before, after in zip(self.layers, self.layers[1:], strict=False):
            if before.target != after.source:
                raise HearthError(
                    f"{after.name}: expects {after.source}, but {before.name} produces"
                    f" {before.target}"
                )

    @property
    def input(self) -> Edge:
        return self.layers[0].source

    @property
    def output(self) -> Edge:
        return self.layers[-1].target

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every stream in order: the input, then each layer's output."""
        return (self.input, *(layer.target for layer in self.layers))

    @property
    def weighted(self) -> tuple[Weighted, ...]:
        """The layers with weights, in stream order."""
        return tuple(layer for layer in self.layers if isinstance(layer, Weighted))

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)


# --------------------------------------------------------------------------- hardware design


@dataclass(frozen=True, eq=False)
class Stage:
    """One layer in hardware: its folding, module, and the depth of the FIFO behind it in beats."""

    layer: Layer
    fold: Fold
    in_beat: int
    module: str
    fifo_depth: int

    @property
    def cycles(self) -> int:
        return self.layer.cycles(self.fold)

    @property
    def lanes(self) -> int:
        """MAC lanes: none where nothing is multiplied."""
        return self.fold.lanes if self.layer.macs else 0

    @property
    def kernel(self) -> Kernel:
        """The hardware, text and all."""
        return self.layer.kernel(self.fold, self.in_beat, self.module)

    @property
    def roms(self) -> tuple[Rom, ...]:
        return self.layer.roms(self.fold, self.module)

    @property
    def memories(self) -> tuple[Memory, ...]:
        return self.layer.memories(self.fold, self.in_beat)


@dataclass(frozen=True, eq=False)
class Design:
    """A QGraph with every hardware decision taken."""

    qgraph: QGraph
    stages: tuple[Stage, ...]

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The hardware of every stage, in stream order."""
        return tuple(stage.kernel for stage in self.stages)

    @property
    def weighted(self) -> tuple[Stage, ...]:
        """The stages whose layers have weights, in stream order."""
        return tuple(stage for stage in self.stages if isinstance(stage.layer, Weighted))

    @property
    def products(self) -> tuple[Products, ...]:
        """Multipliers of every kernel, in stream order."""
        return tuple(stage.layer.products(stage.fold) for stage in self.stages)

    @property
    def roms(self) -> tuple[Rom, ...]:
        """Every ROM, in the order of the load chain."""
        return tuple(rom for stage in self.stages for rom in stage.roms)

    @property
    def lanes(self) -> int:
        """MAC lanes: multipliers working in parallel over the whole network."""
        return sum(stage.lanes for stage in self.stages)

    @property
    def cycles(self) -> int:
        """Cycles between frames at steady state: the slowest kernel or stream decides."""
        kernels = max(stage.cycles for stage in self.stages)
        streams = max(
            edge.pixels * -(-edge.channels // beat)
            for edge, beat in zip(self.qgraph.edges, self.beats, strict=True)
        )
        return max(kernels, streams)

    @property
    def beats(self) -> tuple[int, ...]:
        """Channels per beat of every edge."""
        return (self.stages[0].in_beat, *(stage.fold.beat for stage in self.stages))

    @property
    def utilisation(self) -> float:
        """Share of MAC lanes doing useful work at steady state (0..1)."""
        return self.qgraph.macs / (self.lanes * self.cycles)
