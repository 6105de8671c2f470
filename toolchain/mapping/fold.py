"""Folding: how many lanes each kernel gets, so that all need nearly the same time for a frame.

    before   QGraph: Conv fire2/squeeze, ...                   (what is computed)
    after    Design: Conv fire2/squeeze, 4 x 4 lanes, ...      (in how much space)

For a wanted number of cycles per frame each convolution takes the cheapest legal folding that is
fast enough (prices.py says what is cheap); fewer cycles need more lanes, so a budget of lanes is
met by bisection. The cycle counts are the exact ones of hw/layers (no estimates), which is why the
result can be held against simulation.
"""

from __future__ import annotations

import functools
from dataclasses import replace

from hearth.toolchain.ir import Design, Fold, Layer, QGraph, Stage
from hearth.toolchain.mapping.prices import Price, lanes_alone
from hearth.toolchain.rtl.verilog import identifier
from hearth.toolchain.support.errors import HearthError

INPUT_BEAT = 3
"""The input stream carries one RGB pixel a beat."""


def fold(
    qgraph: QGraph,
    lanes: int | None = None,
    cycles: int | None = None,
    asked: str = "",
    price: Price = lanes_alone,
) -> Design:
    """Fold to at most `lanes` MAC lanes, or to at most `cycles` cycles per frame (one of the two).

    asked   the user's options that this follows from, such as '--fps 60 --clock 100'
    price   what a kernel's folding costs; of those that are fast enough the cheapest is taken

    Raises HearthError when the budget cannot be met by any folding.
    """
    chooser = Chooser(qgraph, price)
    if cycles is not None:
        return chooser.design(cycles, asked)
    if lanes is None:
        raise ValueError("fold needs a lane budget or a cycle count")
    low, high = 1, chooser.slowest
    smallest = chooser.design(high, asked)
    if smallest.lanes > lanes:
        raise HearthError(
            f"{asked or f'{lanes} MAC lanes, the default'}: {qgraph.name} needs at least"
            f" {smallest.lanes} MAC lanes (one per kernel); give --lanes {smallest.lanes} or more"
        )
    best = smallest
    while low < high:
        middle = (low + high) // 2
        candidate = chooser.try_design(middle)
        if candidate is not None and candidate.lanes <= lanes:
            best, high = candidate, middle
        else:
            low = middle + 1
    return best


def foldings(qgraph: QGraph, menu: Menu | None = None) -> list[int]:
    """Cycles per frame that can be folded to, fewest first, in steps of three percent."""
    chooser = Chooser(qgraph, menu=menu)
    wanted, slowest = [float(chooser.fastest())], chooser.slowest
    while wanted[-1] < slowest:
        wanted.append(min(wanted[-1] * 1.03, slowest))
    return [int(cycles) for cycles in wanted if chooser.try_design(int(cycles)) is not None]


class Menu:
    """Remembers the legal foldings of each layer, cheapest first by one price. Networks that have a
    layer in common, the very same object, share them."""

    def __init__(self, price: Price = lanes_alone) -> None:
        self._price = price
        self.of = functools.cache(self._of)

    def _of(self, layer: Layer, in_beat: int) -> list[tuple[int, Fold]]:
        """(cycles, folding) of one layer behind a stream of so many channels a beat."""
        priced = [
            (self._price(layer, fold, in_beat), *_preference(layer, fold), layer.cycles(fold), fold)
            for fold in layer.folds(in_beat)
        ]
        ranked = sorted(priced, key=lambda row: row[:-2])
        return [(needed, fold) for *_, needed, fold in ranked]


class Chooser:
    """Chooses a folding of each layer while the target moves."""

    def __init__(
        self, qgraph: QGraph, price: Price = lanes_alone, menu: Menu | None = None
    ) -> None:
        self.qgraph = qgraph
        self._menu = menu or Menu(price)
        taken: set[str] = set()
        self._modules = [identifier(layer.name, taken) for layer in qgraph.layers]
        self.input_beat = min(INPUT_BEAT, qgraph.input.channels)

    def _options(self, index: int, in_beat: int) -> list[tuple[int, Fold]]:
        return self._menu.of(self.qgraph.layers[index], in_beat)

    @property
    def slowest(self) -> int:
        """Cycles per frame with the cheapest folding of every kernel."""
        worst, beat = self._edge_cycles(0, self.input_beat), self.input_beat
        for index in range(len(self.qgraph.layers)):
            needed, fold = self._options(index, beat)[0]
            beat = fold.beat
            worst = max(worst, needed, self._edge_cycles(index + 1, beat))
        return worst

    def _edge_cycles(self, index: int, beat: int) -> int:
        edge = self.qgraph.edges[index]
        return edge.pixels * -(-edge.channels // beat)

    def try_design(self, cycles: int) -> Design | None:
        """The cheapest design of at most `cycles` per frame, or None."""
        beat = self.input_beat
        stages: list[Stage] = []
        for index, layer in enumerate(self.qgraph.layers):
            fast = (
                fold
                for needed, fold in self._options(index, beat)
                if needed <= cycles and self._edge_cycles(index + 1, fold.beat) <= cycles
            )
            chosen = next(fast, None)
            if chosen is None:
                return None
            stages.append(Stage(layer, chosen, beat, self._modules[index], fifo_depth=2))
            beat = chosen.beat
        return Design(self.qgraph, tuple(stages))

    def design(self, cycles: int, asked: str) -> Design:
        """As try_design, but an impossible wish is a HearthError that says what is possible."""
        found = self.try_design(cycles)
        if found is None:
            fastest = self.fastest()
            rate = "ask for fewer frames per second or a higher clock"
            raise HearthError(
                f"{asked or f'{cycles:,} cycles per frame'}: {self.qgraph.name} cannot be folded to"
                f" {cycles:,} cycles per frame, the fastest is {fastest:,}; "
                + (rate if "--fps" in asked else f"give --cycles {fastest} or more")
            )
        return found

    def fastest(self) -> int:
        """Fewest cycles per frame of any folding."""
        low, high = 1, self.slowest
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.try_design(middle) else (middle + 1, high)
        return low


def _preference(layer: Layer, fold: Fold) -> tuple[int, int, int]:
    """Order of preference at one price: few padding words in the ROM, then few accumulators."""
    channels = layer.target.channels
    deep = -(-layer.source.channels // fold.simd) * fold.simd
    tiles = -(-channels // fold.pe) * fold.pe
    return deep * tiles, fold.beat, abs(fold.pe - fold.simd)


def with_fifos(design: Design, depths: list[int]) -> Design:
    """`design` with the FIFO behind each stage set to `depths` beats."""
    stages = (
        replace(stage, fifo_depth=depth) for stage, depth in zip(design.stages, depths, strict=True)
    )
    return Design(design.qgraph, tuple(stages))
