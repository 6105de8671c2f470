"""What a build takes of every known board's chip, and how many frames a second it makes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from hearth.toolchain.cli.tables import name, plain_table
from hearth.toolchain.ir import Design
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets import registry
from hearth.toolchain.targets.shares import Share, shares

_MHZ = (1.0, 2000.0)
"""Anything else is taken for a slip."""
_VERDICTS = {True: "yes", False: "no", None: "open"}


@dataclass(frozen=True)
class Clock:
    """A clock in MHz for all boards and who asked for it, or each board's usual one."""

    mhz: float | None = None
    origin: str = "each board's usual clock; another: --clock MHZ"

    @property
    def sentence(self) -> str:
        """What stands above the table."""
        rate = "" if self.mhz is None else f"{self.mhz:g} MHz, "
        return f"frames per second at {rate}{self.origin}"


def choose(given: float | None, figures: Mapping[str, Any]) -> Clock:
    """The clock of `report --clock`, else the one of the compilation, else each board's own."""
    if given is not None:
        if not _MHZ[0] <= given <= _MHZ[1]:
            raise HearthError(f"--clock {given:g}: {_MHZ[0]:g} to {_MHZ[1]:,g} MHz are expected")
        return Clock(given, "as --clock says")
    recorded = figures.get("clock_mhz")
    if isinstance(recorded, int | float):
        return Clock(recorded, "as hearth compile was told with --clock")
    return Clock()


def rows(design: Design, clock: Clock) -> list[dict[str, Any]]:
    """One per board, for --json: the fields of a Share, clock_mhz and frames_per_second."""
    usual = {title: board.mhz for title, (_, board) in registry.boards().items()}
    return [_row(share, clock.mhz or usual[share.board], design.cycles) for share in shares(design)]


def _row(share: Share, mhz: float, cycles: int) -> dict[str, Any]:
    uses = [{**asdict(use), "share": use.share} for use in share.uses]
    pace = {"clock_mhz": mhz, "frames_per_second": mhz * 1e6 / cycles}
    return {**asdict(share), "uses": uses, **pace}


def table(chips: Sequence[Mapping[str, Any]]) -> Table:
    """The same for people: shares in percent of the chip, by kind of resource."""
    kinds = ("DSP", "block RAM", "LUT")
    found = plain_table("board", "MHz", "frames/s", *kinds, "fits")
    for chip in chips:
        parts = ("-" if use["share"] is None else f"{use['share']:.0%}" for use in chip["uses"])
        found.add_row(
            name(chip["board"]),
            f"{chip['clock_mhz']:g}",
            f"{chip['frames_per_second']:,.0f}",
            *parts,
            _VERDICTS[chip["fits"]],
        )
    return found


def notes(chips: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the words in the table's last column leave open."""
    if refusals := _refusals(chips):
        return [f"no: {'; '.join(refusals)}"]
    if not any(chip["fits"] is None for chip in chips):
        return []
    return [
        "open: enough of what is known before the tools count LUTs, which hearth bitstream does"
    ]


def line(chips: Sequence[Mapping[str, Any]]) -> str:
    """One line: which boards a build fits."""
    if refusals := _refusals(chips):
        return f"for no board: {'; '.join(refusals)}"
    words = {True: "fits", None: "may fit", False: "too large for"}
    said = []
    for verdict, word in words.items():
        boards = [chip["board"] for chip in chips if chip["fits"] is verdict]
        said += [f"{word} {', '.join(boards)}"] if boards else []
    return "; ".join(said)


def _refusals(chips: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why boards do not take the network, whatever they hold."""
    return list(dict.fromkeys(chip["refused"] for chip in chips if chip["refused"]))
