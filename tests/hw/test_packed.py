"""Lanes that share multipliers or are far from them, and requantizers with one, are the same
kernels: every beat, and as fast."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from hearth.hw.layers import examples
from hearth.hw.layers.conv import Conv
from hearth.hw.layers.conv.kernel import requantize
from hearth.sim.execute import Options
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Array, Block, Coding, Edge, Fold, Windows
from hearth.toolchain.rtl import emit
from hearth.toolchain.targets.ecp5 import multipliers
from tests.hw.test_contract import UNLIMITED, Runs, cycles_are_as_promised, every_beat_is_equal
from tests.hw.test_forms import ONE, SAME, conv
from tests.nets.single import Single, all_files, frames, single, small
from tests.places import CACHE

DSP48E2, DSP48E1, MULT18X18 = Block(27, 18), Block(25, 18), multipliers.BLOCK
STALLS = ((0, 1), (25, 3))
Example = tuple[Conv, Fold, int]


def extreme(layer: Conv) -> Conv:
    """With weights at their limits and around zero, where signs and borrows are."""
    rng = np.random.default_rng(7)
    ends = [1 << (coding.bits - 1) for coding in layer.codings]
    matrices = [
        rng.choice(np.array([-end, -end, end - 1, -1, 0]), m.shape).astype(np.int8)
        for end, m in zip(ends, layer.matrices, strict=True)
    ]
    return layer.with_matrices(matrices)


def grouped() -> Conv:
    """Three channels in each of two groups: a pair, and one alone."""
    return conv((4, 4), (4, 6, 2), Windows((3, 3), ONE, ONE, SAME), signed=True)


def narrow(bits: int, signed: bool) -> Conv:
    plain = conv((4, 5), (5, 7, 1), Windows((3, 3), ONE, ONE, SAME), signed)
    window = plain.window >> (8 - bits)
    return extreme(replace(plain, window=window, codings=(Coding(bits),)))


def skipping() -> Conv:
    """A pointwise layer with a codebook, whose input is said to be mostly zero."""
    layer = conv((4, 4), (6, 5, 1), Windows(ONE, ONE, ONE, (0,) * 4))
    coding = Coding(3, np.array([-128, -77, -1, 0, 64, 127], np.int8))
    codes = np.random.default_rng(8).integers(0, 6, (5, 6)).astype(np.uint8)
    window = coding.values(codes).reshape(layer.window.shape)
    live = np.array([16, 20], np.uint32)
    return replace(layer, window=window, codings=(coding,), live=live)


def gathering() -> Conv:
    return conv((5, 7), (3, 4, 1), Windows((3, 3), (2, 2), ONE, SAME), signed=True)


def short() -> Conv:
    """A tile in every cycle: room behind the lanes must be for all that are on their way."""
    return conv((6, 6), (4, 8, 1), Windows(ONE, ONE, ONE, (0,) * 4), signed=True)


FIXED: tuple[tuple[Block, Example], ...] = (
    (DSP48E2, (narrow(8, True), Fold(5, 5, 5), 1)),
    (DSP48E1, (narrow(8, False), Fold(4, 5, 4), 1)),
    (DSP48E2, (grouped(), Fold(6, 2, 6), 1)),
    (DSP48E1, (grouped(), Fold(3, 1, 3), 1)),
    (DSP48E2, (skipping(), Fold(5, 1, 5, skips=True), 1)),
    (DSP48E1, (gathering(), Fold(2, 9, 2, gathers=True), 3)),
    (MULT18X18, (narrow(4, False), Fold(3, 5, 3), 1)),
    (MULT18X18, (narrow(3, True), Fold(4, 4, 4), 1)),
    (MULT18X18, (narrow(8, True), Fold(3, 5, 3), 1)),
    (MULT18X18, (short(), Fold(2, 4, 2), 4)),
)
BLOCKS = (DSP48E2, DSP48E1, MULT18X18)
DRAWN = 6


def drawn() -> Iterator[tuple[Block, Example]]:
    """Endless random kernels whose lanes share blocks of one chip after another."""
    blocks = itertools.cycle(BLOCKS)
    block = next(blocks)
    for layer, fold, in_beat in examples("conv", np.random.default_rng(9)):
        shares = layer.products(fold).blocks(block) < fold.lanes
        if isinstance(layer, Conv) and shares and small(layer, fold):
            yield block, (layer, fold, in_beat)
            block = next(blocks)


def scales(layer: Conv, fold: Fold) -> str:
    """The requantizer's module."""
    return requantize(layer, fold).module


def packed(block: Block, example: Example, number: int) -> Single:
    layer, fold, in_beat = example
    values: Array = frames(layer, np.random.default_rng(number))
    made = single(layer, fold, in_beat, number, values)
    changed = emit.special(made.net.design, block)
    lanes, requantizer = f"rtl/{layer.products(fold).module}.v", "rtl/hearth_requantize_"
    assert lanes in changed
    assert all(path.startswith(requantizer) for path in changed if path != lanes)
    assert all(text != made.files[path] for path, text in changed.items())
    return replace(made, files={**made.files, **changed})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    chosen = [*FIXED, *itertools.islice(drawn(), DRAWN)]
    singles = [packed(block, example, number) for number, (block, example) in enumerate(chosen)]
    options = [Options(percent, seed, max_errors=UNLIMITED) for percent, seed in STALLS]
    nets = [one.net for one in singles]
    folder = tmp_path_factory.mktemp("packed")
    results = simulate_nets(nets, all_files(singles), folder, options, cache=CACHE)
    return Runs(singles, results)


@pytest.mark.parametrize("run", range(len(STALLS)), ids=[f"stall{p}" for p, _ in STALLS])
def test_every_beat_is_equal(runs: Runs, run: int) -> None:
    every_beat_is_equal(runs, run)


def test_cycles_are_as_promised(runs: Runs) -> None:
    cycles_are_as_promised(runs)


def test_a_requantizer_takes_one_block_of_a_wide_chip() -> None:
    for block, (layer, fold, _) in FIXED:
        changed = [job.module for job in layer.special(fold, block)]
        assert (scales(layer, fold) in changed) == (block != MULT18X18)


def test_channels_that_see_other_values_share_nothing() -> None:
    layer = conv((5, 6), (7, 7, 7), Windows((3, 3), ONE, ONE, SAME))
    for fold in (Fold(7, 1, 1), Fold(1, 1, 1)):
        assert [job.module for job in layer.special(fold, DSP48E2)] == [scales(layer, fold)]
        assert layer.products(fold).blocks(DSP48E2) == fold.lanes


@pytest.mark.parametrize(
    ("layer", "fold", "blocks"),
    [
        (narrow(8, False), Fold(7, 5, 1), (35, 35, 20, 20)),
        (narrow(4, False), Fold(4, 5, 1), (20, 10, 10, 10)),
        (grouped(), Fold(6, 2, 1), (12, 12, 8, 8)),
        (narrow(8, False), Fold(1, 5, 1), (5, 5, 5, 5)),
    ],
    ids=["8 bits", "4 bits", "groups of 3", "one channel"],
)
def test_half_as_many_blocks(layer: Conv, fold: Fold, blocks: tuple[int, ...]) -> None:
    products = layer.products(fold)
    found = [products.blocks(block) for block in (None, MULT18X18, DSP48E1, DSP48E2)]
    assert tuple(found) == blocks


def test_wide_values_share_nothing() -> None:
    layer = replace(narrow(8, False), source=Edge("x", 4, 5, 5, bits=18))
    assert layer.special(Fold(2, 1, 1), DSP48E2) == ()
