"""Chooses multipliers and shift: real = integer * scale on both sides of a convolution.

    out = (acc * M[c] + 2^(S-1)) >> S        scale_weight[c] * scale_in = M[c] * 2^-S * scale_out

For a given S the right-hand side is a grid of exact weight scales (`ScaleGrid`). Weights are
rounded to scales of that grid, so M is not an approximation. S is as large as 16-bit multipliers
allow. A channel with tiny weights but a large bias gets a coarser scale until its accumulator
provably stays inside 32 bits whatever the input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.quantize.rounding import LayerInput, Rounded, WeightRounding, natural_scale
from hearth.toolchain.support.errors import HearthError

LARGEST_MULTIPLIER = (1 << 16) - 1
LARGEST_SHIFT = 40
LARGEST_ACCUMULATOR = (1 << 31) - 1


@dataclass(frozen=True)
class ScaleGrid:
    """The weight scales that multipliers 1..65535 stand for at one shift."""

    shift: int
    step: float

    def multiplier(self, scale: Array) -> Array:
        """Smallest multipliers [out] whose scale is not below `scale`."""
        return np.ceil(scale / self.step * (1 - 1e-12)).clip(1, LARGEST_MULTIPLIER)

    def snap(self, scale: Array) -> Array:
        result: Array = self.multiplier(scale) * self.step
        return result


@dataclass(frozen=True, eq=False)
class Part:
    """One weight matrix of a layer: weights [out, columns], bias [out], and its input."""

    weights: Array
    bias: Array
    inputs: LayerInput


@dataclass(frozen=True, eq=False)
class Requantized:
    """Integers of a whole layer: a `Rounded` per part, then what all output channels share."""

    parts: tuple[Rounded, ...]
    bias: Array
    multiplier: Array
    shift: int


@dataclass(frozen=True)
class Arithmetic:
    """Scales and limits around one layer, and how its weights are rounded."""

    scale_in: float
    scale_out: float
    largest_input: int
    bits: int
    rounding: WeightRounding
    correct_bias: bool
    shift: int | None = None
    """Fixed beforehand; None: as large as multipliers allow."""


def requantize(name: str, parts: tuple[Part, ...], arithmetic: Arithmetic) -> Requantized:
    """Integers for a layer; every accumulator fits int32 for any input."""
    floors = [np.zeros(len(part.bias)) for part in parts]
    for _ in range(64):
        grid = _grid(name, parts, floors, arithmetic)
        rounded = tuple(
            _round(part, floor, grid, arithmetic) for part, floor in zip(parts, floors, strict=True)
        )
        biases = [_bias(p, r, arithmetic) for p, r in zip(parts, rounded, strict=True)]
        worst = [
            np.abs(b) + np.abs(r.integers.astype(np.int64)).sum(axis=1) * arithmetic.largest_input
            for b, r in zip(biases, rounded, strict=True)
        ]
        if max(w.max() for w in worst) <= LARGEST_ACCUMULATOR:
            scale = np.concatenate([r.scale for r in rounded])
            multiplier = np.rint(scale / grid.step).astype(np.uint16)
            return Requantized(
                rounded, np.concatenate(biases).astype(np.int32), multiplier, grid.shift
            )
        floors = [
            np.where(w > LARGEST_ACCUMULATOR, 2 * r.scale, floor)
            for w, r, floor in zip(worst, rounded, floors, strict=True)
        ]
    raise HearthError(
        f"{name}: no 32-bit accumulator can hold these weights and biases; are they trained ones?"
    )


def shift_for(ratio: float, most: float = LARGEST_MULTIPLIER, largest: int = LARGEST_SHIFT) -> int:
    """The largest shift, up to `largest`, at which ratio * 2^shift does not exceed `most`."""
    shift = largest if ratio <= 0 else math.floor(math.log2(most / ratio))
    return min(max(shift, 1), largest)


def largest_shift(
    parts: tuple[Part, ...], arithmetic: Arithmetic, floors: list[Array] | None = None
) -> int:
    """The largest shift at which the largest scale of the layer still has a 16-bit multiplier."""
    lowest = floors or [np.zeros(len(part.bias)) for part in parts]
    scales = [
        np.maximum(natural_scale(part.weights, arithmetic.bits), floor).max()
        for part, floor in zip(parts, lowest, strict=True)
    ]
    return shift_for(float(max(scales)) * arithmetic.scale_in / arithmetic.scale_out)


def _grid(
    name: str, parts: tuple[Part, ...], floors: list[Array], arithmetic: Arithmetic
) -> ScaleGrid:
    """The finest grid, or that of the fixed shift; HearthError when that is too fine."""
    largest = largest_shift(parts, arithmetic, floors)
    shift = largest if arithmetic.shift is None else arithmetic.shift
    if shift > largest:
        raise HearthError(
            f"--like: {name} cannot be scaled by that build's hardware (shift {shift}, these"
            f" weights need {largest} or less); compile without --like"
        )
    return ScaleGrid(shift, arithmetic.scale_out / arithmetic.scale_in / 2.0**shift)


def _round(part: Part, floor: Array, grid: ScaleGrid, arithmetic: Arithmetic) -> Rounded:
    def snap(scale: Array) -> Array:
        return grid.snap(np.maximum(scale, floor))

    return arithmetic.rounding(part.weights, part.inputs, arithmetic.bits, snap)


def _bias(part: Part, rounded: Rounded, arithmetic: Arithmetic) -> Array:
    """Integer bias; with correction it makes up for the mean effect of rounding the weights."""
    bias = part.bias
    if arithmetic.correct_bias:
        missing, mean = part.weights - rounded.values, part.inputs.mean
        lost = missing @ mean if mean.ndim == 1 else (missing * mean).sum(axis=1)
        bias = bias + lost * arithmetic.scale_in
    limit = float(1 << 62)
    return (
        np.rint(bias / (rounded.scale * arithmetic.scale_in)).clip(-limit, limit).astype(np.int64)
    )
