"""cocotb tests of axi_control alone, every cycle by hand; tests/hw/test_axi.py runs them."""

from __future__ import annotations

from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge

from hearth.toolchain.targets.xilinx.registers import ENABLE, FAULTS, OFFSET, RESTART

INPUTS = (
    *("write_i", "write_data_i", "write_mask_i", "busy_i", "faults_i", "taken_i"),
    *("damaged_i", "answered_i", "waiting_i", "top_i"),
)
EVERY_BIT = 0xFFFFFFFF
RESTART_CYCLES = 31


class Control:
    """The block, its inputs changed in the middle of a cycle."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut

    def read(self, name: str) -> int:
        return int(self.dut.values_o.value) >> (8 * OFFSET[name]) & EVERY_BIT

    async def step(self, cycles: int = 1, **inputs: int) -> None:
        """Inputs (without their _i) for so many cycles, everything else zero."""
        for name in INPUTS:
            getattr(self.dut, name).value = inputs.get(name.removesuffix("_i"), 0)
        for _ in range(cycles):
            await FallingEdge(self.dut.clk)
        for name in INPUTS:
            getattr(self.dut, name).value = 0

    async def write(self, name: str, data: int, mask: int = EVERY_BIT, **inputs: int) -> None:
        """A write in one cycle, other inputs in the same one."""
        register = 1 << OFFSET[name] // 4
        await self.step(write=register, write_data=data, write_mask=mask, **inputs)


async def control(dut: Any) -> Control:
    made = Control(dut)
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.loaded_i.value = 1, 1
    await ClockCycles(dut.clk, 3)
    await made.step()
    dut.rst.value = 0
    await made.step()
    return made


@cocotb.test()
async def strobes(dut: Any) -> None:
    """A byte without its strobe changes nothing."""
    c = await control(dut)
    for data, mask, enabled in (
        (0, EVERY_BIT ^ 0xFF, 1),
        (RESTART, EVERY_BIT ^ 0xFF, 1),
        (0, 0xFF, 0),
        (ENABLE, EVERY_BIT ^ 0xFF, 0),
        (ENABLE, 0xFF, 1),
    ):
        await c.write("control", data, mask)
        assert c.read("control") == enabled == int(dut.enable_o.value)
    await c.write("timeout", 0x11223344)
    await c.write("timeout", 0xAABBCCDD, 0x00FF0000)
    assert c.read("timeout") == int(dut.timeout_o.value) == 0x11BB3344


@cocotb.test()
async def flags_are_cleared_one_by_one(dut: Any) -> None:
    """By ones that are written, with their strobe; a fault of the same cycle is not lost."""
    c = await control(dut)
    every = (1 << len(FAULTS)) - 1
    await c.step(faults=every)
    await c.step(10)
    assert c.read("flags") == every
    await c.write("flags", 0b00101)
    assert c.read("flags") == 0b11010
    await c.write("flags", every, EVERY_BIT ^ 0xFF)
    assert c.read("flags") == 0b11010
    for bit in range(len(FAULTS)):
        await c.write("flags", every, faults=1 << bit)
        assert c.read("flags") == 1 << bit
        await c.write("flags", 1 << bit, faults=1 << bit)
        assert c.read("flags") == 1 << bit
    await c.write("timeout", every)
    assert c.read("flags") == 1 << (len(FAULTS) - 1)


@cocotb.test()
async def counters(dut: Any) -> None:
    c = await control(dut)
    for taken, damaged, answered in ((1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)):
        await c.step(taken=taken, damaged=damaged, answered=answered)
        await c.step(2)
    assert [c.read(name) for name in ("frames", "damaged", "results")] == [3, 2, 2]
    assert c.read("status") == 0
    dut.busy_i.value = 1
    dut.top_i.value = 77
    await FallingEdge(dut.clk)
    assert (c.read("status"), c.read("top")) == (1, 77)


@cocotb.test()
async def period(dut: Any) -> None:
    """Cycles from one answer to the next."""
    c = await control(dut)
    await c.step(answered=1)
    for cycles in (1, 2, 3, 100, 1):
        if cycles > 1:
            await c.step(cycles - 1)
        await c.step(answered=1)
        assert c.read("period") == cycles


@cocotb.test()
async def latency(dut: Any) -> None:
    """Cycles from the first inside a frame to the first in which its result waits."""
    c = await control(dut)
    for cycles in (1, 2, 9, 1000):
        await c.step(cycles, busy=1)
        await c.step(busy=1, waiting=1)
        assert c.read("latency") == cycles
        await c.step(5, waiting=1)  # a result that is not taken is not timed again
        await c.step(taken=1)
        await c.step(answered=1)
        await c.step(3)
        assert c.read("latency") == cycles


@cocotb.test()
async def latency_of_frames_in_a_row(dut: Any) -> None:
    """Only the first, which entered alone, is timed."""
    c = await control(dut)
    await c.step(10, busy=1)
    await c.step(taken=1)
    await c.step(7, busy=1)  # the second frame begins in the 12th cycle
    await c.step(taken=1, waiting=1)
    assert c.read("latency") == 18
    await c.step(answered=1)
    await c.step(20)
    await c.step(3, busy=1)  # the third, while the second is inside
    await c.step(waiting=1)
    assert c.read("latency") == 18


@cocotb.test()
async def restart(dut: Any) -> None:
    """Holds the network in reset, clears counters and flags, keeps enable and timeout."""
    c = await control(dut)
    await c.write("timeout", 9)
    await c.write("control", 0)
    await c.step(taken=1, damaged=1, answered=1, faults=31)
    await c.write("control", RESTART)
    cycles = 0
    while dut.restart_o.value:
        assert c.read("control") == RESTART
        await c.step()
        cycles += 1
    assert cycles == RESTART_CYCLES
    names = ("frames", "results", "damaged", "flags", "period", "latency", "control", "timeout")
    assert [c.read(name) for name in names] == [0, 0, 0, 0, 0, 0, 0, 9]
