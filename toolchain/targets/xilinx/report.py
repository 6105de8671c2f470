"""What the flow found, in lines for people."""

from __future__ import annotations

import shlex

from hearth.toolchain.targets.target import Figures, Resources
from hearth.toolchain.targets.xilinx.estimate import UNITS

_ADVICE = dict.fromkeys(("lut", "ff", "dsp"), "fewer --lanes") | {
    "bram": "fewer --weight-bits, or another number of --lanes (shapes of ROMs)"
}


def lines(figures: Figures) -> list[str]:
    """The figures of flow.make."""
    counted, limits = Resources(**figures["resources"]), Resources(**figures["limits"])
    text = [
        f"{figures['board']} ({figures['part']}), {figures['clock_mhz']:g} MHz asked for;"
        " counted by Yosys before placement, AXI border included, Vivado's own cores not:"
    ]
    if "video" in figures:
        text.append(f"frames come as {figures['video']}")
    for name, title in UNITS.items():
        used, limit = getattr(counted, name), getattr(limits, name)
        over = "   too many" if name in figures["exceeded"] else ""
        text.append(f"  {title:<12}{used:>12,} of {limit:>9,}{over}")
    if figures["exceeded"]:
        advice = [_ADVICE[name] for name in figures["exceeded"] if name in _ADVICE]
        text.append(f"too large for {figures['part']}: {', '.join(dict.fromkeys(advice))}")
    if figures["bitstream"]:
        return [*text, f"bitstream {figures['bitstream']}"]
    return [*text, f"Vivado is not on PATH: no bitstream, project left in {figures['project']}"]


def next_step(figures: Figures) -> str:
    """What was made, and how to go on."""
    if figures["bitstream"]:
        return f"made {figures['bitstream']}; next: {figures['project']}/README.md, how to use it"
    project = figures["project"]
    build = shlex.join(["make", "-C", project])
    return f"made {project}; next, where Vivado is installed: {build}"
