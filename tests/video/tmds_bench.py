"""cocotb test of hw/video/hearth_tmds.sv against its golden model; test_dvi.py runs it."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

from hearth.toolchain.video import tmds


def reachable() -> dict[int, list[int]]:
    """Every excess of ones that bytes lead to, with the shortest run of bytes that does."""
    ways: dict[int, list[int]] = {0: []}
    waiting = [0]
    for excess in waiting:
        for byte in range(256):
            after = tmds.encode(byte, excess)[1]
            if after not in ways:
                ways[after] = [*ways[excess], byte]
                waiting.append(after)
    return ways


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def every_byte_behind_every_excess(dut: Any) -> None:
    """A pause, then the bytes that lead to an excess, then each byte; and every pause's symbol."""
    Clock(dut.clk, 10, "ns").start()
    sent: list[int | None] = []
    wanted: list[int] = []
    for way in reachable().values():
        for byte in range(256):
            excess = 0
            sent.append(None)
            wanted.append(tmds.CONTROL[byte % 4])
            for one in (*way, byte):
                symbol, excess = tmds.encode(one, excess)
                sent.append(one)
                wanted.append(symbol)
    dut.rst.value = 0
    found, pause = [], 0
    for byte_or_none in [*sent, None, None]:
        dut.seen_i.value = int(byte_or_none is not None)
        dut.data_i.value = byte_or_none or 0
        dut.control_i.value = pause % 4
        pause += byte_or_none is None
        await RisingEdge(dut.clk)
        found.append(int(dut.symbol_o.value))
    assert found[1:-1] == wanted
