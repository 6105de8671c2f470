"""Rounding a weight matrix so that the layer's *results* change least, not its weights.

For one output channel with real weights t, integers q on a grid and a scale s, the mean squared
change of the result over the calibration data is the quadratic form

    e' H e        e = q * s - t,    H = covariance of the layer's input columns

`gptq` rounds one column after another and moves the error onto the columns still to come (Frantar
et al. 2022, arXiv 2210.17323: the rows of the Cholesky factor of H^-1 say how; columns of large
variance first). `descend` then improves one integer at a time until nothing is left to gain
(coordinate descent on the same form). Everything here works on [columns, out], so that one column
of all channels lies together. Which values a grid holds is codebook.py's business, where H and t
come from few_bits.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hearth.toolchain.ir import Array

BLOCK = 64
DAMPING = 0.005
"""Added to the diagonal of H, as a share of its mean, before it is inverted."""
FACTORS = (0.78, 0.86, 0.93, 1.0, 1.08)
"""Scales tried per channel, relative to the one at which plain rounding is best."""
SEARCH = tuple(np.linspace(0.3, 1.05, 26))
SCALE_SHARE = 0.3
"""Share of the whole H in the search for plain rounding's scale; the rest is its diagonal."""


class Grid(Protocol):
    """The integers that a weight may take."""

    def round(self, values: Array, scale: Array) -> Array:
        """The grid's nearest integer to every value, as float32."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Weights to round: target [columns, out] float32, hessian [columns, columns] float32.

    `mask` [columns, out], when given, is 0 where a weight must stay zero (pruned networks).
    """

    target: Array
    hessian: Array
    mask: Array | None = None

    @staticmethod
    def of(target: Array, covariance: Array, mask: Array | None = None) -> Problem:
        """Positive definite; where the input never varied, all columns count alike."""
        mean = float(np.trace(covariance)) / len(covariance)
        ridge = mean * 1e-4 if mean > 0 else 1.0
        hessian = covariance + ridge * np.eye(len(covariance))
        return Problem(target.astype(np.float32), hessian.astype(np.float32), mask)

    def masked(self, values: Array) -> Array:
        return values if self.mask is None else values * self.mask

    def errors(self, integers: Array, scale: Array) -> Array:
        """e' H e of every channel [out]."""
        error = integers * scale - self.target
        result: Array = (error * (self.hessian @ error)).sum(axis=0)
        return result


@dataclass(frozen=True, eq=False)
class Solution:
    """integers [columns, out] and scale [out]: weight = integers * scale."""

    integers: Array
    scale: Array


def plain_scale(problem: Problem, grid: Grid, natural: Array, floor: Array) -> Array:
    """The scale [out] at which rounding every weight by itself does least harm."""
    diagonal = np.diag(problem.hessian)
    whole = SCALE_SHARE * problem.hessian
    best, chosen = np.full(len(natural), np.inf), natural
    for factor in SEARCH:
        scale = np.maximum(natural * np.float32(factor), floor)
        error = problem.masked(grid.round(problem.target / scale, scale)) * scale - problem.target
        form = (error * (whole @ error)).sum(0) + (1 - SCALE_SHARE) * (
            diagonal[:, None] * error * error
        ).sum(0)
        better = form < best
        best, chosen = np.where(better, form, best), np.where(better, scale, chosen)
    return chosen.astype(np.float32)


def solve(problem: Problem, grid: Grid, start: Array, floor: Array, sweeps: int = 2) -> Solution:
    """Integers and scale of every channel: the best of several scales, then descent."""
    factor, order = error_factor(problem.hessian), falling(problem.hessian)
    best = np.full(len(start), np.inf)
    integers, chosen = np.zeros_like(problem.target), start
    for step in FACTORS:
        scale = np.maximum(start * np.float32(step), floor)
        tried = gptq(problem, grid, scale, factor, order)
        error = problem.errors(tried, scale)
        better = error < best
        best, chosen = np.where(better, error, best), np.where(better, scale, chosen)
        integers = np.where(better, tried, integers)
    return improve(problem, grid, Solution(integers, chosen.astype(np.float32)), floor, sweeps)


def improve(
    problem: Problem, grid: Grid, found: Solution, floor: Array, sweeps: int = 2
) -> Solution:
    """Descent, best scale for the integers reached, descent again."""
    integers = descend(problem, grid, found, sweeps)
    scale = refit(problem, Solution(integers, found.scale), floor)
    return Solution(descend(problem, grid, Solution(integers, scale), 1), scale)


def refit(problem: Problem, found: Solution, floor: Array) -> Array:
    """The scale [out] that suits given integers best: q' H t / q' H q, never below `floor`."""
    weighted = problem.hessian @ found.integers
    energy = (found.integers * weighted).sum(axis=0)
    wanted = (problem.target * weighted).sum(axis=0) / np.maximum(energy, 1e-30)
    usable = (energy > 0) & (wanted > 0)
    return np.maximum(np.where(usable, wanted, found.scale), floor).astype(np.float32)


def error_factor(hessian: Array) -> Array:
    """Upper Cholesky factor of the inverse of the damped, ordered H."""
    order = falling(hessian)
    damped = hessian[np.ix_(order, order)].astype(np.float64)
    damped += DAMPING * np.trace(damped) / len(damped) * np.eye(len(damped))
    return np.linalg.cholesky(np.linalg.inv(damped)).T.astype(np.float32)


def falling(hessian: Array) -> Array:
    """Columns by falling variance."""
    return np.argsort(-np.diag(hessian), kind="stable")


def gptq(problem: Problem, grid: Grid, scale: Array, factor: Array, order: Array) -> Array:
    """Integers [columns, out]: each column rounded, its error moved onto the later ones."""
    work = problem.target[order].copy()
    mask = None if problem.mask is None else problem.mask[order]
    integers = np.empty_like(work)
    for start in range(0, len(work), BLOCK):
        stop = min(start + BLOCK, len(work))
        errors = np.empty_like(work[start:stop])
        for j in range(start, stop):
            rounded = grid.round(work[j] / scale, scale)
            integers[j] = rounded if mask is None else rounded * mask[j]
            errors[j - start] = (work[j] - integers[j] * scale) / factor[j, j]
            work[j + 1 : stop] -= np.outer(factor[j, j + 1 : stop], errors[j - start])
        work[stop:] -= factor[start:stop, stop:].T @ errors
    result = np.empty_like(integers)
    result[order] = integers
    return result


def descend(problem: Problem, grid: Grid, found: Solution, sweeps: int) -> Array:
    """Integers after `sweeps` rounds of choosing each one anew with all others fixed."""
    hessian, scale = problem.hessian, found.scale
    integers = found.integers.copy()
    slope = hessian @ (integers * scale - problem.target)
    for start in [*range(0, len(integers), BLOCK)] * sweeps:
        stop = min(start + BLOCK, len(integers))
        before, local = integers[start:stop].copy(), slope[start:stop].copy()
        _descend_block(problem, grid, scale, integers, local, slice(start, stop))
        slope += hessian[:, start:stop] @ ((integers[start:stop] - before) * scale)
    return integers


def _descend_block(
    problem: Problem, grid: Grid, scale: Array, integers: Array, slope: Array, block: slice
) -> None:
    """One round over the columns of `block`; `integers` and the block's `slope` are updated."""
    corner = problem.hessian[block, block]
    for i, j in enumerate(range(block.start, block.stop)):
        value = grid.round(integers[j] - slope[i] / (corner[i, i] * scale), scale)
        if problem.mask is not None:
            value = value * problem.mask[j]
        change = (value - integers[j]) * scale
        integers[j] = value
        slope += np.outer(corner[i], change)


def total(problems: Sequence[Problem], solutions: Sequence[Solution]) -> float:
    """Sum of e' H e over several matrices."""
    return float(
        sum(p.errors(s.integers, s.scale).sum() for p, s in zip(problems, solutions, strict=True))
    )
