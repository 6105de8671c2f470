"""One layer in other formats: its weights rounded, then gain, bias, multiplier and shift.

    Weighted with int8 weights, its columns in both networks  ->  the same layer with other weights

How weights are rounded: gptq.py, codebook.py and trellis.py; gain and bias: gain.py. Which layer
comes when, and where its columns come from: calibrated.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.few_bits import codebook, gain, trellis
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.ir import Array, Coding, FloatConv, FloatExpand, Weighted
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.quantize.requantize import LARGEST_ACCUMULATOR, LARGEST_MULTIPLIER, shift_for
from hearth.toolchain.support.errors import HearthError


@dataclass(frozen=True, eq=False)
class Real:
    """One matrix of a layer in real numbers: weights [columns, out], bias [out], the slice of the
    layer's columns that it reads, and a mask of weights that may differ from zero."""

    weights: Array
    bias: Array
    reads: slice
    mask: Array | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """Columns of one layer: integer (with the scale of a step) and float, [n, columns]."""

    integer: Array
    real: Array
    scale: float


@dataclass(frozen=True)
class Chosen:
    """Formats of a layer's matrices, and whether they have one table together."""

    formats: tuple[Format, ...]
    shared: bool = True

    @staticmethod
    def alike(chosen: Format, matrices: int) -> Chosen:
        """One format for all of a layer's matrices; a trellis has a table for each."""
        return Chosen((chosen,) * matrices, not chosen.window)

    @staticmethod
    def of(plan: Plan, layer: FloatConv | FloatExpand) -> Chosen:
        """What a plan says of a layer."""
        return Chosen(plan.formats(layer), plan.shared(layer))


Kept = Mapping[int, Solution]


def calibrated(
    layer: Weighted, parts: list[Real], evidence: Evidence, chosen: Chosen, ridge: float
) -> Weighted:
    """The same layer in other formats: weights rounded, then gain, bias, multiplier and shift."""
    return formatted(layer, parts, evidence, problems(parts, evidence, ridge), chosen)


def formatted(
    layer: Weighted,
    parts: list[Real],
    evidence: Evidence,
    given: list[Problem],
    chosen: Chosen,
    kept: Kept | None = None,
) -> Weighted:
    """`calibrated` for problems already at hand. Matrices in `kept` stay as they are."""
    kept = kept or {}
    floors = [_floor(layer, part) for part in parts]
    together = [list(range(len(parts)))] if chosen.shared else [[i] for i in range(len(parts))]
    codings, found = list[Coding](), list[Solution]()
    for group in together:
        if group[0] in kept:
            coding, solutions = Coding(8), [kept[group[0]]]
        else:
            here = [given[i] for i in group], [floors[i] for i in group]
            coding, solutions = rounded(layer.name, *here, chosen.formats[group[0]])
        codings += [coding] * len(group)
        found += solutions
    return assemble(layer, parts, evidence, found, codings)


def rounded(
    name: str, given: list[Problem], floors: list[Array], chosen: Format
) -> tuple[Coding, list[Solution]]:
    """Matrices that share one format and its table."""
    if chosen.window:
        return _trellis(name, given, floors, chosen)
    if not chosen.codebook:
        return Coding(chosen.bits), codebook.uniform(given, chosen.bits, floors)[1]
    book, found = codebook.shared(given, 1 << chosen.bits, floors)
    values = book.values.astype(np.int8)
    return Coding(max(chosen.bits, (len(values) - 1).bit_length()), values), found


def _trellis(
    name: str, given: list[Problem], floors: list[Array], chosen: Format
) -> tuple[Coding, list[Solution]]:
    """One matrix in a trellis code."""
    (problem,), (floor,) = given, floors
    if problem.mask is not None:
        raise HearthError(
            f"{name}: --keep-zeros holds weights at zero one by one, which a trellis cannot; give"
            " this layer a codebook"
        )
    grid, found = trellis.own(problem, chosen.bits, chosen.window, chosen.group, floor)
    return Coding(chosen.bits, grid.table.astype(np.int8), chosen.window, chosen.group), [found]


def problems(parts: list[Real], evidence: Evidence, ridge: float) -> list[Problem]:
    """Covariances and regression targets of every part, in real units."""
    integer = evidence.integer - evidence.integer.mean(axis=0)
    covariance = (integer.T @ integer).astype(np.float64)
    covariance *= evidence.scale**2 / len(integer)
    cross = (integer.T @ evidence.real).astype(np.float64) * (evidence.scale / len(integer))
    found = []
    for part in parts:
        inner = covariance[part.reads, part.reads]
        target = _target(part, inner, cross[part.reads, part.reads], ridge)
        mask = None if part.mask is None else part.mask.astype(np.float32)
        found.append(Problem.of(target, inner, mask))
    return found


def _target(part: Real, covariance: Array, cross: Array, ridge: float) -> Array:
    """Weights that give the float layer's result from the columns of the rounded network."""
    pull = ridge * np.trace(covariance) / len(covariance)
    if pull <= 0:
        return part.weights
    damped = covariance + pull * np.eye(len(covariance))
    result: Array = np.linalg.solve(damped, cross @ part.weights + pull * part.weights)
    return result


def _floor(layer: Weighted, part: Real) -> Array:
    """Smallest scale [out] at which the bias still fits a 32-bit accumulator with room to spare."""
    steps = LARGEST_ACCUMULATOR / 4
    return (np.abs(part.bias) / (steps * layer.source.scale)).astype(np.float32) + 1e-30


def assemble(
    layer: Weighted,
    parts: list[Real],
    evidence: Evidence,
    found: list[Solution],
    codings: list[Coding],
) -> Weighted:
    """The layer with these integers, and the gain and bias that bring it closest to the float
    layer."""
    fitted = [_fit(layer, p, evidence, s) for p, s in zip(parts, found, strict=True)]
    scale = np.concatenate([s for s, _ in fitted])
    bias = np.concatenate([b for _, b in fitted])
    ratio = scale * layer.source.scale / layer.target.scale
    shift = shift_for(ratio.max())
    multiplier = np.rint(ratio * 2.0**shift).clip(1, LARGEST_MULTIPLIER)
    steps = np.rint(bias / layer.target.scale * 2.0**shift / multiplier)
    weights = [s.integers.T.astype(np.int8) for s in found]
    check_accumulator(layer, weights, steps)
    return layer.with_matrices(
        weights,
        bias=steps.astype(np.int32),
        multiplier=multiplier.astype(np.uint16),
        shift=shift,
        codings=tuple(codings),
    )


def _fit(layer: Weighted, part: Real, evidence: Evidence, found: Solution) -> tuple[Array, Array]:
    """Scale with gain, and bias, of every channel in real units."""
    weights = (found.integers * (found.scale * evidence.scale)).astype(np.float32)
    result = evidence.integer[:, part.reads] @ weights
    wanted = evidence.real[:, part.reads] @ part.weights.astype(np.float32)
    wanted += part.bias.astype(np.float32)
    start = (wanted.mean(axis=0) - result.mean(axis=0)).astype(np.float64)
    low, top = layer.target.low * layer.target.scale, layer.target.high * layer.target.scale
    gains, bias = gain.fit(result, wanted, start, low, top)
    return found.scale * gains, bias


def check_accumulator(layer: Weighted, weights: list[Array], bias: Array) -> None:
    sums = np.concatenate([np.abs(w.astype(np.int64)).sum(axis=1) for w in weights])
    if (
        np.abs(bias) + sums * max(layer.source.high, -layer.source.low)
    ).max() > LARGEST_ACCUMULATOR:
        raise HearthError(
            f"{layer.name}: no 32-bit accumulator can hold these weights and biases; are they"
            " trained ones?"
        )
