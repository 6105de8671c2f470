"""The command `hearth boards`: which boards there are, and what each needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.table import Table

from hearth.toolchain.cli.options import OUTPUT, Json
from hearth.toolchain.cli.output import print_json, print_lines, tell_next
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry


def boards(
    names: Annotated[
        bool,
        typer.Option("--names", help="One name a line, for scripts.", rich_help_panel=OUTPUT),
    ] = False,
    group_of: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The optional group of packages that one board needs, for scripts.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the boards, their chips and the tools that each needs."""
    if sum((names, group_of is not None, as_json)) > 1:
        raise HearthError("--names, --group-of and --json: each is an output of its own; give one")
    if group_of is not None:
        print(registry.find(group_of)[0].group)
    elif names:
        print("\n".join(registry.boards()))
    elif as_json:
        print_json({"default": registry.DEFAULT, "boards": list(_rows())})
    else:
        print_lines(_table(), [f"default {registry.DEFAULT}; tools: make setup-GROUP"])
        tell_next(f"{len(registry.boards())} boards", "bitstream", "BUILD", "--board", "BOARD")


def _rows() -> Iterator[dict[str, Any]]:
    for target, board in registry.boards().values():
        yield {
            "board": board.name,
            "title": board.title,
            "chip": board.part,
            "target": target.name,
            "tools": target.tools,
            "group": target.group,
            "mhz": board.mhz,
            "program": target.loads,
        }


def _table() -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("board", "chip", "MHz", "tools", "group"):
        table.add_column(column, justify="right" if column == "MHz" else "left", no_wrap=True)
    for row in _rows():
        table.add_row(row["board"], row["chip"], f"{row['mhz']:g}", row["tools"], row["group"])
    return table
