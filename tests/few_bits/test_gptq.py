"""Calibrated rounding: error compensation, descent, gain; formats of 2 to 8 bits and bad data."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.toolchain.few_bits import codebook, gain, gptq
from hearth.toolchain.few_bits.codebook import Uniform
from hearth.toolchain.few_bits.gptq import Problem, Solution
from hearth.toolchain.ir import Array

COLUMNS, OUT, SAMPLES = 90, 24, 600


def problem(seed: int = 0, scale: float = 1.0) -> Problem:
    """Correlated, non-negative columns as a ReLU leaves them, and random weights."""
    rng = np.random.default_rng(seed)
    columns = np.maximum(rng.normal(size=(SAMPLES, 12)) @ rng.normal(size=(12, COLUMNS)), 0)
    columns += 0.1 * rng.random(columns.shape)
    return Problem.of(scale * rng.normal(size=(COLUMNS, OUT)), np.cov(columns.T))


def floor() -> Array:
    return np.full(OUT, 1e-30, np.float32)


def error(found: Solution, of: Problem) -> float:
    return float(of.errors(found.integers, found.scale).sum())


@pytest.mark.parametrize("bits", range(2, 9))
def test_rounding_with_compensation_beats_nearest(bits: int) -> None:
    given = problem(bits)
    grid = Uniform(bits)
    scale = gptq.plain_scale(given, grid, codebook.natural_scale(given, max(1, grid.top)), floor())
    nearest = Solution(grid.round(given.target / scale, scale), scale)
    found = gptq.solve(given, grid, scale, floor())
    assert error(found, given) < 0.6 * error(nearest, given)
    assert found.integers.min() >= -(1 << (bits - 1))
    assert found.integers.max() < 1 << (bits - 1)


def test_descent_never_makes_it_worse() -> None:
    given, grid = problem(), Uniform(3)
    scale = codebook.natural_scale(given, grid.top)
    before = Solution(grid.round(given.target / scale, scale), scale)
    after = Solution(gptq.descend(given, grid, before, 3), scale)
    assert error(after, given) < error(before, given)
    assert (
        given.errors(after.integers, scale) <= given.errors(before.integers, scale) * (1 + 1e-4)
    ).all()


def test_refitted_scale_is_the_best_one() -> None:
    given, grid = problem(), Uniform(4)
    scale = codebook.natural_scale(given, grid.top)
    integers = grid.round(given.target / scale, scale)
    best = gptq.refit(given, Solution(integers, scale), floor())
    for factor in (0.99, 1.01):
        assert (given.errors(integers, best) <= given.errors(integers, best * factor)).all()


def test_scales_respect_their_floor() -> None:
    given, grid = problem(), Uniform(4)
    high = np.full(OUT, 10.0, np.float32)
    found = gptq.solve(given, grid, codebook.natural_scale(given, grid.top), high)
    assert (found.scale >= high).all()


def test_masked_weights_stay_zero() -> None:
    given = problem()
    mask = (np.random.default_rng(1).random(given.target.shape) < 0.4).astype(np.float32)
    masked = Problem(given.target * mask, given.hessian, mask)
    book, (found,) = codebook.shared([masked], 16, [floor()])
    assert not found.integers[mask == 0].any()
    assert len(book.values) <= 17
    assert 0 in book.values


def test_constant_input_falls_back_to_nearest() -> None:
    """No variance: all columns count alike, nothing can be compensated."""
    weights = np.random.default_rng(0).normal(size=(COLUMNS, OUT))
    given = Problem.of(weights, np.zeros((COLUMNS, COLUMNS)))
    _, (found,) = codebook.uniform([given], 8, [floor()])
    assert np.abs(found.integers * found.scale - weights).max() < found.scale.max()


def test_gain_and_bias_are_found_through_a_relu() -> None:
    rng = np.random.default_rng(0)
    result = rng.normal(size=(4000, 5)).astype(np.float32)
    wanted = result * np.array([0.8, 0.9, 1.0, 1.1, 1.3]) + np.array([-0.5, -0.2, 0.0, 0.2, 0.4])
    gains, bias = gain.fit(result, wanted, np.zeros(5), 0.0, 2.0)
    assert gains == pytest.approx([0.8, 0.9, 1.0, 1.1, 1.3], abs=0.01)
    assert bias == pytest.approx([-0.5, -0.2, 0.0, 0.2, 0.4], abs=0.01)


def test_gain_of_a_dead_channel_is_harmless() -> None:
    result = np.zeros((100, 2), np.float32)
    gains, bias = gain.fit(result, np.full((100, 2), -1.0), np.full(2, -1.0), 0.0, 1.0)
    assert np.isfinite(gains).all()
    assert np.isfinite(bias).all()
    assert (bias <= 0).all()
