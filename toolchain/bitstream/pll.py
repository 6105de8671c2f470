"""Numbers of the ECP5's PLL (EHXPLLL) and of the UART's divisor for a wanted clock.

f(out) = f(in) * feedback / reference;  the VCO, f(out) * output, must run at 400 to 800 MHz and the
phase detector, f(in) / reference, at 10 MHz or more (Lattice FPGA-TN-02200, chapter 18).
"""

from __future__ import annotations

from dataclasses import dataclass

from toolchain.errors import HearthError

_LOWEST_PHASE_HZ = 3.125e6
_VCO_HZ = (400e6, 800e6)
_VCO_BEST_HZ = 600e6
BAUDS = (3_000_000, 2_000_000, 1_500_000, 1_000_000, 500_000, 115_200)
"""Rates that FTDI's chips make exactly (but for the last), fastest first."""
_BAUD_ERROR = 0.01


@dataclass(frozen=True)
class Pll:
    """Dividers, and the frequency they give."""

    reference: int
    feedback: int
    output: int
    hz: float


def design(source_hz: int, wanted_hz: float) -> Pll:
    """The PLL whose output comes closest to `wanted_hz` from below or at most 0.1 % above."""
    best: Pll | None = None
    for reference in range(1, int(source_hz / _LOWEST_PHASE_HZ) + 1):
        for feedback in range(1, 81):
            hz = source_hz * feedback / reference
            if hz > wanted_hz * 1.001:
                break
            output = max(1, round(_VCO_BEST_HZ / hz))
            if not _VCO_HZ[0] <= hz * output <= _VCO_HZ[1] or output > 128:
                continue
            if best is None or hz > best.hz:
                best = Pll(reference, feedback, output, hz)
    if best is None or best.hz < wanted_hz * 0.9:
        raise HearthError(
            f"--clock: no PLL setting makes {wanted_hz / 1e6:g} MHz from the board's"
            f" {source_hz / 1e6:g} MHz; ask for 10 to 400 MHz"
        )
    return best


def uart(clock_hz: float) -> tuple[int, int]:
    """(divisor, baud): the fastest rate that `clock_hz` divides into within 1 %."""
    for baud in BAUDS:
        divisor = round(clock_hz / baud)
        if divisor >= 4 and abs(clock_hz / divisor / baud - 1) <= _BAUD_ERROR:
            return divisor, baud
    raise HearthError(f"--clock: {clock_hz / 1e6:g} MHz is too slow for the board's serial port")
