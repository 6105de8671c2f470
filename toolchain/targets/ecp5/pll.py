"""Numbers of the ECP5's PLL (EHXPLLL) for a wanted clock.

    f(detector) = f(in) / reference          10 to 400 MHz
    f(VCO)      = f(detector) * loop         400 to 800 MHz
    f(out)      = f(VCO) / output            CLKOS, the design's clock
    f(VCO) / loop = f(detector)              CLKOP, which only closes the loop (CLKFB)

(Lattice FPGA-DS-02012, sysCLOCK PLL timing; FPGA-TN-02200, chapter 18.) With an output of its own
for the loop, any whole multiple of the detector's clock can be divided: 25 MHz * 23 / 8 gives
71.875 MHz with 25 MHz at the detector. Fed back from the design's clock, that would be 3.125 MHz.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hearth.toolchain.support.errors import HearthError

DETECTOR_HZ = (10e6, 400e6)
VCO_HZ = (400e6, 800e6)
OUTPUT_HZ = (3.125e6, 400e6)
DIVIDERS = 128
"""The largest reference and output divider."""
_VCO_BEST_HZ = 600e6
_OVER = 1.001
"""By how much the clock may exceed the wish, for wishes that were rounded."""


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


def design(source_hz: int, wanted_hz: float) -> Pll:
    """The PLL whose output comes closest to `wanted_hz` from below or at most 0.1 % above.

    Of several the one with the fastest phase detector, then with the VCO nearest to its middle.
    HearthError when none comes within 10 %.
    """
    best = max(_below(source_hz, wanted_hz * _OVER), key=_merit, default=None)
    if best is None or best.hz < wanted_hz * 0.9:
        raise HearthError(
            f"--clock: no PLL setting makes {wanted_hz / 1e6:g} MHz from the board's"
            f" {source_hz / 1e6:g} MHz; ask for 10 to 400 MHz"
        )
    return best


def _below(source_hz: int, limit_hz: float) -> Iterator[Pll]:
    """For every VCO clock within the data sheet the fastest output up to `limit_hz`."""
    limit_hz = min(limit_hz, OUTPUT_HZ[1])
    for reference in range(1, min(DIVIDERS, int(source_hz / DETECTOR_HZ[0])) + 1):
        for loop in range(1, DIVIDERS + 1):
            vco_hz = source_hz * loop / reference
            pll = Pll(source_hz, reference, loop, max(1, math.ceil(vco_hz / limit_hz)))
            if _within_data_sheet(pll):
                yield pll


def _within_data_sheet(pll: Pll) -> bool:
    limits = ((pll.detector_hz, DETECTOR_HZ), (pll.vco_hz, VCO_HZ), (pll.hz, OUTPUT_HZ))
    return pll.output <= DIVIDERS and all(low <= hz <= high for hz, (low, high) in limits)


def _merit(pll: Pll) -> tuple[float, float, float]:
    return pll.hz, pll.detector_hz, -abs(pll.vco_hz - _VCO_BEST_HZ)
