"""Blank networks take what the rounded ones take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hearth.toolchain.few_bits.blank import Blanks, narrowed
from hearth.toolchain.few_bits.reformat import Chosen
from hearth.toolchain.ir import Coding
from hearth.toolchain.mapping.fold import Chooser, Menu, fold
from hearth.toolchain.quantize.precision import Format
from hearth.toolchain.targets import needs
from tests.nets import rhythms

TRELLIS, BOOK, PLAIN = Format.trellis(2, group=4), Format(3, True), Format(5)


def _named(found: needs.Needs) -> needs.Needs:
    """Without the names of modules, which hold digests of tables (equal ones stay equal), and what
    scales sums, whose widths are the weights'."""
    names = {module: str(i) for i, module in enumerate({p.module: 0 for p in found.products})}
    products = tuple(replace(p, module=names[p.module], scaling=None) for p in found.products)
    return replace(found, products=products)


def _sum_bits(found: needs.Needs) -> list[int]:
    """Of the sums that each kernel scales."""
    return [p.scaling.sum_bits if p.scaling else 0 for p in found.products]


def test_sizes_are_those_of_a_rounded_network() -> None:
    """Random weights in three formats, tables and all."""
    rng, qgraph = np.random.default_rng(2), rhythms.network(2)
    halves = {1: Chosen((TRELLIS,), False), 2: Chosen((BOOK, TRELLIS), False)}
    chosen = {layer.name: halves[len(layer.matrices)] for layer in qgraph.weighted}
    first, second, *_ = qgraph.weighted
    chosen[first.name] = Chosen((PLAIN,) * len(first.matrices))
    chosen[second.name] = Chosen.alike(BOOK, len(second.matrices))
    blank = Blanks(qgraph).of(chosen)

    def coded(matrix: np.ndarray, format_: Format) -> tuple[np.ndarray, Coding]:
        if not format_.codebook:
            return matrix >> 3, Coding(format_.bits)
        if not format_.window:
            values = np.sort(rng.choice(np.arange(-128, 128), 8, replace=False)).astype(np.int8)
            return values[rng.integers(0, 8, matrix.shape)], Coding(3, values)
        coding = Coding(2, rng.integers(-128, 128, 64).astype(np.int8), 6, 4)
        rows = -(-len(matrix) // 4) * 4
        codes = rng.integers(0, 4, (rows, matrix.shape[1])).astype(np.uint8)
        return coding.values(codes)[: len(matrix)], coding

    rounded = {}
    for layer in qgraph.weighted:
        pairs = zip(layer.matrices, chosen[layer.name].formats, strict=True)
        weights, codings = zip(*(coded(matrix, format_) for matrix, format_ in pairs), strict=True)
        rounded[layer.name] = layer.with_matrices(weights, codings=codings)
    real = replace(qgraph, layers=tuple(rounded.get(x.name, x) for x in qgraph.layers))
    for cycles in (9_000, 20_000):
        ours, theirs = fold(blank, cycles=cycles), fold(real, cycles=cycles)
        assert [s.fold for s in ours.stages] == [s.fold for s in theirs.stages]
        mine, other = needs.of(ours), needs.of(theirs)
        sums = zip(_sum_bits(mine), _sum_bits(other), strict=True)
        assert all(a >= b for a, b in sums)
        mine, other = _named(mine), _named(other)
        stored = list(zip(mine.memories, other.memories, strict=True))
        assert all(a.bits >= b.bits for a, b in stored), "sums as wide as any weights need"
        assert mine.luts >= other.luts
        alike = tuple(replace(a, bits=b.bits) for a, b in stored)
        assert replace(mine, memories=alike, luts=other.luts) == other


def test_equal_layers_are_one_object() -> None:
    """So that their foldings are looked at once."""
    qgraph = rhythms.network(2)
    blanks, names = Blanks(qgraph), [layer.name for layer in qgraph.weighted]
    alike = {
        layer.name: Chosen.alike(Format(4, True), len(layer.matrices)) for layer in qgraph.weighted
    }
    one, other = blanks.of(alike), blanks.of(alike | {names[-1]: Chosen((Format(2, True),))})
    same = [a is b for a, b in zip(one.weighted, other.weighted, strict=True)]
    assert same == [True] * (len(names) - 1) + [False]
    menu = Menu()
    for network in (one, other):
        assert Chooser(network, menu=menu).try_design(9_000) is not None
    assert menu.of.cache_info().hits > 0


@pytest.mark.parametrize("bits", [1, 4, 7, 8])
def test_codebooks_of_any_length(bits: int) -> None:
    for layer in narrowed(rhythms.network(2), bits).weighted:
        assert all((c.bits, len(c.table)) == (bits, 1 << bits) for c in layer.codings)
        assert all(c.key == layer.codings[0].key for c in layer.codings)


def test_zeros_have_the_codes_that_the_search_finds() -> None:
    """Of a table that has its zero in the first place; of any other they are searched for."""
    coding = Coding(2, np.arange(64).astype(np.int8), 6, 4)
    codes = np.zeros((12, 3), np.uint8)
    codes[:4, 0] = 3, 1, 2, 0
    assert (coding.codes(coding.values(codes)) == codes).all()  # whole matrices are searched
    zeros = np.zeros((10, 3), np.int8)
    assert (coding.codes(zeros) == np.zeros((12, 3))).all()
    turned = Coding(2, np.roll(coding.table, 21), 6, 4)
    assert (turned.codes(zeros) == 1).all()
