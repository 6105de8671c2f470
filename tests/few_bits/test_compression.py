"""Byte counts of every encoding, against encoders written out here."""

from __future__ import annotations

import numpy as np
import pytest

from hearth.toolchain.few_bits import compression
from hearth.toolchain.ir import Array, FloatExpand, convolutions
from hearth.toolchain.pipeline import front_end
from tests.shared import SHARED, needs


def sparse(share: float, values: int, size: int = 5000) -> Array:
    rng = np.random.default_rng(values)
    weights = rng.integers(1, values + 1, size) * rng.choice([-1, 1], size)
    return np.where(rng.random(size) < share, 0, weights).astype(np.int8)


def decoded(flat: Array, bits: int) -> Array:
    """Run-length code and back: what `run_lengths` describes must hold every weight."""
    lengths, fillers = compression.run_lengths(flat, bits)
    longest = (1 << bits) - 1
    assert int((lengths == longest).sum()) == fillers
    assert int(lengths.sum()) == int((flat[: np.flatnonzero(flat)[-1] + 1] == 0).sum())
    kept: Array = flat[flat != 0]
    return kept


def test_prefix_code() -> None:
    assert compression.prefix_code_bits([1, 1, 2, 4]) == 3 + 3 + 2 * 2 + 4
    assert compression.prefix_code_bits([7]) == 7
    assert compression.prefix_code_bits([0, 0]) == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.95])
def test_entropy_bounds_every_code(share: float) -> None:
    sizes = compression.matrix(sparse(share, 6))
    assert sizes.entropy <= sizes.huffman
    assert sizes.entropy <= sizes.best
    assert sizes.zeros == int((sparse(share, 6) == 0).sum())


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_runs_cover_all_zeros(bits: int) -> None:
    flat = sparse(0.8, 3)
    assert len(decoded(flat, bits)) == int((flat != 0).sum())


def test_bitmap_of_known_matrix() -> None:
    flat = np.array([0, 0, 5, -5, 5, 0, 0, 1], np.int8)
    sizes = compression.matrix(flat, 3)
    assert sizes.int8 == 64
    assert sizes.fixed == 24
    assert sizes.bitmap == 8 + 4 * 2 + 3 * 8


@pytest.mark.parametrize("value", [0, 1, -128, 127])
def test_one_value(value: int) -> None:
    sizes = compression.matrix(np.full(100, value, np.int8), 2)
    assert sizes.entropy == 0
    assert sizes.bitmap >= 100
    assert sizes.best <= 113


PRUNED = SHARED / "models" / "squeezenet_v1.0_deepcompression.onnx"


@needs("models")
def test_deep_compression_model_fits_its_budget() -> None:
    """int8 entries, zeros kept; every table, bias and multiplier counted."""
    _, graph = front_end(PRUNED, (224, 224))
    total, channels = compression.Sizes(), 0
    for layer in convolutions(graph).values():
        parts = (layer.centre, layer.window) if isinstance(layer, FloatExpand) else (layer,)
        for part in parts:
            assert len(np.unique(part.weights)) <= 256
            scale = np.abs(part.weights).max() / 127
            integers = np.rint(part.weights / scale).astype(np.int8)
            assert (integers[part.weights == 0] == 0).all()
            total += compression.matrix(integers)
            channels += len(integers)
    assert total.best / 8 + channels * 6 < 580_000
    assert total.entropy < total.best
