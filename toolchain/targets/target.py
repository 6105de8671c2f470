"""What every family of chips answers for itself: its boards, what a design takes of a chip, the
files of a project, the tools that make a configuration of them, and how it gets into a board.

A family is a folder here that holds target.py with `TARGET`, found by itself (registry.py); nothing
outside the folder knows one by name. The folders have the same file names for the same things:

    target.py    TARGET: the answers below
    boards.py    boards and parts as data
    pins.py      balls and oscillators of a board, from amaranth-boards
    estimate.py  resources of a design by rules, without tools: milliseconds
    border.py    RTL between the network and the chip's pins or buses
    project.py   every file that the tools read
    flow.py      the tools
    report.py    their figures, for people
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

from hearth.toolchain.ir import Block
from hearth.toolchain.saved import build_folder
from hearth.toolchain.saved.build_folder import Build
from hearth.toolchain.support import progress
from hearth.toolchain.targets import lanes
from hearth.toolchain.targets.needs import Needs
from hearth.toolchain.video.geometry import Camera


@dataclass(frozen=True)
class Resources:
    """What a design takes, or a part holds. None: there is no model, and nothing was counted.

    lut   the family's own lookup tables (4 inputs in an ECP5, 6 in AMD's), distributed memory too
    ff    flip-flops
    dsp   multiplier blocks
    bram  block RAMs of the family's own size (18 Kbit in an ECP5, 36 Kbit in AMD's)
    uram  UltraRAMs
    """

    lut: int | None
    ff: int | None
    dsp: int
    bram: float
    uram: int = 0

    def exceeded(self, limits: Resources) -> list[str]:
        """Names of what is more than `limits`."""
        pairs = [
            (item.name, getattr(self, item.name), getattr(limits, item.name))
            for item in fields(self)
        ]
        return [name for name, used, most in pairs if None not in (used, most) and used > most]


def scarce(taken: Resources, limits: Resources, units: Mapping[str, str]) -> list[str]:
    """What there is too little of, such as '220 block RAM of 208'; `units` as Target's."""
    names = taken.exceeded(limits)
    return [
        f"{getattr(taken, name):,} {title} of {getattr(limits, name):,}"
        for name, title in units.items()
        if name in names
    ]


@dataclass(frozen=True)
class Board:
    """A board, as data.

    name      as --board takes it
    title     for people
    part      the chip, as its tools call it
    limits    what the chip holds
    mhz       clock that is asked for unless the user says otherwise
    platform  module and class in amaranth-boards that know its pins; empty: none are needed
    options   what only this family's tools ask for; its boards.py says what
    """

    name: str
    title: str
    part: str
    limits: Resources
    mhz: float
    platform: tuple[str, str] = ("", "")
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """What the user asks of a configuration, beside its board. A field is an option of the command;
    which of them mean something for a family, its `options` say.

    mhz     the clock that must be met; None: the board's usual one
    seed    of placement
    seeds   placements that are tried, with this seed and those after it
    placed  a build whose placement is taken over: only weights are set anew
    live    two banks per ROM, so that the running board takes new weights
    fit     fold the build anew first, to be as fast as fits
    camera  the picture of a camera in front of the network; None: frames come from the host alone
    module  the name of a camera at pins (serial/modules.py)
    screen  show the camera's picture and the classes
    """

    mhz: float | None = None
    seed: int | None = None
    seeds: int | None = None
    placed: Path | None = None
    live: bool = False
    fit: bool = False
    camera: Camera | None = None
    module: str = "ov7670"
    screen: bool = False


Figures = dict[str, Any]
"""What a flow found out, as --json prints it."""


class Target(ABC):
    """One family of chips with its tools.

    name     of its folder
    title    for people
    tools    that make its configurations, for people
    placer   the one that places and routes
    loader   what loads a configuration into a board, for people
    loads    whether `load` can
    group    optional group of packages that the tools need (pyproject.toml; make setup-GROUP)
    options  fields of Wish that mean something here; every family knows mhz
    pictures values of --video that mean something here
    boards   all that are known, the usual one first
    units    what each field of Resources is called here, in the order of reports
    """

    name: ClassVar[str]
    title: ClassVar[str]
    tools: ClassVar[str]
    placer: ClassVar[str]
    loader: ClassVar[str]
    loads: ClassVar[bool]
    group: ClassVar[str]
    options: ClassVar[frozenset[str]] = frozenset()
    pictures: ClassVar[frozenset[str]] = frozenset()
    boards: ClassVar[tuple[Board, ...]]
    units: ClassVar[Mapping[str, str]]

    @abstractmethod
    def estimate(self, needs: Needs, board: Board) -> Resources:
        """Resources of a design with its border on a board: by rules, without any tool."""

    def block(self, board: Board) -> Block | None:
        """The chip's multiplier block, which two lanes may share; None: they never do."""
        return None

    def fitted(self, build: Build, board: Board) -> Build:
        """The build with the RTL that this board gets (lanes.py)."""
        return lanes.on(build, self.block(board))

    def usable(self, board: Board) -> Resources:
        """How much of the part a design may take: all of it, unless the family knows better."""
        return board.limits

    def memories(self, needs: Needs, board: Board) -> list[dict[str, Any]]:
        """Where each memory of a design would lie: memory, words, bits, kind, blocks, luts. Empty:
        the family leaves that to the RTL."""
        return []

    @abstractmethod
    def project(self, build: Build, board: Board, wish: Wish) -> dict[str, str]:
        """Every file that the tools read, by path. HearthError for an impossible clock, or when a
        package of the optional group is not installed."""

    def prepared(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Build:
        """The build to make a configuration of: another one if the wish is a better fit.
        HearthError when the tools need not be tried."""
        return build

    @abstractmethod
    def run(self, build: Build, board: Board, wish: Wish, report: progress.Report) -> Figures:
        """Write the project below the build (`folder_of`) and run the tools on it."""

    @abstractmethod
    def lines(self, figures: Figures) -> list[str]:
        """The figures of `run` for people."""

    @abstractmethod
    def made(self, figures: Figures, build: Path) -> str | None:
        """What was made and the next command, or None where nothing came of it."""

    @abstractmethod
    def load(self, build: Build, board: Board) -> None:
        """Load a configuration that `run` has made into the connected board. HearthError where
        there is none, or it cannot be loaded. Called only where `loads`."""


def folder_of(build: Build, board: Board) -> Path:
    """Where the files of one board lie in a build folder."""
    return build.path / build_folder.BOARDS / board.name
