"""The file's integers behind the rewrites of the front end.

Batch normalization multiplies a channel by one number, a swapped Concat exchanges input channels,
a Linear becomes a 1x1 convolution: all of them keep the set of integers of every output channel up
to its sign. So integers are not carried along; they are found again from the float weights that
came out, w = integer * scale, and held against the file's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hearth.toolchain.frontend.quantized.kept import KeptWeights
from hearth.toolchain.ir import Array

CLOSE = 0.02
"""Distance from a whole number up to which weight / scale counts as one."""


@dataclass(frozen=True, eq=False)
class Matched:
    """integers int8 [out, columns], scale [out] and bias [out]: weight = integers * scale."""

    integers: Array
    scale: Array
    bias: Array
    bits: int


def match(real: Array, bias: Array, kept: KeptWeights) -> Matched | None:
    """The integers of weights `real` [out, columns]; None where they are no longer the file's."""
    held = np.abs(kept.integers.reshape(len(kept.integers), -1).astype(np.int64))
    if held.shape != real.shape:
        return None
    top, largest = np.abs(real).max(axis=1), held.max(axis=1)
    used = largest > 0
    if ((top > 0) != used).any():
        return None
    scale = np.where(used, top / np.maximum(largest, 1), 0.0)
    scale = np.where(used, scale, scale.max() or 1.0)
    steps = real / scale[:, None]
    integers = np.rint(steps)
    same = np.array_equal(np.sort(np.abs(integers), axis=1), np.sort(held, axis=1))
    if not same or np.abs(steps - integers).max() > CLOSE or integers.max() > 127:
        return None
    energy = np.square(integers).sum(axis=1)
    better = (integers * real).sum(axis=1) / np.maximum(energy, 1)
    return Matched(
        integers.astype(np.int8), np.where(used, better, scale), bias.astype(np.float64), kept.bits
    )
