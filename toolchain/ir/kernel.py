"""What a kernel is laid out as, what it needs of a chip, and the text it is emitted as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hearth.toolchain.ir.edge import Array
from hearth.toolchain.ir.packing import Block, Factors, packing
from hearth.toolchain.ir.scaling import Scaling


@dataclass(frozen=True)
class Sums:
    """Widths of a kernel's sums in two's complement: of the products alone, and with the bias."""

    bits: int
    biased: int


@dataclass(frozen=True)
class Fold:
    """How one kernel is laid out in space.

    pe    output channels computed at once (processing elements)
    simd  input channels each element takes per cycle
    beat  channels per beat of the kernel's output stream
    skips zeros of the input are skipped, not multiplied
    gathers  SIMD counts the columns of a window times its input channels
    sums  where hardware is finished that other weights go into; None: as the layer needs them
    """

    pe: int
    simd: int
    beat: int
    skips: bool = False
    gathers: bool = False
    sums: Sums | None = None

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

    source: Path
    """The DSLX file, in the folder of its layer kind."""
    constants: Mapping[str, int | str]
    module: str
    schedule: Schedule = ONE_STAGE

    @property
    def place(self) -> str:
        """The source as layers/conv/mac.x, the same wherever its folder lies."""
        return f"layers/{self.source.parent.name}/{self.source.name}"


Memory = tuple[int, int]
"""A line buffer or other data memory (hw/memory/hearth_ram.sv): words, bits per word."""


@dataclass(frozen=True)
class Products:
    """Multipliers of a kernel: `lanes` in the module of that name, which may be made of LUTs where
    DSP blocks run out. There are `pairs` of lanes that see the same activation, and they multiply
    `factors`. Products that scale sums and `others`, of 18 x 18 bits, get DSP blocks first."""

    module: str = ""
    lanes: int = 0
    others: int = 0
    pairs: int = 0
    factors: Factors | None = None
    scaling: Scaling | None = None

    def first(self, block: Block | None) -> int:
        """Multiplier blocks that no lane takes."""
        return self.others + (self.scaling.blocks(block) if self.scaling else 0)

    def blocks(self, block: Block | None) -> int:
        """Multiplier blocks that the lanes take: where pairs can share one, one for both."""
        return self.lanes - (self.pairs if packing(block, self.factors) else 0)


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
class Spread:
    """Cycles of frames where a kernel's work depends on them.

    live    mean share of the input's values that are worked on (0..1)
    cycles  [photographs] of the calibration
    most    of the frame with the most work there is
    """

    live: float
    cycles: Array
    most: int


@dataclass(frozen=True, eq=False)
class Timing:
    """When one frame moves through a kernel that never waits, in cycles from the frame's start.

    emits   [target pixels] when each output pixel is complete
    needs   [source pixels] when each input pixel must be there
    frees   [source pixels] when its storage may be used again
    holds   input pixels that the kernel stores itself
    lag     cycles after it is complete in which an output pixel leaves beat by beat, at most
    """

    emits: Array
    needs: Array
    frees: Array
    holds: int
    lag: int = 0
