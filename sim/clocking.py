"""What cocotb does during a simulation: clock, reset, waiting, progress. Nothing per clock cycle.

Runs inside the simulator process (module name given to the runner by sim/execute.py).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, First, RisingEdge, Timer

PERIOD_NS = 2
WAKE_CYCLES = 20_000
"""Cycles between two looks from Python; each costs microseconds."""


@cocotb.test()
async def run(dut: Any) -> None:
    """Clock the harness until it says `finished`; hearth_run_control.sv decides when."""
    dut.rst.value = 1
    Clock(dut.clk, PERIOD_NS, unit="ns", impl="gpi").start()
    await ClockCycles(dut.clk, 4)
    await Timer(PERIOD_NS // 2, unit="ns")  # change reset away from the clock edge
    dut.rst.value = 0
    start = time.perf_counter()
    while not int(dut.finished.value):
        await First(RisingEdge(dut.finished), Timer(PERIOD_NS * WAKE_CYCLES, unit="ns"))
        cycles, delivered = int(dut.cycles.value), int(dut.delivered.value)
        Path("progress.txt").write_text(f"{cycles} {delivered}\n")
    with Path("results.txt").open("a") as file:
        file.write(f"seconds {time.perf_counter() - start:.3f}\n")
