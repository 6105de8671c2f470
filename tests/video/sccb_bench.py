"""cocotb test of hw/video/hearth_sccb.sv by what a camera reads from the wires: an I2C device that
takes addresses of registers of one byte or of two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

PAUSE = 0xFFFF


def entries(path: Path) -> list[tuple[int, int]]:
    """Register and value of each line of a table."""
    words = [line.split("//")[0].strip() for line in path.read_text().splitlines()]
    return [(int(word, 16) >> 8, int(word, 16) & 255) for word in words if word]


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def every_register_is_written(dut: Any) -> None:
    """Start, device, register, value, each byte with a ninth bit that is left free, stop; pauses as
    long as told."""
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value = 1
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    wanted = entries(Path("table.hex"))
    size = int(dut.RegisterBytes.value)
    found: list[bytes] = []
    quiet, longest, bits = 0, 0, ""
    was = (1, 1)
    while not dut.done_o.value:
        await RisingEdge(dut.clk)
        now = (1 - int(dut.scl_low_o.value), 1 - int(dut.sda_low_o.value))
        quiet = quiet + 1 if now == (1, 1) else 0
        longest = max(longest, quiet)
        assert was[0] == now[0] or was[1] == now[1], "both lines at once"
        if was[0] and now[0] and was[1] != now[1]:
            if not now[1]:
                assert bits == "", "a start in the middle of a write"
            else:
                found.append(_read(bits, 2 + size))
            bits = ""
        elif now[0] and not was[0]:
            bits += str(now[1])
        was = now
    device = int(dut.Device.value)
    writes = [(r.to_bytes(2, "big")[2 - size :], v) for r, v in wanted if r != PAUSE]
    assert found == [bytes((device, *register, value)) for register, value in writes]
    pause = max(v for r, v in wanted if r == PAUSE)
    quarter = int(dut.Quarter.value)
    assert longest >= 4 * quarter * 256 * (pause + 1)


def _read(bits: str, count: int) -> bytes:
    """Bytes between start and stop; the last bit is that of the stop itself, as SCL rises there."""
    assert len(bits) == 9 * count + 1, bits
    parts = [bits[i : i + 9] for i in range(0, 9 * count, 9)]
    assert all(part[8] == "1" for part in parts), "the camera's bit is driven"
    return bytes(int(part[:8], 2) for part in parts)
