"""The serial port's rates, and the divisor that makes the fastest of them from a clock."""

from __future__ import annotations

from hearth.toolchain.support.errors import HearthError

BAUDS = (3_000_000, 2_000_000, 1_500_000, 1_000_000, 500_000, 115_200)
"""Rates that FTDI's chips make exactly (but for the last), fastest first."""
SLOWEST, FASTEST = BAUDS[-1] // 4, 12_000_000
"""Of any port: a quarter of the clock that a design was routed for, and what FTDI's fastest do."""
_BAUD_ERROR = 0.01


def divisor(clock_hz: float) -> tuple[int, int]:
    """(divisor, baud): the fastest rate that `clock_hz` divides into within 1 %."""
    for baud in BAUDS:
        cycles = round(clock_hz / baud)
        if cycles >= 4 and abs(clock_hz / cycles / baud - 1) <= _BAUD_ERROR:
            return cycles, baud
    raise HearthError(f"--clock: {clock_hz / 1e6:g} MHz is too slow for the board's serial port")


def usual(baud: int) -> bool:
    """Whether this is, within 1 %, a rate that every FTDI chip makes."""
    return any(abs(baud / rate - 1) <= _BAUD_ERROR for rate in BAUDS)
