"""The interface that all layer kinds share, and a layer laid out in hardware.

What a kind computes lives in hw/layers/<kind>.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hearth.toolchain.ir.coding import Coding
from hearth.toolchain.ir.edge import Array, Edge, Pads
from hearth.toolchain.ir.kernel import Fold, HlsJob, Kernel, Memory, Products, Rom, Spread, Timing
from hearth.toolchain.ir.operation import Operation
from hearth.toolchain.ir.packing import Block
from hearth.toolchain.support.errors import HearthError


class Layer(ABC):
    """One layer of a QGraph: integer semantics, cost model and hardware of one kind.

    Concrete kinds are frozen dataclasses (eq=False) in hw/layers/<kind>/layer.py; their fields are
    ints, floats, strings, Edges, Codings and NumPy arrays only, so that any of them can be saved
    and read back without knowing the kind. A kind answers for itself: nothing outside its folder
    asks what kind a layer is. What it says of roms, memories, products and luts takes no text to be
    made.
    """

    kind: ClassVar[str]
    implied: ClassVar[bool] = True
    """Whether the layer follows from the float network, so that a QDQ file need not say it."""
    arrays: ClassVar[Mapping[str, str]] = {}
    """Widest type of the values of each array field; checked when a file is read."""
    name: str
    source: Edge
    target: Edge

    @property
    def sources(self) -> tuple[Edge, ...]:
        """Every edge that the layer reads, in the order of its kernel's ports. `source` is the
        first, of most kinds the only one."""
        return (self.source,)

    @classmethod
    def folder(cls) -> Path:
        """Where the kind lies: each .sv file there is part of every network with such a layer."""
        return Path(inspect.getfile(cls)).parent

    @classmethod
    def brought_up(cls, fields: dict[str, Any], version: int) -> dict[str, Any]:
        """The fields of a layer as an older version of the saved format has them
        (toolchain/saved/qgraph_file.py), made those of today."""
        return fields

    @abstractmethod
    def golden(self, *sources: Array) -> Array:
        """Exact integer result. Frames of every source, [n, *source.shape] each -> [n,
        *target.shape]."""

    @property
    def classes(self) -> int:
        """Number of classes that the layer ranks: its result holds their scores, and then the
        numbers of the best. 0 for a layer that ranks none."""
        return 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one frame, padding taps included (the usual count)."""
        return 0

    @abstractmethod
    def folds(self, in_beat: int) -> Iterator[Fold]:
        """Every legal folding when the input streams carry `in_beat` channels a beat."""

    def can_be(self, fold: Fold, in_beat: int) -> bool:
        """Whether hardware can be laid out so; of these foldings `folds` may leave out some that
        are not worth having."""
        return fold in self.folds(in_beat)

    @abstractmethod
    def cycles(self, fold: Fold) -> int:
        """Cycles between frames at steady state when never starved nor blocked."""

    def pace(self, fold: Fold, in_beat: int) -> int:
        """The same where its sources come `in_beat` channels a beat, at best one beat a cycle;
        never fewer."""
        return self.cycles(fold)

    def seeing(self, *sources: Array) -> Layer:
        """The same layer, which knows frames of the calibration (as `golden` takes them) besides
        those that it has seen."""
        return self

    def spent(self, fold: Fold, in_beat: int, *sources: Array) -> list[int]:
        """Cycles from the end of the frame before to the end of each of these frames, where they
        follow one another and the kernel is never starved nor blocked."""
        return [self.pace(fold, in_beat)] * len(sources[0])

    def spread(self, fold: Fold) -> Spread | None:
        """How the cycles of frames differ; None where they do not."""
        return None

    @abstractmethod
    def timing(self, fold: Fold) -> Timing:
        """Progress of one frame, from which the schedule derives FIFO depths."""

    def reads(self, fold: Fold) -> tuple[Timing, ...]:
        """The same as each source sees it, whose maps may differ in size: what is needed and freed
        of it."""
        return (self.timing(fold),) * len(self.sources)

    @abstractmethod
    def kernel(self, fold: Fold, in_beat: int, module: str) -> Kernel:
        """The hardware of this layer. `module` is a sanitized, unique identifier."""

    def roms(self, fold: Fold, module: str) -> tuple[Rom, ...]:
        """Read-only memories, named after the kernel's `module`, in the order of the load chain."""
        return ()

    def rom_shapes(self, fold: Fold) -> tuple[Memory, ...]:
        """Words and bits of every ROM, for folding, which asks of thousands: kinds with large ROMs
        say it without making an image."""
        return tuple((rom.words, rom.width) for rom in self.roms(fold, self.kind))

    def memories(self, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
        """Data memories of the kernel."""
        return ()

    def products(self, fold: Fold) -> Products:
        """Multipliers of the kernel."""
        return Products()

    def special(self, fold: Fold, block: Block) -> tuple[HlsJob, ...]:
        """Processes of the kernel that are others on a chip with such multiplier blocks: the same
        names and ports, as fast, and what they send is the same."""
        return ()

    def luts(self, fold: Fold) -> float:
        """LUT4 of an ECP5 besides lanes and memories, as in netlists (docs/results/ecp5.md)."""
        return 200

    @property
    def hardware_shift(self) -> int | None:
        """Shift behind a multiplication that is part of the circuit: weights that are to go into
        finished hardware must keep it. None where nothing is shifted."""
        return None

    def taken_over(self, fold: Fold, other: Layer) -> Fold:
        """`fold` for this layer's weights in hardware that was made for those of `other`, a layer
        of the same kind and maps. HearthError when they do not go into it."""
        return fold

    def on(self, source: Edge, target: str, zero: Array | None = None) -> Layer:
        """The same layer on integers that mean something else: `source` has its old map, but other
        bits, bounds or scale, and what it makes is called `target`.

        zero   what stands for 0 on `source`, per channel; None: what stood for it before

        HearthError when its result has no form on such integers.
        """
        raise HearthError(
            f"{self.name}: a {self.kind} layer has no form on the integers of a quantized file;"
            " give the float model"
        )

    def keeping(self, source: Edge, kept: Sequence[int]) -> Layer:
        """The same layer with channels `kept` of its result alone, in this order. `source` is what
        is left of its own where it works channel by channel, and unchanged where it has weights."""
        raise HearthError(f"{self.name}: a {self.kind} layer cannot be cut to {len(kept)} channels")

    def hls4ml(self, stage: Stage, sources: tuple[str, ...], name: str) -> Iterator[Operation]:
        """The layer as operations of an hls4ml project; `sources` are the operations it reads and
        `name` a free name for its own. HearthError when it has no such form."""
        raise HearthError(
            f"{self.name}: hls4ml export cannot express layers of kind {self.kind}; export the"
            " layers around it with --layers FIRST:LAST"
        )


class Weighted(Layer):
    """A layer with weights: what rounding, few bits and reports need to know of it.

    - bias: int32 [out], multiplier: uint16 [out]; a result is (sum * multiplier) >> shift
    - codings: how the ROM holds each of the matrices
    - fraction: uint8 [out], eight more bits below each multiplier's; empty where 16 bits say it

    Its ROMs are the weights, then biases and multipliers.
    """

    pads: Pads
    bias: Array
    multiplier: Array
    shift: int
    codings: tuple[Coding, ...]
    fraction: Array
    groups: int = 1
    """Of channels: each of as many output channels sees as many input channels, its own."""

    @property
    @abstractmethod
    def matrices(self) -> tuple[Array, ...]:
        """int8 weights of every part, [out, columns]; channels of later parts follow."""

    @property
    def hardware_shift(self) -> int | None:
        return self.shift

    @property
    def weight_bits(self) -> int:
        """Bits that a weight takes in the ROM, in the widest of the matrices."""
        return max(coding.bits for coding in self.codings)

    @property
    def codebook(self) -> Array:
        """The values of the codebook that all matrices share; empty where there is none."""
        shared = len({coding.key for coding in self.codings}) == 1 and not self.codings[0].window
        return self.codings[0].table if shared else np.zeros(0, np.int8)

    @property
    def tables(self) -> tuple[Array, ...]:
        """The different tables of the codings, int8 each."""
        keys = {coding.table.tobytes(): coding.table for coding in self.codings}
        return tuple(table for table in keys.values() if len(table))

    @abstractmethod
    def with_matrices(self, matrices: Sequence[Array], **changes: Any) -> Weighted:
        """The layer with other weights of the same shapes, and other fields besides."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One layer in hardware.

    in_beat  channels a beat of every stream that its kernel reads
    depths   of the FIFO in front of each source, in beats as they wait there: of the edge as its
             producer makes it, or as wide as the kernel reads them where that is wider
    """

    layer: Layer
    fold: Fold
    in_beat: int
    module: str
    depths: tuple[int, ...]

    @property
    def cycles(self) -> int:
        return self.layer.pace(self.fold, self.in_beat)

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
