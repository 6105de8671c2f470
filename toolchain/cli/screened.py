"""The screen of a virtual board: each of its pictures held against the golden model, and all of
them as a clip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from hearth.sim.virtual_board.screened import Picture
from hearth.toolchain.data.clips import writer
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.support.text import printable

_TICK = Fraction(1, 90_000)
RIGHT = "every pixel is the golden model's"


@dataclass(frozen=True)
class Screened:
    """What was on the screen.

    pictures  how many
    results   numbers of the camera's pictures whose results it showed
    wrong     '' or a sentence about the first picture that is not the golden model's
    clip      where all of them are
    """

    pictures: int
    results: tuple[int, ...]
    wrong: str
    clip: Path

    @property
    def lines(self) -> list[str]:
        """For people."""
        said = f"{self.pictures} pictures of the screen, results of {len(self.results)} images"
        return [f"{said}: {self.wrong or RIGHT}", printable(f"labelled clip: {self.clip}")]

    @property
    def figures(self) -> dict[str, Any]:
        """For --json."""
        return {
            "pictures": self.pictures,
            "results_shown": len(self.results),
            "first_difference": self.wrong,
            "clip": str(self.clip),
        }


def judged(shown: Iterable[Picture], clip: Path, file: BinaryIO, rate: Fraction) -> Screened:
    """Compare the pictures, and write them to the open file of `clip`, `rate` a second. HearthError
    where there are none."""
    count, wrong = 0, ""
    results: set[int] = set()
    with writer.Writer(clip, file, _TICK, rate) as out:
        try:
            for picture in shown:
                out.add(picture.sent, count / rate)
                wrong = wrong or (picture.wrong and f"picture {count}: {picture.wrong}")
                count += 1
                if picture.result is not None:
                    results.add(picture.result)
        except ValueError as error:
            wrong = wrong or f"what is sent is no picture: {error}"
        if not count:
            raise HearthError(
                f"{clip}: is not written: no picture of the camera's came to the screen whole"
                f"{wrong and f' ({wrong})'}"
            )
    return Screened(count, tuple(sorted(results)), wrong, clip)
