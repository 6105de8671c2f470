"""What a mutant is: the fault, and the bench that must catch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NETWORK = "network"
"""The bench that simulates the network of every_kind.py; benches.TESTS lists the others."""
PROOF = "proof"
"""The bench that asks Yosys for a run of the broken block that breaks a promise (sim/formal)."""


@dataclass(frozen=True)
class Mutant:
    """One fault: in `source` (a path in the repository), `old`, which stands there once, becomes
    `new`."""

    name: str
    source: str
    old: str
    new: str
    bench: str = NETWORK

    def applied(self, text: str) -> str:
        """`text`, which is that of `source`, with the fault. SystemExit if its place is gone."""
        if text.count(self.old) != 1:
            raise SystemExit(f"mutant '{self.name}': '{self.old}' is not once in {self.source}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class RomMutant:
    """One fault in the ROM of a kernel of the network bench: `change` edits its list of words
    (hexadecimal)."""

    name: str
    rom: str
    change: Callable[[list[str]], None]
    bench: str = NETWORK


@dataclass(frozen=True)
class Verdict:
    """What a bench said of a mutant."""

    survived: bool
    reason: str
