"""What the 7 series' PLL (PLLE2_ADV) allows in the slowest speed grade, -1 (AMD DS181, table "PLL
specification"; UG472, chapter 3). The loop is closed inside the PLL; a BUFG, which DS181 lets run
at up to 464 MHz, drives the design's clock.
"""

from __future__ import annotations

from hearth.toolchain.targets.serial import pll
from hearth.toolchain.targets.serial.pll import Limits, Pll

LIMITS = Limits(
    detector_hz=(19e6, 450e6),
    vco_hz=(800e6, 1600e6),
    output_hz=(6.25e6, 464e6),
    best_vco_hz=1200e6,
    reference=56,
    loop=(2, 64),
    output=128,
)


def design(source_hz: int, wanted_hz: float) -> Pll:
    """The PLL for a clock (serial/pll.py)."""
    return pll.design(LIMITS, source_hz, wanted_hz)
