"""decode.x, run by XLS's interpreter, makes the weights of the golden model of a ROM's words."""

from __future__ import annotations

import numpy as np
import pytest
import xls as compiler

from hearth.hw.layers.conv import Conv, kernel, lanes
from hearth.toolchain.ir import Array, Coding, Edge, Fold
from hearth.toolchain.rtl import xls
from tests.mapping.test_fold import conv

FOLD = Fold(6, 2, 1)
RNG = np.random.default_rng(8)
TABLE = RNG.integers(-128, 128, 64).astype(np.int8)
OTHER = RNG.integers(-128, 128, 32).astype(np.int8)
BOOK = np.sort(RNG.choice(np.arange(-128, 128), 11, replace=False)).astype(np.int8)
TRELLIS = Coding(2, TABLE, 6, 3)
CASES = {
    "plain": (Coding(5), Coding(5)),
    "book": (Coding(4, BOOK), Coding(4, BOOK)),
    "trellis": (TRELLIS, TRELLIS),
    "window no multiple of the bits": (Coding(2, OTHER, 5, 6), Coding(2, OTHER, 5, 6)),
    "circle shorter than the window": (Coding(1, TABLE, 6, 2), Coding(1, TABLE, 6, 2)),
    "one table, two widths": (Coding(3, TABLE, 6, 3), TRELLIS),
    "one width, two tables": (Coding(2, OTHER, 5, 3), TRELLIS),
    "book and trellis": (Coding(4, BOOK), TRELLIS),
    "trellis and plain": (TRELLIS, Coding(7)),
    "plain and trellis": (Coding(7), TRELLIS),
}
"""Codings of the 1x1 and of the 3x3 part."""


def expand(centre: Coding, window: Coding) -> Conv:
    """Two channels in; six through the centre tap, twelve through 3x3: whole words alone."""
    layer = conv("expand", Edge("x", 6, 7, 2), 12, 3, centre=6)
    parts = [centre.values(codes(centre, (6, 2))), window.values(codes(window, (12, 18)))]
    return layer.with_matrices(parts, codings=(centre, window))


def codes(coding: Coding, shape: tuple[int, int]) -> Array:
    return RNG.integers(0, min(1 << coding.bits, len(coding.table) or 256), shape).astype(np.uint8)


def decoder(layer: Conv) -> compiler.Function:
    """`weights` of decode.x with the constants that the layer's MAC array has."""
    constants = dict(lanes.job(layer, FOLD).constants)
    for name in ("ACTIVATION_BITS", "SIGNED", "GROUPS", "ACCUMULATOR_BITS"):  # of mac.x itself
        del constants[name]
    texts = xls.set_constants(xls.sources(kernel.SOURCES / "decode.x"), constants)
    package = compiler.parse_ir_package(xls._intermediate("decode.x", texts))
    return package.get_function(compiler.mangle_dslx_name("decode", "weights"))


def value(word: Array, bits: int) -> compiler.Value:
    """A word's codes [pe * simd] as DSLX has them; no bits where there is no ROM."""
    rows = word.reshape(FOLD.pe, FOLD.simd)
    entry = compiler.Value.make_ubits
    return compiler.Value.make_array(
        [compiler.Value.make_array([entry(bits, int(code)) for code in row]) for row in rows]
    )


def decoded(run: compiler.Function, centre: bool, words: list[compiler.Value]) -> list[list[int]]:
    flag = compiler.Value.make_ubits(1, int(centre))
    found = run.interpret([flag, compiler.Value.make_tuple(words)])
    rows = [found.get_element(p) for p in range(FOLD.pe)]
    return [[row.get_element(i).get_bits().to_int64() for i in range(FOLD.simd)] for row in rows]


def words_of(layer: Conv) -> tuple[list[Array], list[list[compiler.Value]]]:
    """Weights of every word [words, pe, simd] of the 1x1 and of the 3x3 part, and their codes as
    the fields of decode.x's struct: of a ROM that is not read any codes, of none no bits."""
    wanted = []
    for matrix in layer.matrices:
        taps = matrix.reshape(-1, FOLD.pe, matrix.shape[1] // FOLD.simd, FOLD.simd)
        wanted.append(taps.transpose(0, 2, 1, 3).reshape(-1, FOLD.pe, FOLD.simd))
    first, *others, _ = layer.roms(FOLD, "m")
    if others:
        centre, window = (rom.fields for rom in (first, *others))
    else:
        centre, window = np.split(first.fields, [len(wanted[0])])
    bits, own = layer.codings[-1].bits, layer.codings[0].bits if others else 0
    idle = value(np.zeros(FOLD.lanes, int), own), value(window[0], bits)
    return wanted, [
        [value(w, own), idle[1]] if others else [idle[0], value(w, bits)] for w in centre
    ] + [[idle[0], value(w, bits)] for w in window]


@pytest.mark.parametrize("name", CASES)
def test_words_become_the_weights(name: str) -> None:
    layer = expand(*CASES[name])
    run = decoder(layer)
    wanted, words = words_of(layer)
    count = len(wanted[0])
    found = [decoded(run, place < count, word) for place, word in enumerate(words)]
    assert found == np.concatenate(wanted).tolist()
