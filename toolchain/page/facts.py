"""What a report page says, as plain values. Texts may come from a model: shown, not trusted.

Who collects them is toolchain/cli/report_page.py; what they look like is report.html.j2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hearth.toolchain.drawing.dataflow import Spent

Rows = Sequence[tuple[str, str]]
"""Titles and what is said under them."""


@dataclass(frozen=True)
class Link:
    """A file of the build: what it is called, and where it lies as seen from the page."""

    name: str
    href: str


@dataclass(frozen=True)
class Kernel:
    """One kernel. share: its cycles beside the slowest's (0..1); spent: of a simulation; decibels:
    signal to noise of its result, where it was measured."""

    name: str
    kind: str
    cycles: int
    share: float
    slow: bool
    spent: Spent | None
    decibels: float | None
    rows: Rows
    files: Sequence[Link]


@dataclass(frozen=True)
class Memory:
    """One memory. places: its blocks on the chip, where the design was routed."""

    name: str
    words: int
    bits: int
    kind: str
    blocks: int
    luts: int
    places: Sequence[str] = ()

    @property
    def size(self) -> int:
        """All bits."""
        return self.words * self.bits


@dataclass(frozen=True)
class Memories:
    """All of them on one board; lines: what is scarcest there, and what is not known."""

    board: str
    lines: Sequence[str]
    rows: Sequence[Memory]


@dataclass(frozen=True)
class Made:
    """What hearth bitstream made for a board, in its own words."""

    board: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Boards:
    """Rows of the table of boards as hearth report --json has them, and the sentences around it."""

    clock: str
    rows: Sequence[Mapping[str, object]]
    notes: Sequence[str]
    made: Sequence[Made] = ()


@dataclass(frozen=True)
class Evaluation:
    """What hearth eval measured: `rows` its figures, `confusion` {(shown, named): how many} by the
    classes' names."""

    images: str
    rows: Rows
    confusion: Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Frame:
    """A simulated frame: its file, a picture of it as a data: URL or '', the class named first and
    the one it shows, '' where there is none, and whether they are the same."""

    file: str
    picture: str
    named: str
    shown: str
    right: bool


@dataclass(frozen=True)
class Simulation:
    """The last simulation of the build. count: frames, of which `frames` are shown."""

    images: str
    ok: bool
    verdict: str
    count: int
    frames: Sequence[Frame]


@dataclass(frozen=True)
class Page:
    """All of it.

    cards         the few figures that matter most
    about         sentences about the build
    wide, narrow  pictures of the dataflow, HTML already (toolchain/drawing)
    yardstick     what signal to noise was measured against
    commands      what the page could say too, and the command for it
    made_by       which program, of which build
    """

    name: str
    cards: Rows
    about: Sequence[str]
    wide: str
    narrow: str
    kernels: Sequence[Kernel]
    memories: Memories
    boards: Boards
    yardstick: str
    evaluation: Evaluation | None
    simulation: Simulation | None
    commands: Rows
    made_by: str
