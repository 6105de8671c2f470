"""Widths of a convolution's sums: reached, never exceeded, and refused where weights need more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers import examples
from hearth.hw.layers.conv import Conv, sums
from hearth.sim.execute import Options
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Array, Coding, Edge, Fold, Sums
from hearth.toolchain.support.errors import HearthError
from tests.nets.single import all_files, single
from tests.places import CACHE

UNSIGNED, SIGNED = Edge("x", 3, 3, 5), Edge("x", 3, 3, 5, 6, True)
NARROWED = Edge("x", 3, 3, 5, 9, True, 1.0, -60, 195)
BOOK = Coding(4, np.array([-128, -3, 0, 9, 127], np.int8))


def whole_map(source: Edge, coding: Coding, seed: int = 0) -> Conv:
    """A window as large as the map, whose sums leave as they are."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, len(coding.table) or 1 << coding.bits, (6, 45)).astype(np.uint8)
    return Conv(
        name="conv",
        source=source,
        target=Edge("y", 1, 1, 6, 32, True),
        strides=(1, 1),
        pads=(0, 0, 0, 0),
        centre=np.zeros((0, 5), np.int8),
        window=coding.values(codes).reshape(6, 3, 3, 5),
        bias=rng.integers(-9_000, 9_000, 6).astype(np.int32),
        multiplier=np.full(6, 2, np.uint16),
        shift=1,
        codings=(coding,),
    )


def extremes(layer: Conv) -> Array:
    """Two frames for every channel: those of its largest sum and of its smallest."""
    source, up = layer.source, layer.window >= 0
    ends = np.where(up, source.high, source.low), np.where(up, source.low, source.high)
    return np.concatenate(ends).astype(source.dtype)


def with_bias(layer: Conv, frames: Array) -> Array:
    """Its sums as they leave when nothing is scaled or clipped, int64."""
    target = replace(layer.target, bits=32, signed=True, minimum=None, maximum=None)
    twos = np.full(target.channels, 2, np.uint16)
    none = np.zeros(0, np.uint8)
    plain = replace(layer, target=target, multiplier=twos, shift=1, fraction=none)
    return plain.golden(frames).astype(np.int64)


def largest(width: int) -> int:
    return (1 << (width - 1)) - 1


@pytest.mark.parametrize("source", [UNSIGNED, SIGNED, NARROWED], ids=["u8", "s6", "from -60"])
@pytest.mark.parametrize("coding", [Coding(8), Coding(3), BOOK], ids=["8", "3", "book"])
def test_no_more_bits_than_some_frame_needs(source: Edge, coding: Coding) -> None:
    for seed in range(8):
        layer = whole_map(source, coding, seed)
        found = with_bias(layer, extremes(layer))
        for width, values in zip(
            (sums.exact(layer).bits, sums.exact(layer).biased),
            (found - layer.bias, found),
            strict=True,
        ):
            assert -largest(width) - 1 <= values.min()
            assert values.max() <= largest(width)
            assert values.min() < -largest(width - 1) - 1 or values.max() > largest(width - 1)


def test_no_frame_of_any_form_exceeds_them() -> None:
    """Strides, pads, groups and expand stages: random draws, all at the limits."""
    rng, draws = np.random.default_rng(4), examples("conv", np.random.default_rng(3))
    for _ in range(60):
        layer, *_ = next(draws)
        assert isinstance(layer, Conv)
        ends = np.array([layer.source.low, layer.source.high])
        frames = rng.choice(ends, (4, *layer.source.shape)).astype(layer.source.dtype)
        frames[0], frames[1] = ends
        found, own = with_bias(layer, frames), sums.exact(layer)
        for width, values in ((own.bits, found - layer.bias), (own.biased, found)):
            assert -largest(width) - 1 <= values.min()
            assert values.max() <= largest(width)
        assert own.bits <= layer.sums.bits
        assert own.biased <= layer.sums.biased


def test_weights_a_quarter_larger_have_room() -> None:
    layer, more = whole_map(UNSIGNED, Coding(8)), 0
    for most in range(40, 101):
        small = replace(layer, window=layer.window.clip(-most, most))
        larger = replace(small, window=(small.window * 1.25).astype(np.int8))
        fold = larger.taken_over(Fold(2, 5, 1), small)
        assert sums.of(larger, fold) == fold.sums == small.sums
        more += sums.exact(larger).bits > sums.exact(small).bits
    assert more, "some of them need a bit more"


def test_larger_weights_are_refused() -> None:
    layer = whole_map(UNSIGNED, Coding(8))
    tiny = replace(layer, window=layer.window // 16)
    with pytest.raises(HearthError, match=r"^--like: conv: sums of these weights take \d+ bits"):
        layer.taken_over(Fold(2, 5, 1), tiny)
    far = replace(tiny, bias=np.full(6, 1 << 20, np.int32))
    with pytest.raises(HearthError, match="with their biases, but that build's hardware has"):
        far.taken_over(Fold(2, 5, 1), tiny)
    high = np.full(6, 1 << 24, np.int32)
    with pytest.raises(HearthError, match="sums of these weights take"):
        replace(layer, bias=high).taken_over(Fold(2, 5, 1), replace(tiny, bias=high))


@pytest.mark.parametrize("coding", [Coding(8), Coding(3), BOOK], ids=["8", "3", "book"])
def test_weights_not_yet_known_have_room_for_all(coding: Coding) -> None:
    """Zeros throughout, as a blank network has them (few_bits/blank.py)."""
    layer = whole_map(SIGNED, coding)
    blank = layer.with_matrices([np.zeros_like(m) for m in layer.matrices])
    lowest = -128 if len(coding.table) else -(1 << (coding.bits - 1))
    worst = layer.with_matrices([np.full_like(m, lowest) for m in layer.matrices])
    assert blank.sums.bits == sums.exact(replace(worst, codings=(Coding(8),))).bits
    assert blank.sums.bits >= layer.sums.bits


def test_hardware_at_its_limits(tmp_path: Path) -> None:
    """Sums as narrow as they may be, and frames that reach both ends of every channel; one bit less
    and the hardware is wrong."""
    cases = [(UNSIGNED, Coding(8)), (SIGNED, BOOK), (NARROWED, Coding(3))]
    layers = [whole_map(*case) for case in cases]
    narrow = [sums.exact(layer) for layer in layers]
    own, short = layers[0], narrow[0]
    singles = [
        single(layer, Fold(2, 5, 1, sums=widths), 1, number, extremes(layer))
        for number, (layer, widths) in enumerate(
            [*zip(layers, narrow, strict=True), (own, Sums(short.bits - 1, short.biased))]
        )
    ]
    nets = [one.net for one in singles]
    (results,) = simulate_nets(nets, all_files(singles), tmp_path, [Options()], cache=CACHE)
    assert [result.ok for result in results] == [True, True, True, False]
