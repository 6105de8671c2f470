"""The options of `hearth compile` that say how large or how fast the hardware is to be.

With a board they narrow what is chosen for it: a pace is met and no more, lanes are a limit like
those of the part, and the clock is the board's unless another is given.

Passes know lanes and cycles only; `asked` keeps what the user wrote, so that a refusal later on
(mapping/fold.py) names the options that were given and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hearth.toolchain.support.errors import HearthError

DEFAULT_LANES = 256


@dataclass(frozen=True)
class Folding:
    """At most so many MAC lanes, or at most so many cycles per frame: one of the two, or, for a
    board, none."""

    lanes: int | None
    cycles: int | None
    asked: str


def choose(
    lanes: int | None,
    cycles: int | None,
    fps: float | None,
    clock: float | None,
    like: bool,
    fifo_loss: float | None = None,
    board_mhz: float | None = None,
) -> Folding:
    """HearthError for options that contradict each other; DEFAULT_LANES when none was given.

    board_mhz   the usual clock of a board for which weights and folding are chosen
    """
    values = {"--lanes": lanes, "--cycles": cycles, "--fps": fps, "--clock": clock}
    given = {name: value for name, value in values.items() if value is not None}
    others = {"--fifo-loss": fifo_loss, "--board": board_mhz}
    fixed = [name for name, value in {**values, **others}.items() if value is not None]
    if like and fixed:
        raise HearthError(f"--like: the folding is that build's; leave {_all(fixed)} out")
    if len(given.keys() - {"--clock"}) > 1:
        raise HearthError(f"{_all(n for n in given if n != '--clock')}: give only one of them")
    if clock is not None and fps is None and board_mhz is None:
        raise HearthError(
            f"--clock {clock:g}: means something beside a frame rate only, such as --fps 60; leave"
            " it out or give the rate"
        )
    if fps is None:
        default = lanes is None and cycles is None and board_mhz is None
        return Folding(DEFAULT_LANES if default else lanes, cycles, _words(given))
    clock = board_mhz if clock is None else clock
    if clock is None:
        raise HearthError(
            f"--fps {fps:g}: give the clock in MHz as well, such as --fps {fps:g} --clock 100"
        )
    if not (0 < fps < 1e6 and 0 < clock < 1e5):
        raise HearthError(
            f"--fps {fps:g} --clock {clock:g}: frames per second between 0 and 1,000,000 and MHz"
            " between 0 and 100,000 are expected"
        )
    return Folding(None, max(1, int(clock * 1e6 / fps)), _words(given))


def _all(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _words(given: Mapping[str, float]) -> str:
    return " ".join(f"{name} {value:.12g}" for name, value in given.items())
