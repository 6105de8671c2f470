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
    yield (
        f"{figures['lanes']} MAC lanes, {figures['lanes_in_luts']} of them in LUTs;"
        f" {figures['cycles_per_frame']:,} cycles per frame"
    )
    if "video" in figures:
        yield f"beside the link {figures['video']}"
    for name, (used, available) in figures["resources"].items():
        over = "   does not fit" if used > available else ""
        yield f"  {name:10} {used:7,} of {available:7,}  {used / available:6.1%}{over}"
    for net, (reached, asked) in figures.get("clocks", {}).items():
        yield f"  clock {net}: {reached:.1f} MHz reached, {asked:g} asked for"
    for run in figures["tools"]:
        yield (
            f"  {run['tool']:13} {run['seconds']:6.0f} s, {run['cpu_seconds']:6.0f} s of processor,"
            f" {run['peak_bytes'] / MEGABYTE:6.0f} MB"
        )
    if len(figures.get("seeds_mhz", {})) > 1:
        reached = ", ".join(f"{seed}: {mhz:.1f}" for seed, mhz in figures["seeds_mhz"].items())
        yield f"  MHz by seed {reached}; seed {figures['seed']} is kept"
    if "read_back" in figures:
        memories, bits = figures["read_back"]
        logic = figures.get("logic_roms", {})
        rest = f"; {len(logic)} are logic, or end in it, and cannot be read" if logic else ""
        yield f"  {memories} ROMs, {bits:,} bits, equal as read back from the .bit file{rest}"
    yield verdict(figures)


def over(figures: Mapping[str, Any]) -> list[str]:
    """What there is too little of."""
    return [
        f"{used:,} {name} of {available:,}"
        for name, (used, available) in figures["resources"].items()
        if used > available
    ]


def verdict(figures: Mapping[str, Any]) -> str:
    """One line: fits or not, meets its clock or not."""
    if over(figures):
        return f"does not fit: needs {', '.join(over(figures))}"
    if figures["error"]:
        return f"not placed or not routed: {figures['error']}"
    reached = f"{figures['fmax_mhz']:.1f} MHz reached, {figures['clock_mhz']:g} MHz wanted"
    if not figures["met"]:
        return f"timing FAILED: {reached}; {_advice(figures)}"
    return f"timing met: {reached}; {figures['frames_per_second']:,.0f} frames per second"


def _advice(figures: Mapping[str, Any]) -> str:
    if figures["fmax_mhz"] < figures["clock_mhz"]:
        return f"ask for --clock {int(figures['fmax_mhz'])} or less"
    clocks = figures.get("clocks", {}).items()
    missed = ", ".join(net for net, (reached, asked) in clocks if reached < asked)
    return f"but {missed or 'another clock'} is missed: try another --seed"
