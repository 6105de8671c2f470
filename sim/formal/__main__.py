"""Runs the proofs and prints a table; the exit status is the number of those that do not hold."""

from __future__ import annotations

import concurrent.futures
import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from hearth.sim.formal.proofs import PROOFS, Proof
from hearth.sim.formal.prove import PROVED, prove
from hearth.toolchain.support import script
from hearth.toolchain.support.errors import HearthError


def main(blocks: Sequence[str]) -> int:
    """Prove all, or those of the given blocks."""
    known = {proof.block for proof in PROOFS}
    if unknown := set(blocks) - known:
        what = ", ".join(sorted(unknown))
        raise HearthError(
            f"no block to prove is called {what}: they are {', '.join(sorted(known))}"
        )
    chosen = [proof for proof in PROOFS if not blocks or proof.block in blocks]
    table = Table("block", "parameters", "", "induction", "seconds", box=None, pad_edge=False)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for proof, outcome in zip(chosen, pool.map(prove, chosen), strict=True):
            failed += outcome.state != PROVED
            state = outcome.state if outcome.state == PROVED else f"[red]{outcome.state.upper()}[/]"
            table.add_row(
                proof.block,
                _numbers(proof),
                state,
                str(outcome.steps),
                f"{outcome.seconds:.1f}",
            )
    console = Console()
    console.print(table)
    console.print(f"{len(chosen) - failed} of {len(chosen)} proved for all time")
    return failed


def _numbers(proof: Proof) -> str:
    return proof.name.removeprefix(proof.block).strip()


if __name__ == "__main__":
    script.run(lambda: main(sys.argv[1:]))
