"""Few-bit weights through the compiler's passes, up to the ROM budget."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.rtl import rom
from hearth.toolchain.stages import Mapped, Options
from hearth.toolchain.support.errors import HearthError
from tests.few_bits.test_codebook import convs
from tests.nets.onnx_nets import Net, mobile, photographs, save, small

pytestmark = pytest.mark.filterwarnings("ignore:few-bit weights are calibrated on")


def compiled(
    folder: Path, request: Request, budget: int = 100_000, net: Net | None = None
) -> Mapped:
    """Every pass before the slow synthesis."""
    np.savez(folder / "photographs.npz", images=photographs(24))
    options = Options(
        model=save((net or small()).model(), folder),
        preprocessing="unit",
        calibration=folder / "photographs.npz",
        weights=request,
        lanes=24,
        rom_budget=budget,
    )
    return pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING, options)


def rom_bytes(state: Mapped) -> int:
    return rom.total_bytes(state.design.roms)


def test_bits_shrink_the_rom_and_nothing_else(tmp_path: Path) -> None:
    wide = compiled(tmp_path, Request())
    narrow = compiled(tmp_path, Request(Plan(Format(4, True))))
    assert rom_bytes(narrow) < rom_bytes(wide)
    assert narrow.design.cycles == wide.design.cycles
    notes = narrow.design.qgraph.notes
    assert notes["weight_kilobytes"]["fixed"] <= notes["weight_kilobytes"]["int8"]
    assert min(notes["snr_db"].values()) > 5


def test_a_plan_of_halves_reaches_the_roms(tmp_path: Path) -> None:
    """Each half has its own bits and table, and the ROM's codes say the very weights."""
    halves = {"fire2/expand1x1": Format(3, True), "fire2/expand3x3": Format.trellis(1, group=4)}
    state = compiled(tmp_path, Request(Plan(Format.trellis(2, group=4), halves)))
    by_name = {conv.name: conv for conv in convs(state.design.qgraph)}
    found = [(c.bits, c.window, c.group) for c in by_name["fire2/expand"].codings]
    assert found == [(3, 0, 0), (1, 6, 4)]
    assert [c.window for c in by_name["conv1"].codings] == [6]
    for conv in by_name.values():
        for matrix, coding in zip(conv.matrices, conv.codings, strict=True):
            assert (coding.values(coding.codes(matrix))[: len(matrix)] == matrix).all()
    assert rom_bytes(state) < rom_bytes(compiled(tmp_path, Request(Plan(Format(4, True)))))


def test_budget_is_met_in_the_roms_padding_included(tmp_path: Path) -> None:
    whole = rom_bytes(compiled(tmp_path, Request()))
    budget = int(0.8 * whole)
    state = compiled(tmp_path, Request(mixed=True), budget)
    assert rom_bytes(state) <= budget
    notes = state.design.qgraph.notes["mixed"]
    assert notes["bytes"] <= budget
    for conv in convs(state.design.qgraph):
        assert conv.weight_bits <= notes["bits"][conv.name]


def test_budget_below_the_smallest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HearthError, match=r"too few for this network; the smallest reachable is"):
        compiled(tmp_path, Request(mixed=True), 100)


@pytest.mark.parametrize(
    "request_", [Request(Plan(Format(3, True))), Request(mixed=True), Request(keep_codebooks=True)]
)
def test_groups_keep_eight_bits(request_: Request, tmp_path: Path) -> None:
    """And count as such in a budget."""
    whole = compiled(tmp_path, Request(), net=mobile())
    budget = int(0.8 * rom_bytes(whole))
    state = compiled(tmp_path, request_, budget if request_.mixed else 100_000, mobile())
    before, after = list(convs(whole.design.qgraph)), list(convs(state.design.qgraph))
    for old, new in zip(before, after, strict=True):
        if new.groups > 1:
            assert new.weight_bits == 8
            assert (new.window == old.window).all()
    assert min(conv.weight_bits for conv in after) < 8 or request_.keep_codebooks
    if request_.mixed:
        assert rom_bytes(state) <= budget


def test_bits_of_groups_are_refused(tmp_path: Path) -> None:
    plan = Plan(Format(8), {"depthwise": Format(4, True)})
    with pytest.raises(HearthError, match=r"depthwise is a convolution in 8 groups, whose weights"):
        compiled(tmp_path, Request(plan), net=mobile())


def test_keeping_codebooks(tmp_path: Path) -> None:
    state = compiled(tmp_path, Request(keep_codebooks=True))
    assert rom_bytes(state) > 0
