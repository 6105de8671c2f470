"""What the screen of a virtual board was sent (screen.h), beside what it should show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hearth.sim.virtual_board.virtual import Filmed
from hearth.toolchain.ir import Array
from hearth.toolchain.video import tmds
from hearth.toolchain.video.screen import Screen
from hearth.toolchain.video.shown import Result, Seen, Shown


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of the screen: as it was sent and as the golden model has it, uint8 [height, width,
    3]; the number of the camera's picture whose result it shows, or None before the first."""

    sent: Array
    wanted: Array
    result: int | None

    @property
    def wrong(self) -> str:
        """'' or the first pixel that is not the golden model's."""
        places = np.argwhere((self.sent != self.wanted).any(axis=2))
        if not len(places):
            return ""
        y, x = places[0]
        found, wanted = (picture[y, x].tolist() for picture in (self.sent, self.wanted))
        return (
            f"pixels that differ from the golden model: {len(places)}, the first in line {y},"
            f" column {x}: found {found}, expected {wanted}"
        )


def pictures(
    folder: Path,
    screen: Screen,
    period: int,
    shown: Sequence[Array],
    results: Array,
    seen: Sequence[Filmed],
) -> Iterator[Picture]:
    """Every picture from the first on that is the camera's from its first pixel to its last.

    `period` is the pixel clock's; `shown` what the camera sends, uint8 [height, width, 3] each;
    `results` the golden model's words, int64 [pictures, words]; of `seen` the cycles count alone.
    Raises ValueError where the symbols are no pictures of this screen.
    """
    came = [one for one in seen if one.words is not None]
    model = Shown(
        screen,
        period,
        _at_the_tap(folder / "taps.bin", shown),
        [Result(results[one.number], *one.cycles) for one in came],
    )
    symbols = np.fromfile(folder / "symbols.bin", np.uint32)
    for begin, sent in tmds.pictures(symbols, screen.across, screen.down):
        if model.is_known(begin):
            place = model.result(begin)
            number = None if place is None else came[place].number
            yield Picture(sent, model.picture(begin), number)


def _at_the_tap(record: Path, shown: Sequence[Array]) -> list[Seen]:
    """The pictures that came by, or what came of them."""
    cycles, numbers = np.fromfile(record, np.int64).reshape(-1, 2).T
    begins = np.flatnonzero(np.diff(numbers, prepend=-1))
    return [
        Seen(shown[numbers[begin]], part)
        for begin, part in zip(begins, np.split(cycles, begins[1:]), strict=True)
    ]
