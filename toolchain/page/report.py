"""The report of a build as one HTML file, which needs no other and no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hearth.toolchain.drawing.dataflow import STYLE
from hearth.toolchain.page import template
from hearth.toolchain.page.facts import Page

SHOWN = 24
"""Memories in the first table; smaller ones follow folded away."""
CLASSES = 24
"""Up to so many classes the confusion is a table of all; of more, a list of the mistakes."""


@dataclass(frozen=True)
class Matrix:
    """How many photographs of each class were given each: a row for each class that is shown, its
    cells in the order of `names`. most: the largest cell."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    most: int


def html(page: Page) -> str:
    """The text of the file."""
    confusion = page.evaluation.confusion if page.evaluation else {}
    mistakes = {pair: count for pair, count in confusion.items() if pair[0] != pair[1]}
    often = sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))
    return template.filled(
        "report.html.j2",
        template.part("page.css") + STYLE,
        template.part("report.js"),
        page=page,
        wide=template.html(page.wide),
        narrow=template.html(page.narrow),
        shown=SHOWN,
        matrix=matrix(confusion),
        mistakes=often[:SHOWN],
        mistaken=sum(mistakes.values()),
    )


def matrix(confusion: Mapping[tuple[str, str], int]) -> Matrix | None:
    """None where there are no photographs, or too many classes."""
    names = tuple(sorted({name for pair in confusion for name in pair}))
    if not 0 < len(names) <= CLASSES:
        return None
    rows = tuple(
        (shown, tuple(confusion.get((shown, named), 0) for named in names)) for shown in names
    )
    return Matrix(names, rows, max(confusion.values()))
