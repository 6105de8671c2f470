"""Faults in the link to a board (hw/link)."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

MUTANTS: tuple[Mutant, ...] = ()
