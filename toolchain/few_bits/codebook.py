"""The values a weight may take: every b-bit integer, or a codebook shared by a layer.

A codebook is 2^b integers of 8 bits chosen for the layer (weight sharing: Han et al. 2016, Deep
Compression, arXiv 1510.00149); together with a scale per channel it serves the narrow channels and
the wide ones. It starts from k-means over the normalized weights, each counting as much as its
input column varies, and is refined by least squares once the assignment is known. How weights are
assigned: gptq.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.few_bits.gptq import Problem, Solution, improve, plain_scale, solve, total
from hearth.toolchain.ir import Array

LARGEST = 127
BINS = 4096
ROUNDS = 60


@dataclass(frozen=True)
class Uniform:
    """All integers of `bits` bits, two's complement."""

    bits: int

    @property
    def top(self) -> int:
        return (1 << (self.bits - 1)) - 1

    def round(self, values: Array, scale: Array) -> Array:
        return np.rint(values).clip(-self.top - 1, self.top)


@dataclass(frozen=True, eq=False)
class Codebook:
    """The integers `values`, rising, float32."""

    values: Array

    @staticmethod
    def of(values: Array) -> Codebook:
        """The nearest int8 values, each once."""
        return Codebook(np.unique(np.rint(values).clip(-128, 127)).astype(np.float32))

    @property
    def top(self) -> float:
        return float(np.abs(self.values).max()) or 1.0

    def round(self, values: Array, scale: Array) -> Array:
        middle = (self.values[1:] + self.values[:-1]) / 2
        return self.values[np.searchsorted(middle, values)]


def natural_scale(problem: Problem, top: float) -> Array:
    """The scale [out] at which the largest weight is the largest integer; 1 for a zero channel."""
    largest = np.abs(problem.target).max(axis=0)
    return np.where(largest > 0, largest / top, 1.0).astype(np.float32)


def uniform(
    problems: Sequence[Problem], bits: int, floors: Sequence[Array]
) -> tuple[Uniform, list[Solution]]:
    """Every matrix of a layer on the b-bit integers."""
    grid = Uniform(bits)
    return grid, [
        solve(p, grid, plain_scale(p, grid, natural_scale(p, max(1, grid.top)), f), f)
        for p, f in zip(problems, floors, strict=True)
    ]


def shared(
    problems: Sequence[Problem], entries: int, floors: Sequence[Array], refinements: int = 2
) -> tuple[Codebook, list[Solution]]:
    """One codebook of at most `entries` values for all matrices of a layer.

    With masked problems 0 is an additional entry, so that pruned weights stay exactly zero. Of two
    entries none is spent on channels without weights: these get the smallest scale there is.
    """
    masked = any(p.mask is not None for p in problems)
    zero = masked or (entries > 2 and not all(p.target.any(axis=0).all() for p in problems))
    book, scales = _start(problems, entries, floors, zero)
    if not zero:
        scales = [
            np.where(p.target.any(axis=0), s, f).astype(np.float32)
            for p, s, f in zip(problems, scales, floors, strict=True)
        ]
    found = [solve(p, book, s, f) for p, s, f in zip(problems, scales, floors, strict=True)]
    best, error = (book, found), total(problems, found)
    for _ in range(refinements):
        book = _refined(problems, best[1], best[0], zero)
        found = [
            improve(p, book, Solution(book.round(s.integers, s.scale), s.scale), f)
            for p, s, f in zip(problems, best[1], floors, strict=True)
        ]
        reached = total(problems, found)
        if reached >= error:
            break
        best, error = (book, found), reached
    return best


def _start(
    problems: Sequence[Problem], entries: int, floors: Sequence[Array], zero: bool
) -> tuple[Codebook, list[Array]]:
    """k-means and the best scale for plain rounding, in turn."""
    scales = [natural_scale(p, LARGEST) for p in problems]
    book = Codebook.of(np.zeros(1))
    for _ in range(3):
        book = _clusters(problems, scales, entries, zero)
        scales = [
            plain_scale(p, book, natural_scale(p, book.top), f)
            for p, f in zip(problems, floors, strict=True)
        ]
    return book, scales


def _clusters(
    problems: Sequence[Problem], scales: Sequence[Array], entries: int, zero: bool
) -> Codebook:
    values, weights = [], []
    for problem, scale in zip(problems, scales, strict=True):
        weight = np.diag(problem.hessian)[:, None] * np.square(scale)
        keep = problem.mask if problem.mask is not None else np.ones_like(problem.target)
        values.append((problem.target / scale)[keep > 0])
        weights.append(np.broadcast_to(weight, keep.shape)[keep > 0])
    room = entries if problems[0].mask is not None else entries - zero
    centres = k_means(np.concatenate(values), np.concatenate(weights), max(1, room))
    return _fitted(centres, zero)


def _fitted(centres: Array, zero: bool) -> Codebook:
    """Centres scaled so that the largest is 127, as int8, with 0 among them if wanted."""
    largest = float(np.abs(centres).max()) or 1.0
    centres = centres * (LARGEST / largest)
    return Codebook.of(np.append(centres, 0.0) if zero else centres)


def k_means(values: Array, weights: Array, count: int) -> Array:
    """Centres [count] of weighted one-dimensional k-means (Lloyd), from a companded start.

    Works on a sorted copy with running sums, so a round costs one binary search.
    """
    order = np.argsort(values)
    x, w = values[order].astype(np.float64), weights[order].astype(np.float64)
    mass = np.concatenate([[0.0], np.cumsum(w)])
    moment = np.concatenate([[0.0], np.cumsum(w * x)])
    centres = _companded(x, w, count)
    for _ in range(ROUNDS):
        inner = np.searchsorted(x, (centres[1:] + centres[:-1]) / 2)
        edges = np.concatenate([[0], inner, [len(x)]])
        share = np.diff(mass[edges])
        moved = np.where(share > 0, np.diff(moment[edges]) / np.maximum(share, 1e-300), centres)
        if np.allclose(moved, centres, rtol=1e-6, atol=0):
            break
        centres = np.sort(moved)
    return centres


def _companded(x: Array, w: Array, count: int) -> Array:
    """Centres with a density that is the cube root of the weights': optimal for many centres."""
    density, edges = np.histogram(x, 400, weights=w)
    share = np.cumsum(np.maximum(density, density.max() * 1e-9 + 1e-30) ** (1 / 3))
    middle = (edges[1:] + edges[:-1]) / 2
    centres: Array = np.interp((np.arange(count) + 0.5) / count, share / share[-1], middle)
    return centres


def _refined(
    problems: Sequence[Problem], found: Sequence[Solution], book: Codebook, zero: bool
) -> Codebook:
    """The entries that suit the assignment best: least squares over all weights of the layer.

    Only entries in use move; the sum over channels of s^2 P' H P c = s P' H t, with P the
    assignment as ones, is solved for c.
    """
    count = len(book.values)
    normal, right = np.zeros((count, count)), np.zeros(count)
    for problem, solution in zip(problems, found, strict=True):
        index = np.searchsorted(book.values, solution.integers)
        pull = problem.hessian @ problem.target
        for entry in range(count):
            chosen = (index == entry) * solution.scale
            right[entry] += (chosen * pull).sum()
            spread = problem.hessian @ chosen
            for other in range(entry + 1):
                normal[entry, other] += (spread * (index == other) * solution.scale).sum()
    normal = np.tril(normal) + np.tril(normal, -1).T
    fixed = (np.diag(normal) <= 0) | (zero & (book.values == 0))
    values = book.values.astype(np.float64)
    free = ~fixed
    ridge = 1e-6 * np.diag(np.diag(normal)[free])
    values[free] = np.linalg.solve(
        normal[np.ix_(free, free)] + ridge, right[free] + ridge @ values[free]
    )
    return Codebook.of(values)
