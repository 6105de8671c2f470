"""Resources of builds beside what AMD's parts hold.

    python -m hearth.toolchain.studies.resources BUILD...

Prints Markdown: a table per family of parts, a row per build, a column per part that says whether
the build fits, or what it has too much of. Counts are kept in the builds (counts.py).
docs/results/xilinx.md says how the builds of its tables were compiled.

--whole counts every build a second time in one piece, without the shortcuts of synthesis.Method,
and prints how far the two are apart (many minutes).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import script
from hearth.toolchain.targets.target import Board, Resources
from hearth.toolchain.targets.xilinx import boards, counts
from hearth.toolchain.targets.xilinx.synthesis import WHOLE

FAMILIES = {"xcup": "UltraScale+", "xc7": "7 series"}
TITLES = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram": "RAMB36", "uram": "URAM"}


def parts(family: str) -> dict[str, Board]:
    """One board of every part of a family, by the names of all boards that carry the part."""
    found: dict[str, list[Board]] = {}
    for board in boards.BOARDS:
        if board.options["family"] == family:
            found.setdefault(board.part, []).append(board)
    return {", ".join(board.name for board in same): same[0] for same in found.values()}


def verdict(counted: Resources, limits: Resources) -> str:
    """'fits', or every resource that there is too little of and how much of it would be used."""
    over = counted.exceeded(limits)
    if not over:
        return "fits"
    return ", ".join(f"{TITLES[name]} {_percent(counted, limits, name)}" for name in over)


def table(family: str, rows: Sequence[tuple[Build, Resources]]) -> Iterator[str]:
    """The Markdown table of one family."""
    names = [name for name in TITLES if name != "uram"]
    columns = parts(family)
    heads = ["network", "weight bits", "lanes", "cycles a frame", *(TITLES[n] for n in names)]
    yield f"| {FAMILIES[family]}: {' | '.join([*heads, *columns])} |"
    yield f"|---|{'--:|' * (len(heads) - 1)}{'---|' * len(columns)}"
    for build, counted in rows:
        sizes = [f"{getattr(counted, name):,}" for name in names]
        fit = [verdict(counted, board.limits) for board in columns.values()]
        yield f"| {' | '.join([*_facts(build), *sizes, *fit])} |"
    for name, board in columns.items():
        sizes = [f"{getattr(board.limits, item):,}" for item in names]
        yield f"| {' | '.join([f'{name} has', '', '', '', *sizes, *[''] * len(columns)])} |"


def differences(fast: Resources, whole: Resources) -> str:
    """How far a count is from the one made in one piece."""
    texts = []
    for item in fields(fast):
        ours, theirs = getattr(fast, item.name), getattr(whole, item.name)
        if theirs:
            change = 100 * (ours - theirs) / theirs
            texts.append(f"{TITLES[item.name]} {ours:,} for {theirs:,} ({change:+.2f} %)")
    return ", ".join(texts)


def _facts(build: Build) -> list[str]:
    qgraph, design = build.qgraph, build.design
    size = f"{qgraph.input.height}x{qgraph.input.width}"
    return [f"{qgraph.name}, {size}", _bits(build), f"{design.lanes:,}", f"{design.cycles:,}"]


def _bits(build: Build) -> str:
    """Bits of a weight in the ROM: '8', '4 (codebook)', '1 to 3 (trellis)'."""
    layers = build.qgraph.weighted
    codings = [coding for layer in layers for coding in layer.codings]
    found = sorted({coding.bits for coding in codings})
    text = f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}"
    if any(coding.window for coding in codings):
        return f"{text} (trellis)"
    return text + (" (codebook)" if any(len(coding.table) for coding in codings) else "")


def _percent(counted: Resources, limits: Resources, name: str) -> str:
    limit = getattr(limits, name)
    return f"{100 * getattr(counted, name) / limit:.0f} %" if limit else "none there"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m hearth.toolchain.studies.resources", description=__doc__
    )
    parser.add_argument("builds", nargs="+", type=Path, metavar="BUILD")
    parser.add_argument("--family", choices=FAMILIES, help="this family alone")
    parser.add_argument("--whole", action="store_true", help="print the error of the shortcuts")
    return parser.parse_args()


def main() -> None:
    """Print the tables, or with --whole the errors."""
    options = _arguments()
    builds = [build_folder.load(path) for path in options.builds]
    for family in [options.family] if options.family else FAMILIES:
        rows = []
        for build in builds:
            print(f"Yosys: {build.path} on {FAMILIES[family]}", file=sys.stderr, flush=True)
            rows.append((build, counts.of(build, family)))
            if options.whole:
                whole = counts.of(build, family, WHOLE)
                print(f"{build.path}, {family}: {differences(rows[-1][1], whole)}", flush=True)
        if not options.whole:
            print("\n".join(table(family, rows)), end="\n\n", flush=True)


if __name__ == "__main__":
    script.run(main)
