"""cocotb test of hw/video/hearth_screen_rate.sv; test_screen.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, Timer

PERIOD_NS = 10
FRAMES = (7, 0, 10, 99, 109, 999, 1000, 9998, 9999, 10_000, 10_500, 1)
"""Of a second, one cycle after another from its first on."""


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def frames_of_the_second_before(dut: Any) -> None:
    Clock(dut.clk, PERIOD_NS, "ns").start()
    second = int(dut.ClockHz.value)
    dut.rst.value, dut.frame_i.value = 1, 0
    await ClockCycles(dut.clk, 3)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    for frames in FRAMES:
        dut.frame_i.value = int(frames > 0)
        if frames:
            await Timer(frames * PERIOD_NS, "ns")
        dut.frame_i.value = 0
        await Timer((second - frames) * PERIOD_NS, "ns")
        digits = int(dut.digits_o.value)
        assert f"{digits:x}" == str(min(frames, 9999))
