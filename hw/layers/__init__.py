"""Layer kinds, found by themselves: every folder here that defines `LAYER` is one.

Adding a kind means adding a folder; nothing else keeps a list. A folder holds the integer
semantics, the cost model, the DSLX source, the emitted hardware and the examples for the contract
tests.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import numpy as np

from hearth.toolchain.ir import Fold, Layer


def kinds() -> dict[str, type[Layer]]:
    """Every layer kind by name, in alphabetical order."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if module.ispkg:
            kind: type[Layer] = importlib.import_module(f"{__name__}.{module.name}").LAYER
            found[kind.kind] = kind
    return found


def examples(kind: str, rng: np.random.Generator) -> Iterator[tuple[Layer, Fold, int]]:
    """Endless random (layer, fold, in_beat) of a kind for contract tests, corner cases first."""
    drawn: Iterator[tuple[Layer, Fold, int]] = importlib.import_module(
        f"{__name__}.{kind}.examples"
    ).examples(rng)
    return drawn
