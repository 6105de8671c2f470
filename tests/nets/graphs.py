"""Random networks whose paths part and meet: what a schedule over all paths is for.

Every edge has one size, odd as it may be, so that any two can meet: convolutions of all shapes,
expand stages, max-pools that keep the map, tables, sums and products of two edges, gates that are
computed from a whole map, concatenations of several. What nobody reads at the end is concatenated
in front of the head.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hearth.hw.layers.addition import Addition
from hearth.hw.layers.concat import Concat
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.gating import Gating
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.rescale import Rescale
from hearth.hw.layers.table import Table
from hearth.hw.layers.topk import TopK
from hearth.toolchain.ir import Edge, Layer, Preprocessing, QGraph


class _Growth:
    """A network in the making."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.name = f"graph{seed}"
        self.layers: list[Layer] = []
        height, width = (int(side) for side in self.rng.integers(5, 12, 2))
        self.image = Edge(f"{self.name}_image", height, width, 3)

    @property
    def edges(self) -> list[Edge]:
        """The maps that layers have made."""
        return [layer.target for layer in self.layers if layer.target.pixels > 1]

    def unread(self) -> list[Edge]:
        read = {edge.name for layer in self.layers for edge in layer.sources}
        return [edge for edge in self.edges if edge.name not in read]

    def some(self, count: int, channels: int | None = None) -> list[Edge]:
        """Edges for a layer to read, those of late more often than those of long ago."""
        there = [e for e in self.edges if channels in (None, e.channels)]
        weights = np.arange(1.0, len(there) + 1)
        count = min(count, len(there))
        chosen = self.rng.choice(len(there), count, replace=False, p=weights / weights.sum())
        return [there[int(index)] for index in chosen]

    def edge(
        self,
        kind: str,
        channels: int,
        bits: int = 8,
        signed: bool = False,
        like: Edge | None = None,
    ) -> Edge:
        """As large as `like`, or the image."""
        name, size = f"{self.name}_{kind}{len(self.layers)}", like or self.image
        return Edge(name, size.height, size.width, channels, bits, signed)

    def conv(self, source: Edge, out: int, kernel: int, centre: int = 0, bits: int = 8) -> None:
        """Weights with which some outputs are zero and some saturate."""
        rng, target = self.rng, self.edge("conv", out + centre, bits, bits > 8, source)
        window = rng.integers(-128, 128, (out, kernel, kernel, source.channels))
        gain = 2.0**16 * target.high / (73 * 128 * np.sqrt(window[0].size) * 2)
        self.layers.append(
            Conv(
                name=target.name,
                source=source,
                target=target,
                strides=(1, 1),
                pads=(kernel // 2, kernel // 2, kernel // 2, kernel // 2),
                centre=rng.integers(-128, 128, (centre, source.channels)).astype(np.int8),
                window=window.astype(np.int8),
                bias=rng.integers(-5_000, 5_000, out + centre).astype(np.int32),
                multiplier=rng.integers(int(gain), int(2 * gain), out + centre).astype(np.uint16),
                shift=16,
            )
        )

    def grow_conv(self) -> None:
        (source,) = self.some(1)
        self.conv(source, int(self.rng.integers(2, 9)), int(self.rng.choice([1, 3])))

    def grow_expand(self) -> None:
        (source,), half = self.some(1), 2 * int(self.rng.integers(1, 5))
        self.conv(source, half, 3, half)

    def grow_pool(self) -> None:
        (source,) = self.some(1)
        target = self.edge("pool", source.channels)
        self.layers.append(MaxPool(target.name, source, target, (3, 3), (1, 1), (1, 1, 1, 1)))

    def grow_table(self) -> None:
        (source,) = self.some(1)
        target = self.edge("table", source.channels)
        entries = self.rng.integers(0, 256, (1, 256)).astype(np.int32)
        groups = np.zeros(source.channels, np.int32)
        self.layers.append(Table(target.name, source, target, entries, groups))

    def grow_sum(self) -> None:
        (first,) = self.some(1)
        second = self.other(first)
        target = self.edge("sum", first.channels)
        factors = self.rng.integers(1 << 14, 1 << 15, 2).astype(np.int32)
        self.layers.append(Addition(target.name, (first, second), target, factors, 15))

    def other(self, first: Edge) -> Edge:
        """Another map of as many channels."""
        second = self.some(1, first.channels)[0]
        if first.name == second.name:  # a bypass needs something to go past
            self.conv(first, first.channels, 3)
            second = self.edges[-1]
        return second

    def grow_product(self) -> None:
        (first,) = self.some(1)
        second = self.other(first) if self.rng.random() < 1 / 3 else self.gate(first.channels)
        target, factor = self.edge("product", first.channels), int(self.rng.integers(1 << 15))
        self.layers.append(Gating(target.name, (first, second), target, (1 << 15) + factor, 22))

    def gate(self, channels: int) -> Edge:
        """One pixel that a convolution makes of a map's means."""
        (source,) = self.some(1)
        sums = Edge(f"{self.name}_sums{len(self.layers)}", 1, 1, source.channels, 32, signed=True)
        self.layers.append(GlobalPool(sums.name, source, sums))
        means = self.edge("means", source.channels, like=sums)
        self.layers.append(Rescale(means.name, sums, means, (1 << 20) // source.pixels, 20))
        self.conv(means, channels, 1)
        return self.layers[-1].target

    def grow_concat(self) -> None:
        parts = self.some(int(self.rng.integers(2, 4)))
        if len(parts) > 1:
            self.concat(parts)

    def concat(self, parts: list[Edge]) -> None:
        target = self.edge("concat", sum(edge.channels for edge in parts))
        self.layers.append(Concat(target.name, tuple(parts), target))


def network(seed: int) -> QGraph:
    """Six to ten layers, each of a kind drawn at random, then the head."""
    made = _Growth(seed)
    made.conv(made.image, int(made.rng.integers(4, 9)), 3)
    kinds: list[Callable[[], None]] = [
        made.grow_conv,
        made.grow_expand,
        made.grow_pool,
        made.grow_table,
        made.grow_sum,
        made.grow_sum,
        made.grow_product,
        made.grow_concat,
    ]
    for _ in range(int(made.rng.integers(6, 11))):
        kinds[int(made.rng.integers(len(kinds)))]()
    unread = made.unread()
    if len(unread) > 1:
        made.concat(unread)
    made.conv(made.edges[-1], 6, 1, bits=16)
    total = Edge(f"{made.name}_total", 1, 1, 6, 32, signed=True)
    made.layers.append(GlobalPool(total.name, made.edges[-1], total))
    best = Edge(f"{made.name}_y", 1, 1, 9, 32, signed=True)
    made.layers.append(TopK(f"{made.name}_top", total, best))
    return QGraph(made.name, tuple(made.layers), Preprocessing())
