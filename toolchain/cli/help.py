"""`--help` as plain text of 80 columns: options and commands under the titles of their groups.

typer's own plain help knows no groups and cuts summaries with dots; its rich help draws boxes, and
cuts as well. A group's title is what typer calls `rich_help_panel`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

ARGUMENTS = "Arguments"
OPTIONS = "Options"
"""Options of no group; last."""
_COLUMN = 26
"""Longest name beside which its help begins; that of a longer one begins below it."""
_Row = tuple[str, str]
_PLAINER = (
    (re.compile(r"default: \((.*?)\)(?=[;\]])"), r"default: \1"),
    (re.compile(r"; x>=[01](?=[;\]])|  \[x>=[01]\]"), ""),
)
"""typer puts brackets round defaults in words, and says of a count that it is no less than one."""


class Command(TyperCommand):
    """A command whose options are shown in groups."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments first, then the groups in the order of their first option."""
        _write(_parameters(self, ctx), formatter)


class Commands(TyperGroup):
    """The list of commands, in groups, every summary whole."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands before the few options that `hearth` alone takes."""
        groups: dict[str, list[_Row]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            if not command.hidden:
                groups.setdefault(command.rich_help_panel, []).append((name, _summary(command)))
        _write({**groups, **_parameters(self, ctx)}, formatter)


def _summary(command: Any) -> str:
    """The first line of a command's docstring, without the full stop."""
    lines = (command.help or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else ""


def _parameters(command: Any, ctx: Any) -> Mapping[str, list[_Row]]:
    """Rows of the help by group."""
    groups: dict[str, list[_Row]] = {ARGUMENTS: []}
    rest: list[_Row] = []
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        row = (record[0], _plainer(record[1]))
        if parameter.param_type_name == "argument":
            groups[ARGUMENTS].append(row)
            continue
        title = getattr(parameter, "rich_help_panel", None)
        (groups.setdefault(title, []) if title else rest).append(row)
    return {**groups, OPTIONS: rest}


def _plainer(text: str) -> str:
    for pattern, better in _PLAINER:
        text = pattern.sub(better, text)
    return text


def _write(groups: Mapping[str, Sequence[_Row]], formatter: Any) -> None:
    """Sections whose texts all begin in the same column."""
    names = [name for rows in groups.values() for name, _ in rows]
    width = max(len(name) for name in names if len(name) <= _COLUMN)
    for title, rows in groups.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows], width)
