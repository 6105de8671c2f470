"""Numbers of a PLL for a wanted clock, whose dividers every family here has:

    f(detector) = f(in) / reference
    f(VCO)      = f(detector) * loop
    f(out)      = f(VCO) / output            the design's clock

What a family's data sheet allows are its `Limits`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hearth.toolchain.support.errors import HearthError

OVER = 1.001
"""By how much the clock may exceed the wish, for wishes that were rounded."""


@dataclass(frozen=True)
class Limits:
    """Lowest and highest clocks in Hz and dividers of a PLL, and where its VCO is best."""

    detector_hz: tuple[float, float]
    vco_hz: tuple[float, float]
    output_hz: tuple[float, float]
    best_vco_hz: float
    reference: int
    loop: tuple[int, int]
    output: int


@dataclass(frozen=True)
class Pll:
    """Dividers between an input of `source_hz` and the design's clock."""

    source_hz: int
    reference: int
    loop: int
    output: int

    @property
    def detector_hz(self) -> float:
        return self.source_hz / self.reference

    @property
    def vco_hz(self) -> float:
        return self.source_hz * self.loop / self.reference

    @property
    def hz(self) -> float:
        """The design's clock."""
        return self.source_hz * self.loop / (self.reference * self.output)


def design(limits: Limits, source_hz: int, wanted_hz: float) -> Pll:
    """The PLL whose output comes closest to `wanted_hz` from below or at most 0.1 % above.

    Of several the one with the fastest phase detector, then with the VCO nearest to its best.
    HearthError when none comes within 10 %.
    """

    def merit(pll: Pll) -> tuple[float, float, float]:
        return pll.hz, pll.detector_hz, -abs(pll.vco_hz - limits.best_vco_hz)

    best = max(_below(limits, source_hz, wanted_hz * OVER), key=merit, default=None)
    if best is None or best.hz < wanted_hz * 0.9:
        raise HearthError(
            f"--clock: no PLL setting makes {wanted_hz / 1e6:g} MHz from the board's"
            f" {source_hz / 1e6:g} MHz; ask for 10 to {limits.output_hz[1] / 1e6:g} MHz"
        )
    return best


def _below(limits: Limits, source_hz: int, limit_hz: float) -> Iterator[Pll]:
    """For every VCO clock within the data sheet the fastest output up to `limit_hz`."""
    limit_hz = min(limit_hz, limits.output_hz[1])
    slowest = int(source_hz / limits.detector_hz[0])
    for reference in range(1, min(limits.reference, slowest) + 1):
        for loop in range(limits.loop[0], limits.loop[1] + 1):
            vco_hz = source_hz * loop / reference
            pll = Pll(source_hz, reference, loop, max(1, math.ceil(vco_hz / limit_hz)))
            if _allowed(limits, pll):
                yield pll


def _allowed(limits: Limits, pll: Pll) -> bool:
    clocks = (
        (pll.detector_hz, limits.detector_hz),
        (pll.vco_hz, limits.vco_hz),
        (pll.hz, limits.output_hz),
    )
    return pll.output <= limits.output and all(low <= hz <= high for hz, (low, high) in clocks)
