"""What mutations choose from: special numbers and names, and how they choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import onnx

T = TypeVar("T")
Rng = np.random.Generator
Mutation = Callable[[Rng, onnx.ModelProto], str]

INTEGERS = (
    0,
    1,
    2,
    3,
    4,
    7,
    15,
    16,
    255,
    -1,
    -2,
    1 << 31,
    (1 << 31) - 1,
    1 << 32,
    1 << 62,
    -(1 << 63),
)
FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-6,
    1e-40,
    1e30,
    -1e30,
    3e38,
    float("nan"),
    float("inf"),
    float("-inf"),
    127.0,
    1e5,
)

NAMES = (
    "",
    "same",
    "a b",
    "x\n\x1b[31my",
    "ü",
    "module",
    "../../etc",
    "'; rm -rf",
    "x" * 3000,
    "1",
)


def pick(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]


def some(rng: Rng, items: Sequence[T]) -> T:
    """One of the items, or an end of this mutation where there is none."""
    if not len(items):
        raise NothingToDoError
    return pick(rng, items)


class NothingToDoError(Exception):
    """The model has nothing that this mutation could change."""
