"""Prices of foldings: memories counted as they will be, and what a part is short of is avoided."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hearth.hw.layers import examples, kinds
from hearth.toolchain.ir import Design
from hearth.toolchain.mapping.fold import fold
from hearth.toolchain.mapping.prices import LUTS_PER_LANE, Prices, lanes_alone
from hearth.toolchain.mapping.search import Search
from tests.nets import rhythms


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_shapes_are_those_of_the_images(kind: str) -> None:
    for layer, chosen, _ in itertools.islice(examples(kind, np.random.default_rng(6)), 24):
        made = tuple((rom.words, rom.width) for rom in layer.roms(chosen, "module"))
        assert layer.rom_shapes(chosen) == made


def test_a_memory_lies_where_it_is_cheapest() -> None:
    dear, usual = Prices(block=1e9), Prices(block=1)
    assert dear.rom(512, 36) == pytest.approx(36 * 32 * 1.25 / LUTS_PER_LANE)
    assert usual.rom(512, 36) == 1
    assert usual.rom(513, 36) == 2
    assert usual.ram(16, 8) == pytest.approx(12 / LUTS_PER_LANE)
    assert usual.ram(2048, 18) == 2


def _memories(design: Design, prices: Prices) -> float:
    roms = (shape for s in design.stages for shape in s.layer.rom_shapes(s.fold))
    rams = (shape for s in design.stages for shape in s.memories)
    return sum(prices.rom(*shape) for shape in roms) + sum(prices.ram(*shape) for shape in rams)


def test_dear_blocks_are_avoided() -> None:
    """At the same pace: memories that are worth less of them, more lanes."""
    network, prices = rhythms.network(2), Prices(block=20)
    usual = fold(network, cycles=9_000)
    dear = fold(network, cycles=9_000, price=prices)
    assert dear.cycles <= 9_000
    assert _memories(dear, prices) < _memories(usual, prices)
    assert dear.lanes >= usual.lanes


def test_the_fastest_that_fits_is_found() -> None:
    """As lanes alone would have it where lanes bind; faster than that where memories do."""
    network, prices = rhythms.network(2), Prices(block=20)
    lanes = Search(lambda design: design.lanes <= 60).fastest(network)
    assert lanes is not None
    assert lanes.lanes <= 60
    assert lanes.cycles <= fold(network, lanes=60).cycles * 1.03
    assert any(max(stage.depths) > 2 for stage in lanes.stages)
    limit = 0.95 * _memories(fold(network, lanes=60), prices)

    def fits(design: Design) -> bool:
        return _memories(design, prices) <= limit

    found = Search(fits).fastest(network)
    plain = Search(fits, prices=[lanes_alone]).fastest(network)
    assert found is not None
    assert fits(found)
    assert plain is None or found.cycles <= plain.cycles
    assert Search(lambda design: False).fastest(network) is None


def test_lanes_are_priced_with_their_requantizers() -> None:
    layer, chosen, in_beat = next(examples("conv", np.random.default_rng(6)))
    assert lanes_alone(layer, chosen, in_beat) == chosen.lanes + 4 * (chosen.beat - 1)
