"""Which real value an edge's largest integer stands for, decided from a histogram of magnitudes.

Three rules; docs/results/quantization.md has the measurement that chose `DEFAULT`.

    max          nothing seen in calibration is clipped
    percentile   the largest 0.001 % of all values are clipped (nothing, when there are fewer)
    mse          the clipping point with the smallest mean squared rounding + clipping error
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hearth.toolchain.quantize.calibration import Statistics
from hearth.toolchain.support.errors import HearthError

Rule = Callable[[Statistics, int], float]
PERCENTILE = 99.999
DEFAULT = "percentile"


def choose(rule: str, statistics: Statistics, levels: int) -> float:
    """The real value of integer `levels`; 1.0 for an edge that was always zero."""
    if rule not in RULES:
        raise HearthError(f"--range: one of {', '.join(RULES)} is expected, found '{rule}'")
    if statistics.reach <= 0:
        return 1.0
    return RULES[rule](statistics, levels)


def _max(statistics: Statistics, _: int) -> float:
    return statistics.reach


def _percentile(statistics: Statistics, _: int) -> float:
    """Zeros count as values: half of what a ReLU lets through is zero."""
    share = np.cumsum(statistics.counts) / statistics.counts.sum()
    index = int(np.searchsorted(share, PERCENTILE / 100))
    return min(statistics.reach, (index + 1) * statistics.width)


def _mse(statistics: Statistics, levels: int) -> float:
    """Sum over bins of count * (value - quantized value)^2, for 120 clipping points."""
    values = (np.arange(len(statistics.counts)) + 0.5) * statistics.width
    candidates = statistics.reach * np.linspace(0.1, 1.0, 120)
    steps = candidates[:, None] / levels
    rounded = np.minimum(np.rint(values / steps), levels) * steps
    errors = (np.square(values - rounded) * statistics.counts).sum(axis=1)
    return float(candidates[int(np.argmin(errors))])


RULES: Mapping[str, Rule] = {"max": _max, "percentile": _percentile, "mse": _mse}
