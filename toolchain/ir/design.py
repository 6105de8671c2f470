"""An integer network with every hardware decision taken: what is emitted as hardware."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hearth.toolchain.ir.edge import Array
from hearth.toolchain.ir.kernel import HlsJob, Kernel, Products, Rom
from hearth.toolchain.ir.layer import Stage, Weighted
from hearth.toolchain.ir.packing import Block
from hearth.toolchain.ir.qgraph import QGraph

SHALLOW = 2
"""Beats that every FIFO holds at least: cuts the combinational paths between kernels."""


@dataclass(frozen=True, eq=False)
class Design:
    """A QGraph with every hardware decision taken.

    period   cycles between frames at most, where FIFOs are so shallow that they cost some; else 0
    """

    qgraph: QGraph
    stages: tuple[Stage, ...]
    period: int = 0

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

    def special(self, block: Block) -> tuple[HlsJob, ...]:
        """Processes that are others on a chip with such multiplier blocks."""
        found = (stage.layer.special(stage.fold, block) for stage in self.stages)
        return tuple(job for jobs in found for job in jobs)

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
        """Cycles between frames at steady state: the slowest kernel or stream decides, or FIFOs
        that cost some. Where a kernel's work depends on the picture (Layer.spent), for one that
        gives it as much as any of the calibration."""
        return self._paced(stage.cycles for stage in self.stages)

    def cycles_of(self, values: Mapping[str, Array]) -> int:
        """The same for the last of given frames: the values of every edge by its name, as the
        golden model has them."""
        kernels = (
            stage.layer.spent(
                stage.fold, stage.in_beat, *(values[edge.name] for edge in stage.layer.sources)
            )[-1]
            for stage in self.stages
        )
        return self._paced(kernels)

    def _paced(self, kernels: Iterable[int]) -> int:
        streams = max(
            edge.pixels * -(-edge.channels // beat)
            for edge, beat in zip(self.qgraph.edges, self.beats, strict=True)
        )
        return max(*kernels, streams, self.period)

    @property
    def beats(self) -> tuple[int, ...]:
        """Channels per beat of every edge, as its producer makes it."""
        return (self.stages[0].in_beat, *(stage.fold.beat for stage in self.stages))

    def waiting(self, edge: str) -> tuple[int, ...]:
        """Depths of the FIFOs in front of the readers of an edge, and of an output's in front of
        whoever reads the network: what leaves is taken at once."""
        depths = (self.stages[i].depths[port] for i, port in self.qgraph.readers[edge])
        leaves = any(output.edge.name == edge for output in self.qgraph.outputs)
        return (*depths, SHALLOW) if leaves else tuple(depths)

    @property
    def utilisation(self) -> float:
        """Share of MAC lanes doing useful work at steady state (0..1)."""
        return self.qgraph.macs / (self.lanes * self.cycles)
