"""Where the memories of a build would lie on a board, and what of the board's chip is scarcest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from hearth.toolchain.cli.tables import count, name, plain_table
from hearth.toolchain.ir import Design
from hearth.toolchain.targets import needs as needs_of
from hearth.toolchain.targets import registry


@dataclass(frozen=True)
class Planned:
    """On a board: a row for every memory (Target.memories), and lines of text."""

    rows: Sequence[Mapping[str, Any]]
    lines: tuple[str, ...]


def of(design: Design, board: str) -> Planned:
    """HearthError when there is no such board."""
    target, chip = registry.find(board)
    needs = needs_of.of(design)
    rows = target.memories(needs, chip)
    left = () if rows else (f"{board}: where memories lie is left to the RTL (hw/memory)",)
    taken, usable = target.estimate(needs, chip), target.usable(chip)
    known = {
        title: (getattr(taken, key), getattr(usable, key))
        for key, title in target.units.items()
        if None not in (getattr(taken, key), getattr(usable, key))
    }
    shares = ", ".join(f"{used:,g} of {most:,g} {title}" for title, (used, most) in known.items())
    scarce = max(known, key=lambda title: known[title][0] / max(1, known[title][1]))
    return Planned(rows, (f"{board}, link included: {shares}; scarcest is {scarce}", *left))


def shown(planned: Planned) -> list[Table | list[str]]:
    """One row per memory, and one per kind together."""
    if not planned.rows:
        return [list(planned.lines)]
    table = plain_table("memory", "words", "bits", "kind", "blocks", "LUTs")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in planned.rows:
        table.add_row(
            name(row["memory"]),
            *(count(row[key]) for key in ("words", "bits")),
            row["kind"],
            *(count(row[key]) for key in ("blocks", "luts")),
        )
        for index, number in enumerate((1, row["blocks"], row["luts"])):
            sums[row["kind"]][index] += number
    table.add_section()
    for kind, (memories, blocks, luts) in sums.items():
        table.add_row(f"{memories} together", "", "", kind, count(blocks), count(luts))
    return [table, list(planned.lines)]
