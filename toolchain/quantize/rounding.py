"""Weight rounding: how real weights become integers and a scale per output channel.

A strategy is any object with the form of `WeightRounding`; quantize/int8.py calls it once per
convolution. It must take its scales from `snap`, which moves a scale up to the nearest one that the
hardware's multiplier expresses exactly, so that requantization adds no error of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hearth.toolchain.ir import Array

Snap = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class LayerInput:
    """What is known about the columns that a weight matrix [out, columns] is multiplied with."""

    mean: Array
    """Mean of each column over the calibration images, in integer steps; [out, columns] where rows
    see different columns."""
    samples: Callable[[], Array]
    """Integer columns [n, columns] of some calibration images, computed when asked for."""


@dataclass(frozen=True, eq=False)
class Rounded:
    """integers [out, columns] int8 and scale [out]: weight = integers * scale[:, None]."""

    integers: Array
    scale: Array

    @property
    def values(self) -> Array:
        return self.integers * self.scale[:, None]


class WeightRounding(Protocol):
    """One way of rounding weights [out, columns] to `bits`-bit signed integers."""

    def __call__(self, weights: Array, inputs: LayerInput, bits: int, snap: Snap) -> Rounded: ...


def nearest(weights: Array, inputs: LayerInput, bits: int, snap: Snap) -> Rounded:
    """The largest weight of a channel becomes the largest integer; the rest round to nearest."""
    top = (1 << (bits - 1)) - 1
    scale = snap(natural_scale(weights, bits))
    integers = np.rint(weights / scale[:, None]).clip(-top, top)
    return Rounded(integers.astype(np.int8), scale)


def natural_scale(weights: Array, bits: int) -> Array:
    """Scale per channel [out] at which the largest weight is the largest integer."""
    scale: Array = np.abs(weights).max(axis=1) / ((1 << (bits - 1)) - 1)
    return scale
