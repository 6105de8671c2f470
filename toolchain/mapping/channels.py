"""Who feeds whom: every way from one kernel to another, by their numbers in the design.

An edge with several readers is several channels, for each reader has a FIFO of its own in front of
it. What comes from outside waits as long as it must, and so does who takes the result; but several
readers of the input wait for one another (`entries`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearth.toolchain.ir import SHALLOW, Design, QGraph, Stage

INPUT = -1
"""In place of a producer: from outside."""


@dataclass(frozen=True)
class Channel:
    """The way from the stage `producer` to source number `port` of the stage `reader`."""

    producer: int
    reader: int
    port: int

    def depth(self, stages: Sequence[Stage]) -> int:
        """Of the FIFO that is in the way, in beats as they wait there."""
        return stages[self.reader].depths[self.port]

    def beats(self, stages: Sequence[Stage]) -> int:
        """Beats of a pixel in that FIFO."""
        return -(-stages[self.producer].layer.target.channels // self._wide(stages))

    def bits(self, stages: Sequence[Stage]) -> int:
        """Bits of such a beat."""
        return self._wide(stages) * stages[self.producer].layer.target.bits

    def _wide(self, stages: Sequence[Stage]) -> int:
        """Channels of such a beat: a gearbox that makes beats wider stands in front of the FIFO."""
        return max(stages[self.producer].fold.beat, stages[self.reader].in_beat)


def channels(qgraph: QGraph) -> tuple[Channel, ...]:
    """All between kernels, in the order of the readers."""
    made = {layer.target.name: index for index, layer in enumerate(qgraph.layers)}
    return tuple(
        Channel(made[source.name], reader, port)
        for reader, layer in enumerate(qgraph.layers)
        for port, source in enumerate(layer.sources)
        if source.name in made
    )


def fifo_bits(design: Design) -> dict[str, int]:
    """Bits of the FIFOs behind every kernel, by its layer's name."""
    stages = design.stages
    leave = {output.edge.name for output in design.qgraph.outputs}
    found = {stage.layer.name: 0 for stage in stages}
    for stage in stages:
        if stage.layer.target.name in leave:
            found[stage.layer.name] = SHALLOW * stage.fold.beat * stage.layer.target.bits
    for channel in channels(design.qgraph):
        name = stages[channel.producer].layer.name
        found[name] += channel.depth(stages) * channel.bits(stages)
    return found


def entries(qgraph: QGraph) -> tuple[Channel, ...]:
    """The channels from outside, which are not among `channels`."""
    places = qgraph.readers[qgraph.input.name]
    return tuple(Channel(INPUT, reader, port) for reader, port in places)
