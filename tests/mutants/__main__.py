"""Runs mutants and prints a table; the exit status is the number of survivors."""

from __future__ import annotations

import concurrent.futures
import os
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console

from tests.mutants import MUTANTS
from tests.mutants.benches import bench
from tests.mutants.kinds import NETWORK, Mutant, RomMutant, Verdict


def main(names: Sequence[str]) -> int:
    """Put mutants, all or those of the given names or benches, before their benches."""
    console = Console()
    chosen = [m for m in MUTANTS if not names or m.name in names or m.bench in names]
    unknown = set(names) - {m.name for m in MUTANTS} - {m.bench for m in MUTANTS}
    if unknown:
        console.print(f"no mutant and no bench: {', '.join(sorted(unknown))}")
        return 1
    for name in dict.fromkeys(mutant.bench for mutant in chosen):
        right = bench(name).untouched()
        if not right.survived:
            console.print(f"bench {name}: wrong before anything is broken: {right.reason}")
            return 1
    survivors = 0
    for mutant, verdict in _verdicts(chosen):
        survivors += verdict.survived
        state = "[red]SURVIVED[/]" if verdict.survived else "caught"
        line = f"{state:8}  {mutant.bench:8}  {mutant.name:40}  {verdict.reason}"
        console.print(line, soft_wrap=True, highlight=False)
    console.print(f"{len(chosen) - survivors} of {len(chosen)} mutants caught")
    return survivors


def _verdicts(chosen: Sequence[Mutant | RomMutant]) -> Iterator[tuple[Mutant | RomMutant, Verdict]]:
    """Verdicts as they come. One thread simulates the network, and compiles DSLX in this process;
    the other benches run programs of their own, one per processor."""
    with (
        concurrent.futures.ThreadPoolExecutor(1) as here,
        concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as apart,
    ):
        futures = {
            (here if mutant.bench == NETWORK else apart).submit(
                bench(mutant.bench).judge, mutant
            ): mutant
            for mutant in chosen
        }
        try:
            for future in concurrent.futures.as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
