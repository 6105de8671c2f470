"""What the examples of several layer kinds draw."""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Edge, Pads, Pair


def pads(rng: np.random.Generator, below: int) -> Pads:
    """Padding of 0 to `below` - 1 pixels on each side."""
    top, left, bottom, right = (int(side) for side in rng.integers(0, below, 4))
    return top, left, bottom, right


def source(rng: np.random.Generator, height: int, width: int, channels: int) -> Edge:
    """Bytes, every third time two's complement."""
    return Edge("x", height, width, channels, signed=bool(rng.random() < 1 / 3))


def pair(rng: np.random.Generator, low: int, below: int) -> Pair:
    """A number from `low` to `below` - 1 for each axis."""
    down, across = (int(number) for number in rng.integers(low, below, 2))
    return down, across
