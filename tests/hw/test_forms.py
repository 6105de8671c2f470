"""Convolutions and max-pools of every form, small ones: signs, groups, dilation, axes of their own.

The contract tests draw such layers at random; here they are few and quick, so that faults can be
put before them (tests/mutants).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hearth.hw.layers.conv import Conv
from hearth.hw.layers.maxpool import MaxPool
from hearth.sim.execute import Options
from hearth.sim.nets import simulate_nets
from hearth.toolchain.ir import Edge, Fold, Layer, Pads, Pair, Windows
from tests.nets.single import all_files, frames, single
from tests.places import CACHE

STALLS = (Options(0, 1), Options(30, 2))


def conv(
    size: Pair,
    channels: tuple[int, int, int],
    windows: Windows,
    signed: bool = False,
) -> Conv:
    """Random weights with which the results spread over -128..127; channels in, out, groups."""
    rng = np.random.default_rng(5)
    inputs, outputs, groups = channels
    shape = (outputs, *windows.kernel, inputs // groups)
    taps = int(np.prod(shape[1:]))
    gain = int(2**16 / (73 * np.sqrt(taps) * 2))
    return Conv(
        name="conv",
        source=Edge("x", *size, inputs, signed=signed),
        target=Edge("y", *windows.count(size), outputs, signed=True),
        strides=windows.strides,
        pads=windows.pads,
        centre=np.zeros((0, inputs), np.int8),
        window=rng.integers(-128, 128, shape).astype(np.int8),
        bias=rng.integers(-5_000, 5_000, outputs).astype(np.int32),
        multiplier=rng.integers(gain, 2 * gain, outputs).astype(np.uint16),
        shift=16,
        dilations=windows.dilations,
        groups=groups,
    )


def pool(size: Pair, kernel: Pair, strides: Pair, pads: Pads) -> MaxPool:
    source = Edge("x", *size, 3, signed=True)
    target = source.carried("y", (*Windows(kernel, strides, (1, 1), pads).count(size), 3))
    return MaxPool("pool", source, target, kernel, strides, pads)


SAME, ONE = (1, 1, 1, 1), (1, 1)
FORMS: dict[str, tuple[Layer, Fold, int]] = {
    "depthwise, last tile short": (
        conv((5, 6), (7, 7, 7), Windows((3, 3), ONE, ONE, SAME)),
        Fold(2, 1, 1),
        1,
    ),
    "depthwise of signed values, one word a pixel": (
        conv((4, 5), (3, 3, 3), Windows((3, 3), (2, 1), ONE, SAME), signed=True),
        Fold(3, 1, 1),
        3,
    ),
    "groups of several tiles and words": (
        conv((4, 4), (12, 8, 2), Windows((3, 2), ONE, ONE, (1, 0, 1, 1)), signed=True),
        Fold(2, 3, 2),
        3,
    ),
    "several groups a tile, last tile short": (
        conv((4, 5), (15, 10, 5), Windows((3, 2), (1, 2), ONE, (1, 0, 1, 1)), signed=True),
        Fold(4, 3, 2),
        3,
    ),
    "two channels of one, single pixels": (
        conv((3, 4), (5, 10, 5), Windows(ONE, ONE, ONE, (0,) * 4)),
        Fold(6, 1, 6),
        1,
    ),
    "groups of single pixels": (
        conv((3, 4), (6, 9, 3), Windows(ONE, ONE, ONE, (0,) * 4)),
        Fold(3, 1, 3),
        1,
    ),
    "taps apart": (
        conv((9, 8), (4, 3, 1), Windows((3, 3), (1, 2), (2, 3), (2, 2, 3, 3))),
        Fold(3, 2, 1),
        2,
    ),
    "taps and groups apart": (
        conv((7, 7), (8, 4, 2), Windows((2, 3), ONE, (3, 2), (1, 2, 2, 1))),
        Fold(1, 2, 1),
        2,
    ),
    "a row, then a column": (
        conv((6, 5), (3, 4, 1), Windows((1, 3), (2, 1), ONE, (0, 1, 0, 1)), signed=True),
        Fold(2, 3, 2),
        3,
    ),
    "a row of taps at once, padding on both sides": (
        conv((5, 7), (3, 4, 1), Windows((3, 3), (2, 2), ONE, SAME), signed=True),
        Fold(2, 9, 2, gathers=True),
        3,
    ),
    "part of a row of taps, pixels in several beats": (
        conv((6, 8), (2, 3, 1), Windows((3, 6), (1, 2), (2, 1), (1, 3, 1, 0))),
        Fold(3, 4, 1, gathers=True),
        1,
    ),
    "pool of signed values": (pool((5, 7), (2, 3), (1, 2), (1, 2, 0, 1)), Fold(1, 1, 1), 1),
    "pool of a column": (pool((6, 4), (3, 1), (3, 1), (2, 0, 1, 0)), Fold(1, 1, 3), 3),
}


def test_every_form(tmp_path: Path) -> None:
    """Every beat is equal, with and without stalls, and the cycles are as promised."""
    rng = np.random.default_rng(6)
    singles = [
        single(*form, number, frames(form[0], rng)) for number, form in enumerate(FORMS.values())
    ]
    nets = [found.net for found in singles]
    calm, stalled = simulate_nets(nets, all_files(singles), tmp_path, STALLS, cache=CACHE)
    for name, net, *results in zip(FORMS, nets, calm, stalled, strict=True):
        for result in results:
            assert result.ok, f"{name}: {result.verdict}"
        assert results[0].cycles_per_frame == net.design.cycles, name
