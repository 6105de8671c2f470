"""cocotb test of hw/video/hearth_scaler_mean.sv on every sum; test_scaler.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge


@cocotb.test(timeout_time=1, timeout_unit="ms")
async def quotients_change_where_they_should(dut: Any) -> None:
    """Both sides of every place where the mean changes: a product never falls as the sum grows, so
    all sums between two of these have their quotient, too."""
    Clock(dut.clk, 10, "ns").start()
    area = int(dut.Area.value)
    first = [(2 * mean * area - area + 1) // 2 for mean in range(1, 256)]
    sums = sorted({0, 255 * area, *first, *(total - 1 for total in first)})
    dut.go_i.value = 1
    found: list[int] = []
    for total in [*sums, 0, 0, 0]:
        dut.s_data.value = total
        await RisingEdge(dut.clk)
        found.append(int(dut.m_data.value))
    assert found[2:-1] == [(2 * total + area) // (2 * area) for total in sums]
