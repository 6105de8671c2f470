"""One-layer networks for contract tests and mutants: hardware and golden values of a layer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hearth.hw.layers import examples
from hearth.hw.layers.conv import Conv
from hearth.sim.harness import Net
from hearth.toolchain.ir import (
    Array,
    Design,
    Edge,
    Fold,
    Layer,
    Preprocessing,
    QGraph,
    Stage,
    golden,
)
from hearth.toolchain.mapping.fold import fold as fold_to
from hearth.toolchain.mapping.schedule import schedule
from hearth.toolchain.rtl.emit import emit

LONGEST = 25_000
"""Cycles per frame above which an example is not simulated: all networks of a build wait for it."""
LARGEST = 1_200
"""Values in the tables of all lanes together above which one is not either: a constant in the
simulator's source each, and a few large tables took the compiler longer than all the rest."""


def small(layer: Layer, fold: Fold) -> bool:
    """Whether an example is simulated in a test."""
    codings = layer.codings if isinstance(layer, Conv) else ()
    entries = fold.lanes * max((len(coding.table) for coding in codings), default=0)
    return layer.cycles(fold) <= LONGEST and entries <= LARGEST


def frames(layer: Layer, rng: np.random.Generator) -> Array:
    """Five frames back to back: random, all at the limits, extremes at random, and one that is
    mostly zero."""
    source = layer.source
    shape = source.shape
    usual = rng.integers(source.low, source.high, (2, *shape), endpoint=True)
    high, low = np.full(shape, source.high), np.full(shape, source.low)
    extremes = rng.choice(np.array([source.low, source.high]), shape)
    (own,) = rng.spawn(1)
    few = np.where(own.random(shape) < own.uniform(0.02, 0.3), usual[1], 0)
    few = few.clip(source.low, source.high)
    return np.stack([usual[0], high, low, extremes, few]).astype(source.dtype)


@dataclass(frozen=True, eq=False)
class Single:
    """One layer as a network of its own."""

    layer: Layer
    net: Net
    files: dict[str, str]

    @property
    def title(self) -> str:
        """The geometry in one line, for a failed test."""
        stage = self.net.design.stages[-1]
        numbers = {
            key: value
            for key, value in vars(self.layer).items()
            if isinstance(value, int | tuple) and key != "name"
        }
        return (
            f"{self.net.module}: {self.layer.source.shape} -> {self.layer.target.shape},"
            f" in_beat {stage.in_beat}, {stage.fold}, {numbers}"
        )

    @property
    def exact(self) -> bool:
        """Whether cycles are promised exactly: not where work depends on values and tiles may have
        to wait for earlier ones to leave."""
        fold = self.net.design.stages[-1].fold
        return not fold.skips or fold.beat == fold.pe

    @property
    def promised(self) -> int:
        """Cycles between the ends of the last two frames."""
        design, edges = self.net.design, self.net.design.qgraph.edges
        stage = design.stages[-1]
        if not stage.fold.skips:
            return design.cycles
        values = {edge.name: v for edge, v in zip(edges, self.net.golden, strict=True)}
        sources = (values[edge.name] for edge in self.layer.sources)
        return self.layer.spent(stage.fold, stage.in_beat, *sources)[-1]


MOST_EDGES = 8
"""Of one network."""


def single(layer: Layer, fold: Fold, in_beat: int, number: int, values: Array) -> Single:
    """Network number `number` of a harness."""
    name = f"{layer.kind}{number}"
    stage = Stage(layer, fold, in_beat, f"{name}_kernel", (2,))
    design = Design(QGraph(name, (layer,), Preprocessing()), (stage,))
    return _watched(layer, design, number, values)


def joined(layer: Layer, number: int, rng: np.random.Generator) -> Single:
    """The same of a layer with several sources: a convolution of the input makes each of them."""
    name = f"{layer.kind}{number}"
    image = Edge(f"{name}_image", *layer.source.shape[:2], 3)
    before = [_producer(image, edge, rng) for edge in layer.sources]
    qgraph = QGraph(name, (*before, layer), Preprocessing())
    plain = fold_to(qgraph, lanes=int(rng.integers(8, 200)))
    modules = (f"{name}_{index}_kernel" for index in range(len(plain.stages)))
    stages = zip(plain.stages, modules, strict=True)
    design = Design(qgraph, tuple(replace(stage, module=module) for stage, module in stages))
    values = rng.integers(0, 256, (5, *image.shape)).astype(np.uint8)
    return _watched(layer, schedule(design), number, values)


def _watched(layer: Layer, design: Design, number: int, values: Array) -> Single:
    edges = golden.run(design.qgraph, values)
    net = Net(design, design.qgraph.name, edges, MOST_EDGES * number, MOST_EDGES * number)
    return Single(layer, net, emit(design, net.module))


def _producer(image: Edge, target: Edge, rng: np.random.Generator) -> Conv:
    """A convolution whose results spread over the values of `target` and beyond; of the whole map
    where that is one pixel."""
    channels = target.channels
    kernel = image.height - target.height + 1, image.width - target.width + 1
    gain = (1 << 16 >> 14) / np.sqrt(kernel[0] * kernel[1])
    return Conv(
        name=f"{image.name}/{target.name}",
        source=image,
        target=target,
        strides=(1, 1),
        pads=(0, 0, 0, 0),
        centre=np.zeros((0, 3), np.int8),
        window=rng.integers(-128, 128, (channels, *kernel, 3)).astype(np.int8),
        bias=rng.integers(-9_000, 9_000, channels).astype(np.int32),
        multiplier=rng.integers(int(300 * gain), int(500 * gain), channels).astype(np.uint16),
        shift=16,
    )


def draw(kind: str, count: int, seed: int) -> list[Single]:
    """The first `count` examples of a kind that are small."""
    rng = np.random.default_rng(seed)
    quick: Iterator[tuple[Layer, Fold, int]] = (
        (layer, fold, in_beat) for layer, fold, in_beat in examples(kind, rng) if small(layer, fold)
    )
    return [
        joined(layer, number, rng)
        if len(layer.sources) > 1
        else single(layer, fold, in_beat, number, frames(layer, rng))
        for number, (layer, fold, in_beat) in enumerate(itertools.islice(quick, count))
    ]


def all_files(singles: Sequence[Single]) -> dict[str, str]:
    """Every file of several networks; equal modules are shared."""
    return {path: text for single in singles for path, text in single.files.items()}
