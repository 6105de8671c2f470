"""Codings of weights: codes and values are each other's inverse, and what has no codes is said."""

import time

import numpy as np
import pytest

from hearth.toolchain.ir import Coding
from hearth.toolchain.support.errors import HearthError


def drawn(rng: np.random.Generator, bits: int, window: int, group: int) -> Coding:
    """A trellis with a random table, in which some values come twice."""
    return Coding(bits, rng.integers(-128, 128, 1 << window).astype(np.int8), window, group)


@pytest.mark.parametrize("group", [1, 4, 8, 16])
@pytest.mark.parametrize(
    ("bits", "window"),
    [
        (1, 2),
        (1, 4),
        (1, 8),
        (2, 4),
        (2, 6),
        (2, 7),
        (3, 4),
        (3, 6),
        (3, 8),
        (4, 5),
        (4, 8),
        (7, 8),
    ],
)
def test_a_trellis_says_what_its_codes_mean(bits: int, window: int, group: int) -> None:
    rng = np.random.default_rng([bits, window, group])
    coding = drawn(rng, bits, window, group)
    for channels in (1, group, 3 * group + group // 2):
        full = -(-channels // group) * group
        weights = coding.values(rng.integers(0, 1 << bits, (full, 9)).astype(np.uint8))[:channels]
        codes = coding.codes(weights)
        assert codes.shape == (full, 9)
        assert codes.dtype == np.uint8
        assert codes.max() < 1 << bits
        assert np.array_equal(coding.values(codes)[:channels], weights)
        assert np.array_equal(coding.codes(weights.copy()), codes)


def test_the_window_slides_over_the_channels_before() -> None:
    coding = Coding(2, np.arange(32).astype(np.int8), 5, 4)
    codes = np.array([[1], [2], [3], [0]], np.uint8)
    expected = [1 + (0 << 2) + ((3 & 1) << 4), 2 + (1 << 2), 3 + (2 << 2) + (1 << 4)]
    expected.append(0 + (3 << 2) + ((2 & 1) << 4))
    assert coding.values(codes)[:, 0].tolist() == expected
    assert coding.codes(coding.values(codes))[:, 0].tolist() == [1, 2, 3, 0]


def test_every_codable_circle_has_codes_and_no_other() -> None:
    """All weights of a small trellis, against trying all codes."""
    coding = drawn(np.random.default_rng(5), 1, 3, 4)
    every = np.arange(16)[None] >> np.arange(4)[:, None] & 1
    codable = set(map(bytes, coding.values(every.astype(np.uint8)).T))
    rng = np.random.default_rng(6)
    missed = 0
    for _ in range(300):
        circle = rng.choice(coding.table, 4)
        if bytes(circle) in codable:
            assert np.array_equal(coding.values(coding.codes(circle[:, None]))[:, 0], circle)
        else:
            missed += 1
            with pytest.raises(HearthError, match=r"channels 0\.\.3 at column 0 have no codes"):
                coding.codes(circle[:, None])
    assert 0 < missed < 300


def test_free_channels_may_be_what_closes_the_circle() -> None:
    """Three of four channels that fit no circle with this fourth, but with another."""
    coding = Coding(1, np.array([0, 1, 2, 3], np.int8), 2, 4)
    weights = np.array([[1], [3], [3]], np.int8)
    assert coding.codes(weights)[:, 0].tolist() == [1, 1, 1, 0]
    with pytest.raises(HearthError):
        coding.codes(np.array([[1], [3], [3], [3]], np.int8))


@pytest.mark.parametrize("bits", range(1, 9))
def test_plain_weights_and_codebooks(bits: int) -> None:
    half = 1 << (bits - 1)
    every = np.arange(-half, half).astype(np.int8)[:, None]
    assert np.array_equal(Coding(bits).values(Coding(bits).codes(every)), every)
    book = Coding(bits, np.unique((every[:, 0] * 3).astype(np.int8)))
    weights = book.table[::-1][:, None]
    assert np.array_equal(book.values(book.codes(weights)), weights)
    assert Coding(bits).states == book.states == 1
    if bits < 8:
        other = np.setdiff1d(np.arange(-128, 128), np.append(book.table, every)).astype(np.int8)
        for coding in (Coding(bits), book):
            with pytest.raises(HearthError, match=f"do not all lie in the .* of {bits} bits"):
                coding.codes(other[:1, None])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((0,), "1 to 8 bits"),
        ((9,), "1 to 8 bits"),
        ((1, np.array([1, 2, 3])), "at most 2 values, rising"),
        ((2, np.array([3, 2])), "at most 4 values, rising"),
        ((2, np.zeros(0), 0, 4), "no group"),
        ((2, np.zeros(4), 2, 4), "a window of 3 to 8 bits"),
        ((2, np.zeros(512), 9, 4), "a window of 3 to 8 bits"),
        ((2, np.zeros(63), 6, 4), "found a window of 6, 63 values"),
        ((2, np.zeros(64), 6, 0), "a group of 1 to 64"),
        ((2, np.zeros(64), 6, 65), "a group of 1 to 64"),
    ],
)
def test_what_is_no_coding_is_said(arguments: tuple, sentence: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(HearthError, match=sentence):
        Coding(*arguments)


def test_codes_come_in_whole_groups() -> None:
    with pytest.raises(HearthError, match="groups of 4 channels, found 6"):
        drawn(np.random.default_rng(0), 2, 4, 4).values(np.zeros((6, 1), np.uint8))


def test_a_large_matrix_is_coded_in_seconds() -> None:
    """256 Ki weights, a fifth of SqueezeNet, with a generous limit for a busy machine."""
    rng = np.random.default_rng(1)
    coding = drawn(rng, 2, 6, 16)
    weights = coding.values(rng.integers(0, 4, (512, 512)).astype(np.uint8))
    begun = time.process_time()
    codes = coding.codes(weights)
    assert time.process_time() - begun < 10
    assert np.array_equal(coding.values(codes), weights)
