"""Frames to classes, by the golden model or by a board: the same answers either way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from hearth.toolchain.host.serial_board import SerialBoard
from hearth.toolchain.ir import Array, Design, golden

BENCH_FRAMES = 8


def class_name(labels: Sequence[str], index: int) -> str:
    """A number where the class has no name."""
    return labels[index] if index < len(labels) else f"class {index}"


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says of one frame.

    top     the best classes, best first
    scores  of all classes, of the float network's size: float64 [classes]
    cycles  of a board's clock from the frame's first pixel to its first logit; None off a board
    """

    top: tuple[int, ...]
    scores: Array
    cycles: int | None = None

    @cached_property
    def shares(self) -> Array:
        """Softmax: what the scores come to as probabilities, float64 [classes]."""
        powers: Array = np.exp(self.scores - self.scores.max())
        return np.asarray(powers / powers.sum())

    def named(self, labels: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """Name and share of each of the best classes."""
        return tuple((class_name(labels, i), float(self.shares[i])) for i in self.top)


class Labeller(Protocol):
    """Whoever answers."""

    def answers(self, frames: Array) -> Iterator[Answer]:
        """One for each of uint8 frames [n, height, width, channels], in order."""

    def pace(self) -> str:
        """The hardware's cycles per frame, and how they are known."""


@dataclass(frozen=True)
class Golden:
    """The golden model, and the cycles that its design takes in hardware."""

    design: Design

    def answers(self, frames: Array) -> Iterator[Answer]:
        """The integers of the hardware, in NumPy."""
        qgraph = self.design.qgraph
        output = golden.outputs(qgraph, frames)
        for top, scores in zip(
            golden.top(qgraph, output), golden.logits(qgraph, output), strict=True
        ):
            yield Answer(tuple(int(i) for i in top), scores)

    def pace(self) -> str:
        """By the compiler's model, which simulation confirms."""
        return f"{self.design.cycles:,} cycles a frame (model)"


@dataclass(frozen=True)
class OnBoard:
    """A board that runs the design."""

    board: SerialBoard
    design: Design

    def answers(self, frames: Array) -> Iterator[Answer]:
        """What comes back over the link. HearthError when the board stays silent."""
        scale = float(self.design.qgraph.output.scale)
        for result in self.board.results(frames):
            yield Answer(result.top, result.logits * scale, result.cycles)

    def pace(self) -> str:
        """As the board measures with frames of its own."""
        return f"{self.board.bench(BENCH_FRAMES).cycles_per_frame:,.0f} cycles a frame (measured)"
