"""Trellis codes: the exact nearest word, tables, and weights that have codes in the ROM."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hearth.toolchain.few_bits import codebook, trellis, viterbi
from hearth.toolchain.few_bits.gptq import Problem
from hearth.toolchain.few_bits.trellis import Trellis
from hearth.toolchain.ir import Array, Coding
from tests.few_bits.test_gptq import COLUMNS, OUT, SAMPLES, floor, problem


def word_costs(values: Array, weights: Array, table: Array, bits: int) -> Array:
    """What every word of a circle costs, each looked up by the definition in ir/coding.py."""
    group, window = len(values), len(table).bit_length() - 1
    coding = Coding(bits, table.astype(np.int8), window, group)
    words = np.array(list(itertools.product(range(1 << bits), repeat=group)), np.uint8)
    said = coding.values(np.ascontiguousarray(words.T))
    cost: Array = (weights[:, None] * np.square(values[:, None] - said)).sum(axis=0)
    return cost


@pytest.mark.parametrize(
    ("bits", "window", "group"),
    [
        (1, 2, 4),
        (1, 6, 4),
        (1, 5, 8),
        (1, 8, 8),
        (2, 3, 4),
        (2, 6, 4),
        (2, 7, 5),
        (3, 4, 3),
        (3, 5, 4),
    ],
)
def test_viterbi_finds_the_best_of_all_words(bits: int, window: int, group: int) -> None:
    rng = np.random.default_rng(bits + window)
    table = rng.integers(-127, 128, 1 << window).astype(np.float32)
    values = (80 * rng.normal(size=(group, 6))).astype(np.float32)
    weights = rng.random((group, 6)).astype(np.float32)
    weights[-1, 0] = 0  # a channel that does not exist
    found = viterbi.nearest(values, weights, table, bits)
    cost = (weights * np.square(values - table[found])).sum(axis=0)
    for circle in range(6):
        least = word_costs(values[:, circle], weights[:, circle], table, bits).min()
        assert cost[circle] == pytest.approx(least, rel=1e-5, abs=1e-3)


def test_addresses_close_the_circle() -> None:
    """An address holds the codes of the channels before it, across the end of the group too."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=64).astype(np.float32)
    found = viterbi.nearest(rng.normal(size=(8, 50)), np.ones((8, 50)), table, 2)
    assert (found >> 2 == np.roll(found, 1, axis=0) & 15).all()


def test_many_circles_are_cut_into_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    given = rng.normal(size=(4, 33)), np.ones((4, 33)), rng.normal(size=16).astype(np.float32), 2
    whole = viterbi.nearest(*given)
    monkeypatch.setattr(viterbi, "CHUNK", 4 * 16 * 5)
    assert (viterbi.nearest(*given) == whole).all()


@pytest.mark.parametrize("out", [8, 13, 24])
@pytest.mark.parametrize("bits", [1, 2, 3])
def test_rounded_weights_have_codes(bits: int, out: int) -> None:
    """What the ROM says is what was rounded, in a last group that is not full as well."""
    given = problem(out)
    given = Problem(given.target[:, :out], given.hessian)
    grid, found = trellis.own(given, bits, 5, 8, floor()[:out])
    coding = Coding(bits, grid.table.astype(np.int8), 5, 8)
    weights = found.integers.T.astype(np.int8)
    assert (weights == found.integers.T).all()
    assert (coding.values(coding.codes(weights))[:out] == weights).all()


def relative(given: Problem, bits: int, window: int, group: int) -> float:
    """Error in the result beside that of a codebook of as many bits."""
    _, (scalar,) = codebook.shared([given], 1 << bits, [floor()])
    _, found = trellis.own(given, bits, window, group, floor())
    reached = given.errors(found.integers, found.scale).sum()
    return float(reached / given.errors(scalar.integers, scalar.scale).sum())


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_a_trellis_beats_a_codebook_of_as_many_bits(bits: int) -> None:
    assert relative(problem(bits), bits, 6, 8) < 0.88


def test_each_step_takes_the_error_down() -> None:
    given = problem(3)
    grid, scale = trellis._start(given, 2, 6, 8)
    plain = given.errors(grid.round(given.target / scale, scale), scale).sum()
    found = trellis._compensated(given, grid, scale, floor())
    errors = [plain, given.errors(found.integers, found.scale).sum()]
    for _ in range(3):
        found = trellis._descended(given, grid, found, floor(), refit=True)
        errors.append(given.errors(found.integers, found.scale).sum())
        grid, found = trellis._refined(given, grid, found, floor())
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.5 * errors[0]


def test_least_squares_is_the_best_table() -> None:
    given = problem(4)
    grid, scale = trellis._start(given, 2, 5, 8)
    places = grid.addresses(given.target / scale, scale)
    best = trellis._least_squares(given, grid, places, scale)
    reached = given.errors(best.table[places], scale).sum()
    rng = np.random.default_rng(0)
    for _ in range(10):
        other = best.table + rng.normal(size=32).astype(np.float32)
        assert reached < given.errors(other[places], scale).sum()


def test_same_seed_same_weights() -> None:
    first, second = (trellis.own(problem(5), 2, 6, 8, floor()) for _ in range(2))
    assert (first[1].integers == second[1].integers).all()
    assert (first[0].table == second[0].table).all()


def test_channels_without_weights_cost_nothing() -> None:
    """They get the smallest scale there is, and pull at no neighbour's code."""
    given = problem(6)
    target = given.target.copy()
    target[:, 3] = 0
    high = np.full(OUT, 1e-6, np.float32)
    grid, found = trellis.own(Problem(target, given.hessian), 2, 6, 8, high)
    assert found.scale[3] < 1.1 * high[3]
    assert np.isfinite(grid.table).all()
    nothing = Problem(np.zeros((COLUMNS, OUT), np.float32), given.hessian)
    _, found = trellis.own(nothing, 2, 6, 8, high)
    assert (found.scale < 1.1 * high).all()


def test_weights_of_a_group_count_by_their_scales() -> None:
    """Two values that exclude each other: the channel of the larger scale has its way."""
    grid = Trellis(np.array([-1, 1, 1, -1], np.float32), 1, 2)
    values = np.array([[-1.0, 1.0]], np.float32)
    for scale in ([3.0, 1.0], [1.0, 3.0]):
        found = grid.round(values, np.array(scale, np.float32))[0]
        assert found[int(np.argmax(scale))] == values[0, int(np.argmax(scale))]


def test_samples_of_a_constant_layer() -> None:
    given = Problem.of(np.full((COLUMNS, OUT), 0.25), np.cov(np.ones((SAMPLES, COLUMNS)).T))
    _, found = trellis.own(given, 2, 6, 8, floor())
    assert found.integers * found.scale == pytest.approx(given.target, abs=0.01)
