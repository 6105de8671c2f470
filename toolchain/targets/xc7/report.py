"""What the flow found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hearth.toolchain.targets.serial import uart

MEGABYTE = 1 << 20


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures of flow.make."""
    yield (
        f"{figures['network']} on {figures['board']} ({figures['device']}), build"
        f" {figures['build_id']}"
    )
    yield f"{figures['lanes']} MAC lanes; {figures['cycles_per_frame']:,} cycles per frame"
    for name, (used, available) in figures["resources"].items():
        over = "   does not fit" if used > available else ""
        yield f"  {name:10} {used:9,g} of {available:7,}  {used / available:6.1%}{over}"
    for run in figures["tools"]:
        yield (
            f"  {run['tool']:25} {run['seconds']:6.0f} s, {run['cpu_seconds']:6.0f} s of processor,"
            f" {run['peak_bytes'] / MEGABYTE:6.0f} MB"
        )
    if "read_back" in figures:
        memories, bits = figures["read_back"]
        yield f"  {memories} ROMs, {bits:,} bits, equal as read back from the .bit file"
    yield verdict(figures)
    if not uart.usual(figures["baud"]):
        yield (
            f"  the serial port went with the clock to {figures['baud']:,} bits per second (hearth"
            f" compare --baud {figures['baud']}); a board's USB chip may not make that:"
            " docs/design/xc7.md"
        )
    yield from _clock(figures)


def _clock(figures: Mapping[str, Any]) -> Iterator[str]:
    """What the claimed clock rests on (timing.py)."""
    if "bound_mhz" not in figures:
        return
    yield (
        f"  claimed: a tenth less than nextpnr's {figures['fmax_mhz']:.1f} MHz, which leaves out"
        f" DSP48E1, or than {figures['bound_mhz']:.1f} over every path by the database's delays,"
        " whichever is lower; no silicon has confirmed it"
    )
    worst = sorted(figures["bound_worst_ns"].items(), key=lambda entry: -entry[1])
    kinds = ", ".join(
        f"{kind.removeprefix('SLICE_').split('_')[0]} {time:.1f}" for kind, time in worst
    )
    path = figures["bound_path"]
    yield f"  longest path, in ns, by kind of cell: {kinds}"
    yield f"  the longest of all leads from {path[0][0]} to {path[-1][0]}"


def verdict(figures: Mapping[str, Any]) -> str:
    """One line: routed or not, meets its clock or not."""
    if figures["error"]:
        return f"not placed or not routed: {figures['error']}"
    if "bound_error" in figures:
        return f"timing FAILED: no clock is claimed without a bound: {figures['bound_error']}"
    reached = f"{figures['claimed_mhz']:.1f} MHz claimed, {figures['clock_mhz']:g} MHz wanted"
    if not figures["met"]:
        lower = int(figures["claimed_mhz"])
        return (
            f"timing FAILED: {reached}; --clock {lower} --placed BUILD runs what was routed at that"
            " or less, another --seed may do better"
        )
    return f"timing met: {reached}; {figures['frames_per_second']:,.0f} frames per second"
