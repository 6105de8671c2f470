"""Layer kinds, found by themselves: every folder here that defines `LAYER` is one.

Adding a kind means adding a folder; nothing else keeps a list. A folder holds the integer
semantics, the cost model, the DSLX source, the emitted hardware and the examples for the contract
tests (docs/adding/a_layer.md). It may also lie elsewhere: `add` says where.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hearth.toolchain.ir import Fold, Layer
from hearth.toolchain.support.errors import HearthError


def add(folder: Path) -> None:
    """Find layer kinds in `folder` too: folder/clamp becomes hearth.hw.layers.clamp, as if it lay
    here. What is in it is run as a part of Hearth. HearthError where it holds no kind, or one of a
    name that is taken."""
    found = {module.name for module in pkgutil.iter_modules([str(folder)]) if module.ispkg}
    if not found:
        raise HearthError(
            f"{folder}: holds no layer kind; a folder with an __init__.py for each is expected"
        )
    taken = sorted(found & {module.name for module in pkgutil.iter_modules(__path__)})
    if taken:
        raise HearthError(
            f"{folder / taken[0]}: there is a layer kind of this name; choose another"
        )
    __path__.append(str(folder))


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
