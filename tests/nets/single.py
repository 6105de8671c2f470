"""One-layer networks for contract tests and mutants: hardware and golden values of a layer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hearth.hw.layers import examples
from hearth.sim.harness import Net
from hearth.toolchain.ir import Array, Design, Fold, Layer, Preprocessing, QGraph, Stage
from hearth.toolchain.rtl.emit import emit

LONGEST = 25_000
"""Cycles per frame above which an example is not simulated: all networks of a build wait for it."""


def frames(layer: Layer, rng: np.random.Generator) -> Array:
    """Five frames back to back: random, all at the limits, extremes at random, and random again."""
    source = layer.source
    shape = source.shape
    usual = rng.integers(source.low, source.high, (2, *shape), endpoint=True)
    high, low = np.full(shape, source.high), np.full(shape, source.low)
    extremes = rng.choice(np.array([source.low, source.high]), shape)
    return np.stack([usual[0], high, low, extremes, usual[1]]).astype(source.dtype)


@dataclass(frozen=True, eq=False)
class Single:
    """One layer as a network of its own."""

    layer: Layer
    net: Net
    files: dict[str, str]

    @property
    def title(self) -> str:
        """The geometry in one line, for a failed test."""
        stage = self.net.design.stages[0]
        numbers = {
            key: value
            for key, value in vars(self.layer).items()
            if isinstance(value, int | tuple) and key != "name"
        }
        return (
            f"{self.net.module}: {self.layer.source.shape} -> {self.layer.target.shape},"
            f" in_beat {stage.in_beat}, {stage.fold}, {numbers}"
        )


def single(layer: Layer, fold: Fold, in_beat: int, number: int, values: Array) -> Single:
    """Network number `number` of a harness."""
    name = f"{layer.kind}{number}"
    stage = Stage(layer, fold, in_beat, f"{name}_kernel", 2)
    design = Design(QGraph(name, (layer,), Preprocessing()), (stage,))
    net = Net(design, name, [values, layer.golden(values)], 2 * number, number)
    return Single(layer, net, emit(design, name))


def draw(kind: str, count: int, seed: int) -> list[Single]:
    """The first `count` examples of a kind that are short enough to simulate."""
    rng = np.random.default_rng(seed)
    short: Iterator[tuple[Layer, Fold, int]] = (
        (layer, fold, in_beat)
        for layer, fold, in_beat in examples(kind, rng)
        if layer.cycles(fold) <= LONGEST
    )
    return [
        single(layer, fold, in_beat, number, frames(layer, rng))
        for number, (layer, fold, in_beat) in enumerate(itertools.islice(short, count))
    ]


def all_files(singles: Sequence[Single]) -> dict[str, str]:
    """Every file of several networks; equal modules are shared."""
    return {path: text for single in singles for path, text in single.files.items()}
