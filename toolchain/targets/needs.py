"""What a design asks of any chip: memories and products. Where these go is a family's business.

Read once from the design, as ROM images are large; estimates of many boards then share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hearth.toolchain.ir import Design, Products
from hearth.toolchain.rtl.network import FIFO_PLACE, kernel_instance, links
from hearth.toolchain.rtl.verilog import MODEL_PREFIX, ram_place, rom_place


@dataclass(frozen=True)
class Stored:
    """One memory of the network.

    words, bits   its size
    instance      in the network's module, and `parameter` of it: what says where the memory lies
                  (rtl/network.py); empty where nothing can
    rom           name of its image; empty: a data memory (hw/memory/hearth_ram.sv)
    """

    words: int
    bits: int
    instance: str = ""
    parameter: str = ""
    rom: str = ""

    @property
    def name(self) -> str:
        """For people."""
        if self.rom:
            return self.rom.removeprefix(MODEL_PREFIX)
        owner = self.instance.removeprefix("u_").removeprefix(MODEL_PREFIX)
        return f"{owner} {self.parameter.removesuffix('Block').removesuffix('BlockWords')}".strip()


@dataclass(frozen=True)
class Needs:
    """Of a whole network, without a border.

    roms      every ROM
    memories  every line ring, delay line and FIFO
    products  multipliers of every kernel
    luts      of the kernels beside their products and memories, by the layer kinds' own models:
              lookup tables of four inputs
    """

    roms: tuple[Stored, ...]
    memories: tuple[Stored, ...]
    products: tuple[Products, ...]
    luts: float

    @property
    def lanes(self) -> int:
        """MAC lanes."""
        return sum(kernel.lanes for kernel in self.products)


def of(design: Design) -> Needs:
    """The needs of a design."""
    return Needs(
        tuple(_roms(design)),
        tuple(_memories(design)),
        design.products,
        sum(stage.layer.luts(stage.fold) for stage in design.stages),
    )


def _roms(design: Design) -> Iterator[Stored]:
    for stage in design.stages:
        for index, rom in enumerate(stage.roms):
            place = kernel_instance(stage), rom_place(index)
            yield Stored(rom.words, rom.width, *place, rom.name)


def _memories(design: Design) -> Iterator[Stored]:
    for stage in design.stages:
        for index, (words, bits) in enumerate(stage.memories):
            yield Stored(words, bits, kernel_instance(stage), ram_place(index))
    for link in links(design):
        for fifo, depth, bits in link.fifos:
            yield Stored(depth, bits, fifo, FIFO_PLACE)
