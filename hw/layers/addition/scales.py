"""Multipliers of a sum from scales alone.

    M[i] = scale[i] / scale_of_the_sum * 2^S        as large as 16 bits hold

Scales are taken as a file stores them, in float32, so that whoever reads the file finds the same
multipliers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hearth.hw.layers.addition.layer import LARGEST_FACTOR, MOST_SHIFT
from hearth.toolchain.ir import Array, Edge


def ratios(sources: Sequence[Edge], target: Edge) -> Array:
    """Steps of the sum that one step of each source is, float64 [2]."""
    scales = np.array([edge.scale for edge in (*sources, target)]).astype(np.float32)
    result: Array = scales[:-1].astype(np.float64) / np.float64(scales[-1])
    return result


def largest_shift(ratios: Array) -> int:
    """The furthest shift at which the multipliers still fit; below 1 where there is none."""
    return int(np.floor(np.log2(LARGEST_FACTOR / ratios.max())))


def natural_shift(ratios: Array) -> int:
    """The shift of a sum that no hardware has chosen yet."""
    return min(max(largest_shift(ratios), 1), MOST_SHIFT)
