"""Weights in a trellis code: the table, the scale of every channel, and the rounding itself.

At one column the codes of `group` consecutive channels form a circle (toolchain/ir/coding.py), so
a column is rounded group by group, each weight counting by the square of its channel's scale
(viterbi.py); everything else is as for the other grids (gptq.py). The table has 2^window values
where a codebook of as many bits a weight has 2^bits, and which of them is within reach depends on
the neighbours' codes. A good one looks random: it starts from the levels a longer codebook would
have, in random order, and is refined by Lloyd's rounds with Viterbi in place of the nearest value
(Marcellin and Fischer 1990), then by least squares on the layer's results.

One table serves one matrix. The results of docs/results/few_bits.md say what each choice is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.few_bits import gptq, viterbi
from hearth.toolchain.few_bits.codebook import LARGEST, k_means
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.ir import Array
from hearth.toolchain.quantize.precision import Format

REMAINS = {
    4: {1: 0.75, 2: 0.74, 3: 0.78, 4: 0.86},
    8: {1: 0.7, 2: 0.64, 3: 0.7, 4: 0.8},
}
"""Squared error of a layer's result, by group and bits, as a share of that of a codebook of as many
bits: what a window of 6 bits leaves in v1.1's layers (docs/results/few_bits.md)."""
NARROW = 128
"""Output channels up to which a matrix has groups of 4: tiles are multiples of a group, and narrow
layers need few lanes, or a number that is no multiple of 8."""
SAMPLE = 64
"""Columns that a table is started on."""
STARTS, FIRST, MORE = 6, 8, 32
"""Random orders tried, Lloyd's rounds for each of them and for the best one."""
SCALES = tuple(np.linspace(0.7, 1.5, 9))
"""Scales tried for rounding by itself, relative to the root mean square of a channel."""
FACTORS = (0.93, 1.0, 1.08)
"""Scales tried with compensation, relative to the one at which rounding by itself is best."""
SLACK = 1.02
"""A new table may cost so much at first: descent after it gains more than that."""
ROUNDS = 3
"""Descent, least squares for the table, descent again: so many times."""
STEPS = 12
"""Of conjugate gradients, for the table."""


@dataclass(frozen=True, eq=False)
class Trellis:
    """Values that `bits` bits a weight reach: table [2^window] float32, circles of `group`."""

    table: Array
    bits: int
    group: int

    def round(self, values: Array, scale: Array) -> Array:
        rounded: Array = self.table[self.addresses(values, scale)]
        return rounded

    def addresses(self, values: Array, scale: Array) -> Array:
        """Places in the table [..., out] for values [..., out]; what is lost at a channel of
        scale s [out] counts s^2. Channels that fill up the last group cost nothing."""
        out = values.shape[-1]
        padded = -(-out // self.group) * self.group
        flat = np.zeros((values.size // out, padded), np.float32)
        flat[:, :out] = values.reshape(-1, out)
        weights = np.zeros(padded, np.float32)
        weights[:out] = np.square(scale / max(float(scale.max()), 1e-30))
        weights = np.broadcast_to(weights, flat.shape).reshape(-1, self.group).T
        circles = np.ascontiguousarray(flat.reshape(-1, self.group).T)
        found = viterbi.nearest(circles, weights, self.table, self.bits)
        places: Array = found.T.reshape(-1, padded)[:, :out].reshape(values.shape)
        return places


def offers(channels: int) -> dict[Format, float]:
    """The formats worth choosing for a matrix of so many output channels, with what they leave of
    the squared error of a codebook of as many bits."""
    group = 4 if channels <= NARROW else 8
    return {Format.trellis(bits, group=group): share for bits, share in REMAINS[group].items()}


def own(
    problem: Problem, bits: int, window: int, group: int, floor: Array
) -> tuple[Trellis, Solution]:
    """One matrix in a trellis code with a table of its own; the table's values are int8."""
    grid, scale = _start(problem, bits, window, group)
    used = problem.target.any(axis=0)
    scale = np.where(used, np.maximum(scale, floor), floor).astype(np.float32)
    found = _compensated(problem, grid, scale, floor)
    for _ in range(ROUNDS):
        found = _descended(problem, grid, found, floor, refit=False)
        grid, found = _refined(problem, grid, found, floor)
        found = _descended(problem, grid, found, floor, refit=True)
    return grid, found


# ------------------------------------------------------------------------------------ the start


@dataclass(frozen=True, eq=False)
class _Sample:
    """Some columns of a matrix: `chosen`, their values over `scale` [out], their weights."""

    chosen: Array
    scale: Array
    values: Array
    weights: Array

    @staticmethod
    def of(problem: Problem) -> _Sample:
        diagonal = np.diag(problem.hessian)[:, None]
        energy = (diagonal * np.square(problem.target)).sum(axis=0) / diagonal.sum()
        scale = np.sqrt(np.where(energy > 0, energy, 1.0)).astype(np.float32)
        count = min(SAMPLE, len(problem.target))
        drawn = np.random.default_rng(0).choice(len(problem.target), count, replace=False)
        chosen = np.sort(drawn)
        weights = diagonal[chosen] * np.square(np.where(energy > 0, scale, 0.0))
        return _Sample(chosen, scale, problem.target[chosen] / scale, weights.astype(np.float64))

    def rescaled(self, factor: Array) -> _Sample:
        return _Sample(
            self.chosen, self.scale * factor, self.values / factor, self.weights * factor**2
        )

    def table(self, bits: int, window: int, group: int) -> tuple[Trellis, float]:
        """The best of several tables in random order, and its error."""
        weights = np.broadcast_to(self.weights, self.values.shape).reshape(-1)
        levels = _levels(self.values.reshape(-1), weights, 1 << window)
        tried = []
        for seed in range(STARTS):
            order = np.random.default_rng(seed).permutation(len(levels))
            tried.append(self.lloyd(Trellis(levels[order], bits, group), FIRST))
        return self.lloyd(min(tried, key=lambda pair: pair[1])[0], MORE)

    def lloyd(self, grid: Trellis, rounds: int) -> tuple[Trellis, float]:
        """Assignment and means in turn; the best table on the way and its error."""
        count, best, least = len(grid.table), grid, np.inf
        weights = np.broadcast_to(self.weights, self.values.shape)
        for _ in range(rounds):
            places = grid.addresses(self.values, self.scale)
            error = float((weights * np.square(self.values - grid.table[places])).sum())
            if error < least:
                best, least = grid, error
            share = np.bincount(places.reshape(-1), weights.reshape(-1), count)
            moment = np.bincount(places.reshape(-1), (weights * self.values).reshape(-1), count)
            means = np.where(share > 0, moment / np.maximum(share, 1e-300), grid.table)
            grid = replace(grid, table=means.astype(np.float32))
        return best, least


def _levels(values: Array, weights: Array, count: int) -> Array:
    """Half way between the values of the best codebook and as many quantiles: neighbours' codes
    choose among them, so that there are more where weights are many."""
    order = np.argsort(values)
    mass = np.cumsum(weights[order])
    if mass[-1] <= 0:
        return np.zeros(count, np.float32)
    wanted = (np.arange(count) + 0.5) / count * mass[-1]
    quantiles = values[order][np.searchsorted(mass, wanted).clip(0, len(order) - 1)]
    centres = k_means(values, weights, count)
    levels: Array = ((centres + quantiles) / 2).astype(np.float32)
    return levels


def _start(problem: Problem, bits: int, window: int, group: int) -> tuple[Trellis, Array]:
    """A table of int8 values and the scale [out] that suits rounding by itself."""
    sample = _Sample.of(problem)
    grid, _ = sample.table(bits, window, group)
    factor = _factor(problem, sample, grid)
    grid, _ = sample.rescaled(factor).lloyd(grid, FIRST)
    grid, unit = _snapped(grid)
    return grid, (sample.scale * factor * unit).astype(np.float32)


def _factor(problem: Problem, sample: _Sample, grid: Trellis) -> Array:
    """The best of SCALES for every channel [out], on the sample."""
    chosen = sample.chosen
    hessian = gptq.SCALE_SHARE * problem.hessian[np.ix_(chosen, chosen)]
    diagonal = (1 - gptq.SCALE_SHARE) * np.diag(problem.hessian)[chosen, None]
    best, kept = np.full(len(sample.scale), np.inf), np.ones(len(sample.scale), np.float32)
    for factor in SCALES:
        scale = sample.scale * np.float32(factor)
        target = problem.target[chosen]
        error = grid.round(target / scale, scale) * scale - target
        form = (error * (hessian @ error + diagonal * error)).sum(axis=0)
        better = form < best
        best, kept = np.where(better, form, best), np.where(better, np.float32(factor), kept)
    return kept


def _snapped(grid: Trellis) -> tuple[Trellis, float]:
    """Integers up to 127, and the unit that they are multiples of."""
    unit = float(np.abs(grid.table).max()) / LARGEST or 1.0
    return replace(grid, table=np.rint(grid.table / unit).astype(np.float32)), unit


# ----------------------------------------------------------------------------------- the rounding


def _compensated(problem: Problem, grid: Trellis, start: Array, floor: Array) -> Solution:
    """GPTQ at several scales; every group of channels keeps its best."""
    factor, order = gptq.error_factor(problem.hessian), gptq.falling(problem.hessian)
    groups = np.arange(len(start)) // grid.group
    best = np.full(groups[-1] + 1, np.inf)
    integers, chosen = np.zeros_like(problem.target), start
    for step in FACTORS:
        scale = np.maximum(start * np.float32(step), floor)
        tried = gptq.gptq(problem, grid, scale, factor, order)
        error = np.bincount(groups, problem.errors(tried, scale))
        better = (error < best)[groups]
        best = np.minimum(error, best)
        integers = np.where(better, tried, integers)
        chosen = np.where(better, scale, chosen).astype(np.float32)
    return Solution(integers, chosen)


def _descended(
    problem: Problem, grid: Trellis, found: Solution, floor: Array, *, refit: bool
) -> Solution:
    """One sweep of descent, with the best scale before and after if wanted."""
    if refit:
        found = replace(found, scale=gptq.refit(problem, found, floor))
    found = replace(found, integers=gptq.descend(problem, grid, found, 1))
    return replace(found, scale=gptq.refit(problem, found, floor)) if refit else found


def _refined(
    problem: Problem, grid: Trellis, found: Solution, floor: Array
) -> tuple[Trellis, Solution]:
    """The table that suits the assignment best, unless snapping to int8 costs more than it
    gains."""
    places = grid.addresses(found.integers, found.scale)
    better, unit = _snapped(_least_squares(problem, grid, places, found.scale))
    scale = np.maximum(found.scale * np.float32(unit), floor)
    other = Solution(better.table[places], scale)
    before = problem.errors(found.integers, found.scale).sum()
    if problem.errors(other.integers, other.scale).sum() < SLACK * before:
        return better, other
    return grid, found


def _least_squares(problem: Problem, grid: Trellis, places: Array, scale: Array) -> Trellis:
    """Entries that minimise the sum of e'He over all channels for a given assignment, by
    conjugate gradients with a diagonal preconditioner. Entries not in use stay."""
    count, flat = len(grid.table), places.reshape(-1)

    def gathered(values: Array) -> Array:
        return np.bincount(flat, (values * scale).reshape(-1), count)

    def normal(entries: Array) -> Array:
        return gathered(problem.hessian @ (entries.astype(np.float32)[places] * scale))

    diagonal = np.diag(problem.hessian)[:, None]
    spread = gathered(np.broadcast_to(diagonal * scale, places.shape)) + 1e-30
    entries = grid.table.astype(np.float64)
    rest = gathered(problem.hessian @ problem.target) - normal(entries)
    step = rest / spread
    energy = first = rest @ step
    for _ in range(STEPS):
        if energy <= 1e-10 * first:
            break
        image = normal(step)
        length = energy / max(float(step @ image), 1e-300)
        entries, rest = entries + length * step, rest - length * image
        before, energy = energy, rest @ (rest / spread)
        step = rest / spread + (energy / before) * step
    return replace(grid, table=entries.astype(np.float32))
