"""What the ECP5's PLL (EHXPLLL) allows (Lattice FPGA-DS-02012, sysCLOCK PLL timing; FPGA-TN-02200,
chapter 18).

    CLKOS  f(VCO) / output            the design's clock
    CLKOP  f(VCO) / loop = f(detector), which only closes the loop (CLKFB)

With an output of its own for the loop, any whole multiple of the detector's clock can be divided:
25 MHz * 23 / 8 gives 71.875 MHz with 25 MHz at the detector. Fed back from the design's clock, that
would be 3.125 MHz.
"""

from __future__ import annotations

from hearth.toolchain.targets.serial import pll
from hearth.toolchain.targets.serial.pll import Limits, Pll

LIMITS = Limits(
    detector_hz=(10e6, 400e6),
    vco_hz=(400e6, 800e6),
    output_hz=(3.125e6, 400e6),
    best_vco_hz=600e6,
    reference=128,
    loop=(1, 128),
    output=128,
)


def design(source_hz: int, wanted_hz: float) -> Pll:
    """The PLL for a clock (serial/pll.py)."""
    return pll.design(LIMITS, source_hz, wanted_hz)
