"""What the examples of several layer kinds draw."""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Pads


def pads(rng: np.random.Generator, below: int) -> Pads:
    """Padding of 0 to `below` - 1 pixels on each side."""
    top, left, bottom, right = (int(side) for side in rng.integers(0, below, 4))
    return top, left, bottom, right
