"""What the ROMs of a convolution hold, word by word, and which foldings are legal."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from hearth.hw.layers import examples
from hearth.hw.layers.conv import Conv, cost
from hearth.toolchain.ir import Array, Coding, Edge, Fold
from tests.mapping.test_fold import conv

FOLD = Fold(3, 2, 1)


@pytest.fixture
def expand() -> Conv:
    """Three channels in; four through the centre tap, five through 3x3; all weights differ."""
    layer = conv("expand", Edge("x", 6, 7, 3), 5, 3, centre=4)
    centre = np.arange(1, 13).reshape(4, 3).astype(np.int8)
    window = (np.arange(135) - 67).reshape(5, 3, 3, 3).astype(np.int8)
    bias, multiplier = np.arange(-4, 5, dtype=np.int32), np.arange(100, 109, dtype=np.uint16)
    return replace(layer, centre=centre, window=window, bias=bias, multiplier=multiplier)


def lanes(weights: Array, tile: int, word: int) -> list[int]:
    """One word: lane (pe, simd) holds output tile * PE + pe, input word * SIMD + simd, or 0."""
    found = []
    for pe, simd in itertools.product(range(FOLD.pe), range(FOLD.simd)):
        out, into = tile * FOLD.pe + pe, word * FOLD.simd + simd
        inside = out < weights.shape[0] and into < weights.shape[1]
        found.append(int(weights[out, into]) if inside else 0)
    return found


def test_weights_are_in_the_order_of_the_walk(expand: Conv) -> None:
    """Tiles of the centre, then tiles of the window; in each its taps row by row, in each the
    inputs."""
    want = [lanes(expand.centre, tile, word) for tile in (0, 1) for word in (0, 1)]
    for tile, ky, kx, word in itertools.product((0, 1), range(3), range(3), (0, 1)):
        want.append(lanes(expand.window[:, ky, kx], tile, word))
    assert expand.roms(FOLD, "m")[0].fields.astype(np.int8).tolist() == want


def test_codes_of_other_widths_have_a_rom_of_their_own(expand: Conv) -> None:
    """The 1x1 part's first; a circle's free codes lie in lanes without a channel."""
    rng = np.random.default_rng(4)
    table = rng.integers(-128, 128, 16).astype(np.int8)
    centre, window = Coding(2, table, 4, 3), Coding(3, table, 4, 3)
    codes = [rng.integers(0, 4, (6, 3)), rng.integers(0, 8, (6, 27))]
    parts = [c.values(x.astype(np.uint8)) for c, x in zip((centre, window), codes, strict=True)]
    layer = expand.with_matrices([parts[0][:4], parts[1][:5]], codings=(centre, window))
    first, second, _ = layer.roms(FOLD, "m")
    assert (first.name, second.name) == ("m__centre_weights", "m__weights")
    assert (first.field_bits, second.field_bits) == ((2,) * 6, (3,) * 6)
    taps = window.codes(layer.matrices[1]).reshape(6, 3, 3, 3)
    whole = centre.codes(layer.centre)
    assert first.fields.tolist() == [lanes(whole, t, w) for t in (0, 1) for w in (0, 1)]
    order = itertools.product((0, 1), range(3), range(3), (0, 1))
    assert second.fields.tolist() == [lanes(taps[:, y, x], t, w) for t, y, x, w in order]
    assert first.payload_bits + second.payload_bits == 12 * 2 + 135 * 3


def test_parameters_are_bias_and_multiplier_of_each_channel(expand: Conv) -> None:
    rom = expand.roms(replace(FOLD, beat=1), "m")[1]
    assert rom.fields.tolist() == [[channel - 4, 100 + channel] for channel in range(9)]
    assert rom.field_bits == (20, 16)


@pytest.mark.parametrize(
    ("bias", "bits"),
    [((1 << 19) - 1, 20), (1 << 19, 32), (-(1 << 19), 20), (-(1 << 19) - 1, 32)],
)
def test_bits_of_a_bias(bias: int, bits: int, expand: Conv) -> None:
    biases = np.zeros(9, np.int32)
    biases[7] = bias
    assert replace(expand, bias=biases).bias_bits == bits


def test_legal_foldings_line_up() -> None:
    """Beats end where tiles and halves of a pixel end; ring words are whole beats or whole parts of
    them: hearth_drain.sv and hearth_gearbox.sv know no other case."""
    count = 0
    for layer, _, in_beat in itertools.islice(examples("conv", np.random.default_rng(2)), 25):
        assert isinstance(layer, Conv)
        for fold in layer.folds(in_beat):
            count += 1
            assert fold.pe % fold.beat == 0
            assert not any(c.group and fold.pe % c.group for c in layer.codings)
            assert len(layer.centre) % fold.beat == 0
            if fold.skips:
                continue  # hearth_nonzeros.sv takes beats of any width
            word, given = cost.word(layer, fold), in_beat
            if fold.gathers:
                word, given = fold.simd, layer.gathered.source.channels
            assert word % given == 0 or given % word == 0
    assert count > 1000
