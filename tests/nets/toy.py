"""A toy layer kind with a hand-written kernel (hearth_toy_kernel.sv), to test the harness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from hearth.sim.harness import Net
from hearth.toolchain.ir import (
    Array,
    Design,
    Edge,
    Fold,
    Kernel,
    Layer,
    Preprocessing,
    QGraph,
    Stage,
    Timing,
)
from hearth.toolchain.rtl.emit import emit
from hearth.toolchain.rtl.verilog import instance, kernel_module, stream


@dataclass(frozen=True, eq=False)
class Toy(Layer):
    """out = in + 1, wrapping. `fault` breaks the hardware, not the golden model."""

    kind: ClassVar[str] = "toy"
    name: str
    source: Edge
    target: Edge
    fault: str = ""

    def golden(self, *sources: Array) -> Array:
        (frames,) = sources
        low, high = self.source.low, self.source.high
        result: Array = np.where(frames == high, low, frames + 1).astype(frames.dtype)
        return result

    def folds(self, in_beat: int) -> Iterator[Fold]:
        yield Fold(1, 1, in_beat)

    def cycles(self, fold: Fold) -> int:
        return self.source.pixels * -(-self.source.channels // fold.beat)

    def timing(self, fold: Fold) -> Timing:
        raise NotImplementedError

    def kernel(self, fold: Fold, in_beat: int, module: str) -> Kernel:
        bits, channels = self.source.bits, self.source.channels
        numbers: dict[str, int | str] = {
            "Bits": bits,
            "Beat": fold.beat,
            "Channels": channels,
            "Fault": self.fault,
        }
        ports = {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m"), "busy": ""}
        body = instance("hearth_toy_kernel", "u_kernel", numbers, ports)
        width = bits * fold.beat
        return Kernel(module, kernel_module(module, "Toy.", width, width, body))


def toy_net(
    name: str, edge: Edge, beat: int, fault: str, number: int
) -> tuple[Net, dict[str, str]]:
    """Network number `number` of a harness: one toy kernel, three frames; and its files."""
    layer = Toy("increment", edge, replace(edge, name="plus one"), fault)
    stage = Stage(layer, Fold(1, 1, beat), beat, f"{name}_kernel", (2,))
    design = Design(QGraph(name, (layer,), Preprocessing()), (stage,))
    rng = np.random.default_rng(number)
    values = rng.integers(edge.low, edge.high, (3, *edge.shape), endpoint=True).astype(edge.dtype)
    net = Net(design, f"{name}_net", [values, layer.golden(values)], 2 * number, number)
    return net, emit(design, net.module)
