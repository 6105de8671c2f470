"""Tells what the toolchain is doing: a bar on a terminal, plain lines elsewhere; on stderr."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from hearth.toolchain.support.text import printable

T = TypeVar("T")
Report = Callable[[str, int, int], None]
"""Called with what is being done, steps done and steps in all (0: unknown)."""

SECONDS_BETWEEN_LINES = 10.0


def silent(task: str, done: int, total: int) -> None:
    """A `Report` that says nothing."""


@contextlib.contextmanager
def shown() -> Iterator[Report]:
    """A `Report` for the time of a command."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # What is printed meanwhile goes above the bar, but into a file where output does.
    above = sys.stdout.isatty()
    with Progress(*columns, console=console, transient=True, redirect_stdout=above) as bars:
        bar = bars.add_task("", total=None)

        def report(task: str, done: int, total: int) -> None:
            text = escape(printable(task))
            bars.update(bar, description=text, completed=done, total=total or None)

        yield report


def counted(
    items: Iterable[T], task: str, total: int, report: Report, step: int = 1
) -> Iterator[T]:
    """The same items, reporting after each; one item stands for `step` steps."""
    for index, item in enumerate(items):
        report(task, min(total, index * step), total)
        yield item


class _Lines:
    """One line when a task begins, another every few seconds while it lasts."""

    def __init__(self) -> None:
        self.task = ""
        self.last = 0.0

    def __call__(self, task: str, done: int, total: int) -> None:
        now = time.monotonic()
        group = task.split(" ", 1)[0]
        if group != self.task or now - self.last >= SECONDS_BETWEEN_LINES:
            count = f" ({done} of {total})" if total and done else ""
            print(f"{printable(task)}{count}", file=sys.stderr, flush=True)
            self.task, self.last = group, now
