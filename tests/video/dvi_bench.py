"""cocotb test of hw/video/hearth_dvi.sv: bits at the pins; test_dvi.py runs it."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge, Timer

PIXEL_NS, FAST_NS = 200, 40
CLOCK = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]


async def _send(dut: Any, sent: list[int]) -> None:
    rng = random.Random(1)
    while True:
        await FallingEdge(dut.pixel_clk)
        sent.append(rng.getrandbits(30))
        dut.tmds_i.value = sent[-1]


@cocotb.test(timeout_time=1, timeout_unit="ms")
@cocotb.parametrize(phase_ns=range(0, FAST_NS, 5))
async def symbols_leave_bit_by_bit(dut: Any, phase_ns: int) -> None:
    """Whatever the phase of the clocks: each symbol once, in order, along with the pixel clock."""
    Clock(dut.pixel_clk, PIXEL_NS, "ns").start()
    sent: list[int] = []
    cocotb.start_soon(_send(dut, sent))
    await Timer(phase_ns + 1, "ns")
    Clock(dut.fast_clk, FAST_NS, "ns").start()
    await ClockCycles(dut.fast_clk, 40)
    wires: list[list[int]] = [[] for _ in range(4)]
    for _ in range(5 * 60):
        await RisingEdge(dut.fast_clk)
        pairs = int(dut.pairs_o.value)
        for wire in range(4):
            pair = pairs >> 2 * wire & 3
            wires[wire] += [pair & 1, pair >> 1]
    start = next(i for i in range(0, 10, 2) if wires[3][i : i + 10] == CLOCK)
    words = (len(wires[3]) - start) // 10
    assert wires[3][start : start + 10 * words] == CLOCK * words
    got = [
        sum(wires[i // 10][start + 10 * word + i % 10] << i for i in range(30))
        for word in range(words)
    ]
    first = sent.index(got[0])
    assert got == sent[first : first + words]


@cocotb.test(timeout_time=1, timeout_unit="ms")
async def an_edge_that_wavers_moves_nothing(dut: Any) -> None:
    """The pixel clock's edges come a little before or behind the fast clock's, as they like."""
    sent: list[int] = []
    cocotb.start_soon(_send(dut, sent))

    async def wavering() -> None:
        rng = random.Random(2)
        late = 0
        while True:
            now = rng.choice((0, 2))
            dut.pixel_clk.value = 1
            await Timer(PIXEL_NS // 2, "ns")
            dut.pixel_clk.value = 0
            await Timer(PIXEL_NS // 2 + now - late, "ns")
            late = now

    cocotb.start_soon(wavering())
    await Timer(1, "ns")
    Clock(dut.fast_clk, FAST_NS, "ns").start()
    await ClockCycles(dut.fast_clk, 80)
    clock: list[int] = []
    for _ in range(5 * 200):
        await RisingEdge(dut.fast_clk)
        pair = int(dut.pairs_o.value) >> 6
        clock += [pair & 1, pair >> 1]
    start = next(i for i in range(0, 10, 2) if clock[i : i + 10] == CLOCK)
    words = (len(clock) - start) // 10
    assert clock[start : start + 10 * words] == CLOCK * words
