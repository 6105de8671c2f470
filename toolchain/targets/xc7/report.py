"""What the flow found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    yield (
        "  the clock is nextpnr's less a tenth: its model has no delays of DSP48E1 and one for all"
        " LUTs and flip-flops; no silicon has confirmed it"
    )
    yield from _bound(figures)


def _bound(figures: Mapping[str, Any]) -> Iterator[str]:
    """The clock by a bound over every path (timing.py)."""
    if "bound_error" in figures:
        yield f"  no bound on the clock: {figures['bound_error']}"
    if "bound_mhz" in figures:
        worst = sorted(figures["bound_worst_ns"].items(), key=lambda entry: -entry[1])
        paths = ", ".join(f"{kind.split('_')[-1]} {time:.1f}" for kind, time in worst)
        yield (
            f"  every path by the database's delays: {figures['bound_mhz']:.1f} MHz, safe at"
            f" {figures['bound_claimed_mhz']:.1f}; ns by kind of cell: {paths}"
        )


def verdict(figures: Mapping[str, Any]) -> str:
    """One line: routed or not, meets its clock or not."""
    if figures["error"]:
        return f"not placed or not routed: {figures['error']}"
    reached = (
        f"{figures['claimed_mhz']:.1f} MHz claimed of nextpnr's {figures['fmax_mhz']:.1f},"
        f" {figures['clock_mhz']:g} MHz wanted"
    )
    if not figures["met"]:
        return f"timing FAILED: {reached}; ask for --clock {int(figures['claimed_mhz'])} or less"
    return f"timing met: {reached}; {figures['frames_per_second']:,.0f} frames per second"
