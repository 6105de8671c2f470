"""Small screens that are simulated."""

from __future__ import annotations

import math

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.video.screen import Screen, Timing

NAMES = ("cat", "dog", "t~", "a longer name", "")
SCALE = 0.11
"""Of a logit."""
SCREENS = {
    "large letters": Screen(
        Timing(64, 3, 4, 5),
        Timing(64, 2, 1, 2),
        shrink=1,
        zoom=1,
        window=(7, 0, 57, 64),
        line=2,
        names=NAMES,
        ranked=3,
        shown=1,
        letters=2,
        panel=2,
        text=1,
        shift=0,
        step=SCALE,
        clock_hz=55_000,
    ),
    "small letters": Screen(
        Timing(64, 1, 2, 1),
        Timing(48, 1, 1, 3),
        shrink=2,
        zoom=2,
        window=(0, 5, 64, 40),
        line=1,
        names=tuple(str(i) for i in range(13)),
        ranked=3,
        shown=2,
        letters=1,
        panel=2,
        text=0,
        shift=3,
        step=SCALE * 8,
        clock_hz=40_000,
    ),
}


def result(screen: Screen, rng: np.random.Generator, spread: float) -> Array:
    """Words of a result, int64 [classes + ranked], as a network sends them."""
    unit = screen.step / 2**screen.shift
    logits = np.rint(rng.normal(0, spread / unit, len(screen.names))).astype(np.int64)
    return ranked(logits, screen.ranked)


def ranked(logits: Array, count: int) -> Array:
    """Logits and the indices of the best, the lower index first among equals."""
    return np.concatenate((logits, np.argsort(-logits, kind="stable")[:count]))


def expected_shares(screen: Screen, words: Array) -> Array:
    """Softmax in floating point, of a row's dots."""
    scores = words[: len(screen.names)] * (screen.step / 2**screen.shift)
    powers = np.exp(scores - scores.max())
    best = words[len(screen.names) :][: screen.shown]
    return np.asarray(powers[best] / math.fsum(powers) * (8 << screen.panel))
