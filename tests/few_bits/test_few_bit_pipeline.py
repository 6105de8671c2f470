"""Few-bit weights through the compiler's passes, up to the ROM budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.pipeline import Compilation
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.support import progress
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import convs
from tests.nets.onnx_nets import photographs, save, small

pytestmark = pytest.mark.filterwarnings("ignore:few-bit weights are calibrated on")


def compiled(folder: Path, request: Request, budget: int = 100_000) -> Compilation:
    """Every pass before the slow synthesis."""
    np.savez(folder / "photographs.npz", images=photographs(24))
    options = pipeline.Options(
        model=save(small().model(), folder),
        preprocessing="unit",
        calibration=folder / "photographs.npz",
        weights=request,
        lanes=24,
        rom_budget=budget,
    )
    state = Compilation(options, progress.silent)
    for step in pipeline.PASSES:
        if step.name != "emit":
            state = step.run(state)
    return state


def test_bits_shrink_the_rom_and_nothing_else(tmp_path: Path) -> None:
    wide = compiled(tmp_path, Request())
    narrow = compiled(tmp_path, Request(Plan(Format(4, True))))
    assert narrow.rom_bytes < wide.rom_bytes
    assert pipeline.known(narrow.design).cycles == pipeline.known(wide.design).cycles
    notes = pipeline.known(narrow.qgraph).notes
    assert notes["weight_kilobytes"]["fixed"] <= notes["weight_kilobytes"]["int8"]
    assert min(notes["snr_db"].values()) > 5


def test_budget_is_met_in_the_roms_padding_included(tmp_path: Path) -> None:
    whole = compiled(tmp_path, Request()).rom_bytes
    budget = int(0.8 * whole)
    state = compiled(tmp_path, Request(mixed=True), budget)
    assert state.rom_bytes <= budget
    notes = pipeline.known(state.qgraph).notes["mixed"]
    assert notes["bytes"] <= budget
    for conv in convs(pipeline.known(state.qgraph)):
        assert conv.weight_bits <= notes["bits"][conv.name]


def test_budget_below_the_smallest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match=r"too few for this network; the smallest reachable is"):
        compiled(tmp_path, Request(mixed=True), 100)


def test_keeping_codebooks(tmp_path: Path) -> None:
    state = compiled(tmp_path, Request(keep_codebooks=True))
    assert state.rom_bytes > 0
