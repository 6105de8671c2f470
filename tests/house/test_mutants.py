"""The list of mutants fits the sources; `make mutants` runs them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutants import MUTANTS
from tests.mutants.benches import TESTS
from tests.mutants.kinds import NETWORK, PROOF, Mutant, RomMutant
from tests.nets.every_kind import every_kind
from tests.places import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_place_is_in_the_source(mutant: Mutant | RomMutant) -> None:
    assert mutant.bench in (NETWORK, PROOF, *TESTS)
    if isinstance(mutant, Mutant):
        text = (ROOT / mutant.source).read_text()
        assert mutant.applied(text) != text
    else:
        assert mutant.rom in {memory.name for memory in every_kind()[0].roms}


def test_names_are_unique() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)
    assert not [name for name, count in names.items() if count > 1]


def test_benches_exist() -> None:
    for paths in TESTS.values():
        assert [p for p in paths if p.endswith(".py") and not (ROOT / p).is_file()] == []
