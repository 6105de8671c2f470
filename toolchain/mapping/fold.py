"""Folding: how many lanes each kernel gets, so that all need nearly the same time for a frame.

    before   QGraph: Conv fire2/squeeze, ...                   (what is computed)
    after    Design: Conv fire2/squeeze, 4 x 4 lanes, ...      (in how much space)

For a wanted number of cycles per frame each convolution takes the cheapest legal folding that is
fast enough (prices.py says what is cheap); fewer cycles need more lanes, so a budget of lanes is
met by bisection. The cycle counts are the exact ones of hw/layers (no estimates), which is why the
result can be held against simulation.

A kernel with several sources reads all of them in beats of one width. Where a producer's beats are
of another, a gearbox in front of the kernel makes them so (rtl/network.py), which needs one width
to divide the other: in front of such a kernel beats are powers of two.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hearth.toolchain.ir import SHALLOW, Design, Edge, Fold, Layer, QGraph, Stage
from hearth.toolchain.mapping.prices import Price, lanes_alone
from hearth.toolchain.rtl.verilog import identifier
from hearth.toolchain.support.errors import HearthError

INPUT_BEAT = 4
"""The input stream carries one pixel a beat: grey, three colours, or these and a fourth channel."""


_SOME_BEAT = 3
"""That a kernel which may choose would not choose alone."""


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
        self.pace = functools.cache(_pace)

    def _of(self, layer: Layer, in_beat: int) -> list[tuple[int, Fold]]:
        """(cycles, folding) of one layer behind a stream of so many channels a beat: the cycles of
        its own work, which its pace (takes longer to say) can only add to."""
        priced = [
            (self._price(layer, fold, in_beat), *_preference(layer, fold), layer.cycles(fold), fold)
            for fold in layer.folds(in_beat)
        ]
        ranked = sorted(priced, key=lambda row: row[:-2])
        return [(least, fold) for *_, least, fold in ranked]


def _pace(layer: Layer, fold: Fold, in_beat: int) -> int:
    return layer.pace(fold, in_beat)


@dataclass(frozen=True)
class Option:
    """What a kernel may be: the cycles that it needs then, channels a beat that it reads."""

    cycles: int
    in_beat: int
    fold: Fold


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
        self._joined = _before_joins(qgraph)

    def _options(
        self, layer: Layer, beats: Mapping[str, int], cycles: float = math.inf
    ) -> Iterator[Option]:
        """Foldings of a layer of at most so many cycles, cheapest first for each width that it may
        read its sources in."""
        for in_beat in widths(layer, [beats[edge.name] for edge in layer.sources]):
            for least, fold in self._menu.of(layer, in_beat):
                fits = layer.target.name not in self._joined or _is_power(fold.beat)
                if fits and max(least, _beats(layer.target, fold.beat)) <= cycles:
                    needed = self._menu.pace(layer, fold, in_beat)
                    if needed <= cycles:
                        yield Option(needed, in_beat, fold)

    @property
    def slowest(self) -> int:
        """Cycles per frame with the cheapest folding of every kernel."""
        source = self.qgraph.input
        beats = {source.name: self.input_beat}
        worst = _beats(source, self.input_beat)
        for layer in self.qgraph.layers:
            option = next(self._options(layer, beats))
            beats[layer.target.name] = option.fold.beat
            worst = max(worst, option.cycles, _beats(layer.target, option.fold.beat))
        return worst

    def try_design(self, cycles: int) -> Design | None:
        """The cheapest design of at most `cycles` per frame, or None."""
        beats = {self.qgraph.input.name: self.input_beat}
        stages: list[Stage] = []
        for layer, module in zip(self.qgraph.layers, self._modules, strict=True):
            found = next(self._options(layer, beats, cycles), None)
            if found is None:
                return None
            depths = (SHALLOW,) * len(layer.sources)
            stages.append(Stage(layer, found.fold, found.in_beat, module, depths))
            beats[layer.target.name] = found.fold.beat
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


def widths(layer: Layer, beats: list[int]) -> list[int]:
    """Channels a beat that a layer may read its sources in, which come with `beats`: as they come
    from the only one, or powers of two that gearboxes make of all, the narrowest first."""
    if len(beats) == 1:
        return beats
    widest = max(edge.channels for edge in layer.sources)
    powers = [1 << shift for shift in range(widest.bit_length())]
    return [width for width in powers if all(max(width, b) % min(width, b) == 0 for b in beats)]


def _before_joins(qgraph: QGraph) -> set[str]:
    """Edges whose beats reach a layer with several sources, perhaps through layers that hand on
    beats as they come."""
    found: set[str] = set()
    for layer in reversed(qgraph.layers):
        if len(layer.sources) > 1 or (layer.target.name in found and _hands_on(layer)):
            found |= {edge.name for edge in layer.sources}
    return found


def _hands_on(layer: Layer) -> bool:
    """Whether beats leave a kernel as wide as they come, and cannot be chosen."""
    return all(fold.beat == _SOME_BEAT for fold in layer.folds(_SOME_BEAT))


def _is_power(number: int) -> bool:
    return not number & (number - 1)


def _beats(edge: Edge, beat: int) -> int:
    """Of one frame."""
    return edge.pixels * -(-edge.channels // beat)


def _preference(layer: Layer, fold: Fold) -> tuple[int, int, int]:
    """Order of preference at one price: few padding words in the ROM, then few accumulators."""
    channels = layer.target.channels
    deep = -(-layer.source.channels // fold.simd) * fold.simd
    tiles = -(-channels // fold.pe) * fold.pe
    return deep * tiles, fold.beat, abs(fold.pe - fold.simd)


def with_fifos(design: Design, depths: Sequence[tuple[int, ...]]) -> Design:
    """`design` with the FIFOs in front of each stage set to `depths` beats."""
    stages = (
        replace(stage, depths=depth) for stage, depth in zip(design.stages, depths, strict=True)
    )
    return Design(design.qgraph, tuple(stages))
