"""Rows of reports about a design."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np

from hearth.hw.layers import examples
from hearth.toolchain.ir import Design, Fold, Layer, Stage
from hearth.toolchain.mapping import figures


def _shapes(kind: str, count: int) -> str:
    """What the report shows for the first example of a kind that has so many ROMs."""
    drawn = examples(kind, np.random.default_rng(3))
    made = (_stage(*example) for example in drawn)
    stage = next(stage for stage in made if len(stage.roms) == count)
    (row,) = figures.table(cast(Design, SimpleNamespace(stages=(stage,))))
    shapes = [f"{rom.words} x {rom.width}" for rom in stage.roms]
    assert row["rom_shape"] == ", ".join(dict.fromkeys(shapes[: max(1, count - 1)]))
    return str(row["rom_shape"])


def _stage(layer: Layer, fold: Fold, in_beat: int) -> Stage:
    return Stage(layer, fold, in_beat, "hearth_layer", fifo_depth=2)


def test_every_weight_rom_is_shown() -> None:
    """One, or one for each half of an expand stage; equal tables of a beat once."""
    assert _shapes("conv", 2).count(" x ") == 1
    assert _shapes("conv", 3).count(" x ") == 2
    assert _shapes("table", 3).count(" x ") == 1
