"""The boards there are, and the share of their chips that the embedded network takes.

    python -m hearth.toolchain.studies.chips

By rules, without a tool: block RAM and multipliers are exact, LUTs a model where the family has
one. docs/guide/boards.md and docs/results/boards.md hold what this prints. What fits a board on
paper with other weight bits is boards.py's business.
"""

from __future__ import annotations

from hearth.toolchain.studies import embedded
from hearth.toolchain.studies.markdown import lines
from hearth.toolchain.support import script
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.shares import Share, Use, shares

_VERDICT = {True: "yes", False: "no", None: "known after synthesis"}


def boards() -> str:
    """One row per board: name, what it is, chip, tools, clock asked for."""
    rows = [
        (f"`{name}`", board.title, board.part, target.tools, f"{board.mhz:g} MHz")
        for name, (target, board) in registry.boards().items()
    ]
    return lines(("`--board`", "board", "chip", "tools", "clock asked for"), "llllr", rows)


def uses() -> str:
    """One row per board: what the embedded network takes of its chip."""
    design = embedded.design()
    rows = [
        (
            f"`{share.board}`",
            *(_used(use) for use in share.uses),
            f"{registry.find(share.board)[1].mhz * 1e6 / design.cycles:,.0f}",
            _verdict(share),
        )
        for share in shares(design)
    ]
    heads = ("board", "multipliers", "block RAM", "LUT", "frames a second", "fits")
    return lines(heads, "lrrrrl", rows)


def _used(use: Use) -> str:
    if use.used is None or use.share is None:
        return ""
    return f"{use.used:,g} of {use.available:,g} {use.name} ({100 * use.share:.0f} %)"


def _verdict(share: Share) -> str:
    return _VERDICT[share.fits] + (f": too little {', '.join(share.over)}" if share.over else "")


def main() -> None:
    print(boards(), uses(), sep="\n")


if __name__ == "__main__":
    script.run(main)
