"""cocotb test of hw/video/hearth_screen_timing.sv: VESA's numbers; test_dvi.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, Edge, FallingEdge, RisingEdge
from cocotb.utils import get_sim_time

PERIOD_NS = 40
LINE, LINES = 800, 525
"""VESA DMT 0x04: 640 + 16 + 96 + 48 pixels, 480 + 10 + 2 + 33 lines; both syncs low."""


def _cycle() -> int:
    return round(get_sim_time("ns") / PERIOD_NS)


async def _changes(signal: Any, count: int) -> list[tuple[int, int]]:
    """Cycle and new level of the signal's next changes."""
    found = []
    for _ in range(count):
        await Edge(signal)
        found.append((_cycle(), int(signal.value)))
    return found


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def timing_is_vesa(dut: Any) -> None:
    """Every edge of both syncs and of the picture over two pictures, cycle by cycle."""
    Clock(dut.clk, PERIOD_NS, "ns").start()
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    await RisingEdge(dut.clk)
    start = _cycle() - 1  # the cycle in which x and y are 0
    hsync = cocotb.start_soon(_changes(dut.hsync_o, 2 * 2 * LINES))
    vsync = cocotb.start_soon(_changes(dut.vsync_o, 4))
    seen = cocotb.start_soon(_changes(dut.seen_o, 2 * 2 * 480 - 1))
    over = cocotb.start_soon(_changes(dut.over_o, 4))
    picture = LINE * LINES
    assert [(cycle - start, level) for cycle, level in await hsync] == [
        (line * LINE + edge, level)
        for line in range(2 * LINES)
        for edge, level in ((656, 0), (752, 1))
    ]
    assert [(cycle - start, level) for cycle, level in await vsync] == [
        (number * picture + line * LINE + 656, level)
        for number in range(2)
        for line, level in ((490, 0), (492, 1))
    ]
    changes = [(0, 1), (640, 0)]
    assert [(cycle - start, level) for cycle, level in await seen] == [
        (number * picture + line * LINE + edge, level)
        for number in range(2)
        for line in range(480)
        for edge, level in changes
    ][1:]
    assert [(cycle - start, level) for cycle, level in await over] == [
        (number * picture + 480 * LINE - 1 + edge, 1 - edge)
        for number in range(2)
        for edge in (0, 1)
    ]
