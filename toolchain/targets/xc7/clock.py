"""The clock of a routed design, which can be changed where it lies: in the FASM, as the dividers of
its PLL.

Only the divider of the output changes (serial/pll.py). VCO and loop stay, with the filter and the
times to lock that nextpnr set for them. A counter that divides by n (AMD XAPP888, table 1) is high
for n // 2 cycles and low for the rest, EDGE if that is one more; n = 1 is NO_COUNT.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.serial.pll import OVER, Pll

_LINE = re.compile(r"^(\w+\.PLLE2_ADV)\.(\S+?)(?:\[[\d:]+\])?(?: = \d+'b([01]+))?\n", re.MULTILINE)
_COUNTERS = (
    ("DIVCLK_DIVCLK", "DIVCLK_DIVCLK"),
    ("CLKFBOUT_CLKOUT1", "CLKFBOUT_CLKOUT2"),
    ("CLKOUT0_CLKOUT1", "CLKOUT0_CLKOUT2"),
)
"""Of Pll's dividers, reference, loop and output: registers of the times and of the rest."""
_TIMES, _REST = _COUNTERS[-1]
_OUTPUT = (f"{_TIMES}_HIGH_TIME", f"{_TIMES}_LOW_TIME", f"{_REST}_EDGE", f"{_REST}_NO_COUNT")
_HIGHEST = 126
"""Of a counter, whose times have six bits each."""


def of(routed: str, name: str, source_hz: int) -> Pll:
    """The PLL of a routed design in FASM, behind an oscillator of `source_hz`. `name` is what
    errors call it; HearthError unless it has one PLL."""
    lines = _LINE.findall(routed)
    if len({site for site, _, _ in lines}) != 1:
        raise HearthError(f"{name}: expected one PLL and its dividers; make the bitstream anew")
    values = {feature: int(value or "1", 2) for _, feature, value in lines}
    return Pll(source_hz, *(_divider(values, *counter) for counter in _COUNTERS))


def retuned(routed: str, before: Pll, wanted_hz: float) -> tuple[str, Pll]:
    """The design, whose PLL is `before`, with the fastest clock up to `wanted_hz` that its VCO
    gives, and its PLL then. HearthError where that is too slow for the PLL."""
    output = max(1, math.ceil(before.vco_hz / (wanted_hz * OVER)))
    if output > _HIGHEST:
        raise HearthError(
            f"--clock: a PLL at {before.vco_hz / 1e6:g} MHz gives no {wanted_hz / 1e6:g} MHz; ask"
            f" for {math.ceil(before.vco_hz / 1e6 / _HIGHEST)} or more"
        )
    sites = []

    def kept(line: re.Match[str]) -> str:
        sites.append(line[1])
        return "" if line[2] in _OUTPUT else line[0]

    rest = _LINE.sub(kept, routed)
    return rest + "".join(f"{sites[0]}.{line}\n" for line in _output(output)), replace(
        before, output=output
    )


def _output(divider: int) -> list[str]:
    """The counter of the output, as features."""
    high, low, edge, alone = _OUTPUT
    half = divider // 2
    if divider == 1:
        return [f"{high}[5:0] = 6'b000001", f"{low}[5:0] = 6'b000001", f"{alone}[0]"]
    times = [f"{high}[5:0] = 6'b{half:06b}", f"{low}[5:0] = 6'b{divider - half:06b}"]
    return [*times, f"{edge}[0]"] if divider % 2 else times


def _divider(values: dict[str, int], times: str, rest: str) -> int:
    if values.get(f"{rest}_NO_COUNT"):
        return 1
    return values.get(f"{times}_HIGH_TIME", 0) + values.get(f"{times}_LOW_TIME", 0)
