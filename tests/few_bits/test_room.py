"""Bits and folding chosen together for a part: one of made-up limits, by the whole compiler."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hearth.toolchain import pipeline
from hearth.toolchain.few_bits.request import Request
from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.part import USUAL_FPS, Part, Wish
from hearth.toolchain.quantize.precision import Format, Plan
from hearth.toolchain.rtl import rom
from hearth.toolchain.stages import Mapped, Options
from hearth.toolchain.support.errors import HearthError
from tests.nets.onnx_nets import photographs, save, small

pytestmark = pytest.mark.filterwarnings("ignore:few-bit weights are calibrated on")


def _part(bits: int, lanes: int = 1_000) -> Part:
    """Of so many bits of ROM and lanes."""

    def over(design: Design) -> list[str]:
        stored = sum(made.bits for made in design.roms)
        found = [] if stored <= bits else [f"{stored:,} bits of {bits:,}"]
        return found + ([] if design.lanes <= lanes else [f"{design.lanes} lanes of {lanes}"])

    return Part("toy", "T1000", 1.0, over)


Compiled = Callable[..., Mapped]


@pytest.fixture
def compiled(tmp_path: Path) -> Compiled:
    """Up to the design, for a part."""
    np.savez(tmp_path / "photographs.npz", images=photographs(24))
    model = save(small().model(), tmp_path)

    def run(
        part: Part,
        cycles: int | None = None,
        lanes: int | None = None,
        budget: int = 100_000,
        weights: Request | None = None,
    ) -> Mapped:
        options = Options(
            model=model,
            preprocessing="unit",
            calibration=tmp_path / "photographs.npz",
            weights=weights or Request(),
            wish=Wish(part, part.mhz, cycles, lanes, None, budget, ""),
            rom_budget=budget,
        )
        return pipeline.run(pipeline.FRONT_END + pipeline.QUANTIZATION + pipeline.MAPPING, options)

    return run


def _bits(state: Mapped) -> set[int]:
    return {coding.bits for layer in state.design.qgraph.weighted for coding in layer.codings}


def test_int8_where_there_is_room(compiled: Compiled) -> None:
    """And as fast as lanes allow; slower where a pace is asked for."""
    fast = compiled(_part(40_000, lanes=40))
    assert _bits(fast) == {8}
    assert fast.design.lanes <= 40
    limited = compiled(_part(40_000), lanes=20)
    assert limited.design.lanes <= 20
    assert limited.design.cycles > fast.design.cycles
    pace = 2 * limited.design.cycles
    paced = compiled(_part(40_000, lanes=40), cycles=pace)
    assert limited.design.cycles < paced.design.cycles <= pace


def test_a_mixture_where_there_is_none(compiled: Compiled) -> None:
    """As many bytes as fit, and the network as rounded is what was asked about."""
    tight, part = 4_000, _part(4_000)
    state = compiled(part)
    stored = sum(made.bits for made in state.design.roms)
    assert 0.85 * tight < stored <= tight
    assert min(_bits(state)) < 8
    assert state.design.cycles <= part.mhz * 1e6 / USUAL_FPS
    notes = state.design.qgraph.notes["mixed"]
    looser = compiled(_part(4_600)).design.qgraph.notes["mixed"]
    assert looser["bytes"] > notes["bytes"]
    by_budget = compiled(_part(40_000), budget=500)
    assert rom.total_bytes(by_budget.design.roms) <= 500


def test_given_bits_leave_the_folding(compiled: Compiled) -> None:
    plan = Request(Plan(Format(4, True)))
    state = compiled(_part(40_000, lanes=40), weights=plan)
    assert _bits(state) == {4}
    assert 20 < state.design.lanes <= 40
    with pytest.raises(HearthError, match=r"^--board toy: .* does not fit T1000, .* bits of 2,400"):
        compiled(_part(2_400), weights=plan)


def test_what_cannot_be_is_one_sentence(compiled: Compiled) -> None:
    with pytest.raises(HearthError) as told:
        compiled(_part(1_000))
    assert "\n" not in str(told.value)
    assert "does not fit T1000" in str(told.value)
    assert " bits of 1,000; take " in str(told.value)
    with pytest.raises(HearthError, match=r"cannot be folded to 3 cycles per frame"):
        compiled(_part(40_000), cycles=3)


def test_a_slow_network_is_better_than_none(compiled: Compiled) -> None:
    """Where not even few bits make the usual rate."""
    slow = Part("toy", "T1000", 1e-6, _part(4_600, lanes=12).over)
    state = compiled(slow)
    assert state.design.lanes <= 12
    assert state.design.cycles > slow.mhz * 1e6 / USUAL_FPS
