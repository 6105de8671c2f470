"""Two products in one multiplier block: every triple of two weights and an activation, and sums."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.toolchain.ir import Array, Block, Factors, Packing, packing

DSP48E2, DSP48E1, MULT18X18 = Block(27, 18), Block(25, 18), Block(18, 18)
BYTES, SIGNED = Factors(8, 9, 255), Factors(8, 8, 128)
NIBBLES = Factors(4, 9, 255)
CASES = {
    "DSP48E2": (DSP48E2, BYTES, Packing(18, 4)),
    "DSP48E2, signed": (DSP48E2, SIGNED, Packing(18, 7)),
    "DSP48E1": (DSP48E1, BYTES, Packing(16, 1)),
    "DSP48E1, 4 bits": (DSP48E1, NIBBLES, Packing(20, 257)),
    "ECP5, 4 bits": (MULT18X18, NIBBLES, Packing(13, 2)),
    "ECP5, 2 bits": (MULT18X18, Factors(2, 9, 255), Packing(15, 32)),
    "ECP5, 1 bit": (MULT18X18, Factors(1, 9, 255), Packing(16, 128)),
}
cases = pytest.mark.parametrize(("block", "factors", "found"), CASES.values(), ids=CASES)


def weights(factors: Factors) -> Array:
    half = 1 << (factors.weight_bits - 1)
    return np.arange(-half, half, dtype=np.int64)


def activations(factors: Factors) -> Array:
    low = -factors.largest if factors == SIGNED else 0
    high = 127 if factors == SIGNED else factors.largest
    return np.arange(low, high + 1, dtype=np.int64)


def taken_apart(total: Array, low: int) -> tuple[Array, Array]:
    """Lower and upper product or sum, as mac.x takes them from its bits."""
    lower, sign = total & ((1 << low) - 1), 1 << (low - 1)
    return (lower ^ sign) - sign, (total >> low) + ((total >> (low - 1)) & 1)


def exact(values: Array, bits: int) -> bool:
    """Whether two's complement of so many bits holds them."""
    return bool(values.min() >= -(1 << (bits - 1)) and values.max() < 1 << (bits - 1))


@cases
def test_every_triple_is_exact(block: Block, factors: Factors, found: Packing) -> None:
    assert packing(block, factors) == found
    w0, a = np.meshgrid(weights(factors), activations(factors), indexing="ij")
    assert exact(a, factors.activation_bits)
    assert factors.activation_bits <= block.narrow
    for w1 in weights(factors):
        both = (w1 << found.low) + w0
        assert exact(both, block.wide)
        lower, upper = taken_apart(both * a, found.low)
        assert np.array_equal(lower, w0 * a)
        assert np.array_equal(upper, w1 * a)


@cases
def test_every_sum_is_exact(block: Block, factors: Factors, found: Packing) -> None:
    """Every lower sum that so many products reach, beside upper ones at and between the limits."""
    limit = found.summed * factors.largest << (factors.weight_bits - 1)
    lower = np.arange(-limit, limit + 1, dtype=np.int64)
    rng = np.random.default_rng(0)
    for upper in (-limit, -1, 0, 1, limit, *rng.integers(-limit, limit, 20).tolist()):
        low, high = taken_apart((upper << found.low) + lower, found.low)
        assert np.array_equal(low, lower)
        assert (high == upper).all()


@cases
def test_one_more_is_one_too_many(block: Block, factors: Factors, found: Packing) -> None:
    """Of products added and of bits for the lower one: the rule gives nothing away."""
    least, ends = weights(factors)[0], activations(factors)[[0, -1]]
    total = (found.summed + 1) * least * ends
    low, _ = taken_apart(total, found.low)
    assert not np.array_equal(low, total)
    assert not exact((least << (found.low + 1)) + least, block.wide)


@pytest.mark.parametrize(
    ("block", "factors"),
    [
        (None, BYTES),
        (DSP48E2, None),
        (MULT18X18, BYTES),
        (MULT18X18, Factors(5, 9, 255)),
        (DSP48E2, Factors(8, 19, 255)),
        (Block(8, 8), BYTES),
    ],
)
def test_where_two_have_no_room(block: Block | None, factors: Factors | None) -> None:
    assert packing(block, factors) is None
