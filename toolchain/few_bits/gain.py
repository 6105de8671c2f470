"""Gain and bias of every channel after its weights were rounded.

With z the rounded convolution's result and t what the float layer hands on (after ReLU and the
clipping of the 8-bit range), each channel's

    mean of (clip(gain * z + bias, 0, top) - t)^2

is minimised by damped Gauss-Newton steps; values that ReLU or clipping cut off have no slope and
do not count. The gain becomes part of the requantization multiplier, so it costs nothing. This is
the bias correction of Nagel et al. 2019 (arXiv 1906.04721), for both constants and aware of ReLU.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array

STEPS = 8
STRIDE = 0.8
"""Share of a full Gauss-Newton step."""
NARROW, WIDE = 0.7, 1.4
"""Gains stay between these."""


def fit(result: Array, wanted: Array, bias: Array, low: float, top: float) -> tuple[Array, Array]:
    """Gain and bias [out] for result [n, out] without bias, starting at gain 1 and `bias`."""
    target = wanted.clip(low, top)
    gain, offset = np.ones_like(bias), bias.copy()
    best, kept = np.full(len(bias), np.inf), (gain, offset)
    for _ in range(STEPS + 1):
        value = result * gain + offset
        inside = (value > low) & (value < top)
        rest = value.clip(low, top) - target
        loss = np.square(rest).mean(axis=0)
        better = loss < best
        best = np.where(better, loss, best)
        kept = (np.where(better, gain, kept[0]), np.where(better, offset, kept[1]))
        gain, offset = _step(result, rest, inside, gain, offset)
    return kept


def _step(
    result: Array, rest: Array, inside: Array, gain: Array, offset: Array
) -> tuple[Array, Array]:
    """One step for both constants of every channel: a damped 2 x 2 system each."""
    rest = rest * inside
    count = inside.sum(axis=0) + 1e-3
    first = (result * inside).sum(axis=0)
    second = (np.square(result) * inside).sum(axis=0) * (1 + 2e-4) + 1e-12
    along, across = rest.sum(axis=0), (rest * result).sum(axis=0)
    determinant = count * (1 + 1e-3) * second - np.square(first) + 1e-12
    d_offset = (along * second - across * first) / determinant
    d_gain = (count * across - first * along) / determinant
    return (gain - STRIDE * d_gain).clip(NARROW, WIDE), offset - STRIDE * d_offset
