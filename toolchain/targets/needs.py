"""What a design asks of any chip: memories and products. Where these go is a family's business.

Read once from the design, as ROM images are large; estimates of many boards then share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hearth.toolchain.ir import Design, Memory, Products


@dataclass(frozen=True)
class Needs:
    """Of a whole network, without a border.

    roms      words and bits of every ROM
    memories  words and bits of every line ring, delay line and FIFO (hw/memory/hearth_ram.sv)
    products  multipliers of every kernel
    luts      of the kernels beside their products and memories, by the layer kinds' own models:
              lookup tables of four inputs
    """

    roms: tuple[Memory, ...]
    memories: tuple[Memory, ...]
    products: tuple[Products, ...]
    luts: float

    @property
    def lanes(self) -> int:
        """MAC lanes."""
        return sum(kernel.lanes for kernel in self.products)


def of(design: Design) -> Needs:
    """The needs of a design."""
    return Needs(
        tuple((rom.words, rom.width) for rom in design.roms),
        tuple(_memories(design)),
        design.products,
        sum(stage.layer.luts(stage.fold) for stage in design.stages),
    )


def _memories(design: Design) -> Iterator[Memory]:
    for stage in design.stages:
        yield from stage.memories
    depths = (2, *(stage.fifo_depth for stage in design.stages))
    for depth, edge, beat in zip(depths, design.qgraph.edges, design.beats, strict=True):
        yield depth, edge.bits * beat
