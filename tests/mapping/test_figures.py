"""Rows of reports about a design."""

from __future__ import annotations

import numpy as np

from hearth.hw.layers import examples
from hearth.toolchain.few_bits.blank import Blanks
from hearth.toolchain.few_bits.reformat import Chosen
from hearth.toolchain.ir import Design, Fold, Layer, Preprocessing, QGraph, Stage
from hearth.toolchain.mapping import figures
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.quantize.precision import Format
from tests.nets import rhythms


def _shapes(kind: str, count: int) -> str:
    """What the report shows for the first example of a kind that has so many ROMs."""
    drawn = examples(kind, np.random.default_rng(3))
    made = (_stage(*example) for example in drawn)
    stage = next(stage for stage in made if len(stage.roms) == count)
    alone = Design(QGraph("alone", (stage.layer,), Preprocessing()), (stage,))
    (row,) = figures.table(alone)
    shapes = [f"{rom.words} x {rom.width}" for rom in stage.roms]
    assert row["rom_shape"] == ", ".join(dict.fromkeys(shapes[: max(1, count - 1)]))
    return str(row["rom_shape"])


def _stage(layer: Layer, fold: Fold, in_beat: int) -> Stage:
    return Stage(layer, fold, in_beat, "hearth_layer", depths=(2,))


def test_every_weight_rom_is_shown() -> None:
    """One, or one for each half of an expand stage; equal tables of a beat once."""
    assert _shapes("conv", 2).count(" x ") == 1
    assert _shapes("conv", 3).count(" x ") == 2
    assert _shapes("table", 3).count(" x ") == 1


def test_every_matrix_says_how_it_is_coded() -> None:
    """Bytes of codes are those of the ROM but for the folding's padding."""
    qgraph = rhythms.network(2)
    expand = next(layer for layer in qgraph.weighted if len(layer.matrices) == 2)
    formats = (Format(3, True), Format.trellis(2, group=4))
    blank = Blanks(qgraph).of({expand.name: Chosen(formats, False)})
    design = fold(blank, cycles=20_000)
    rows = figures.codings(design)
    assert len(rows) == sum(len(layer.matrices) for layer in qgraph.weighted)
    first, second = (row for row in rows if row["kernel"] == expand.name)
    half, inputs = len(expand.matrices[0]), expand.source.channels
    assert list(first.values())[1:] == [1, 3, 0, 0, -(-3 * half * inputs // 8), 8]
    whole = -(-half // 4) * 4
    assert list(second.values())[1:] == [9, 2, 6, 4, -(-2 * whole * 9 * inputs // 8), 64]
    stored = sum(rom.bits for stage in design.weighted for rom in stage.roms[:-1])
    assert stored >= 8 * (sum(row["index_bytes"] for row in rows) - len(rows))
    assert {row["bits"] for row in rows if row["kernel"] != expand.name} == {8}
