"""cocotb test of hw/video/hearth_screen_shares.sv against its golden model; test_screen.py runs
it."""

from __future__ import annotations

import os
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from hearth.toolchain.ir import Array
from tests.video.screens import SCREENS, ranked, result

LOWEST, HIGHEST = -(2**31), 2**31 - 1


async def _say(dut: Any, words: Array, counts: bool = True) -> int:
    """Frames that were told."""
    told = 0
    dut.counts_i.value = int(counts)
    for word in words:
        dut.word_i.value, dut.valid_i.value = int(word) & 0xFFFFFFFF, 1
        await RisingEdge(dut.clk)
        told += int(dut.frame_o.value)
        await FallingEdge(dut.clk)
    dut.valid_i.value = 0
    return told


def _fields(value: int, bits: int, count: int) -> list[int]:
    return [value >> bits * i & (1 << bits) - 1 for i in range(count)]


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def shares_equal_the_golden_model(dut: Any) -> None:
    """Certain, doubtful, all alike, and the farthest that logits can be apart."""
    screen = SCREENS[os.environ["HEARTH_TEST_SCREEN"]]
    rng = np.random.default_rng(1)
    classes = len(screen.names)
    bits = max(1, (classes - 1).bit_length())
    extremes = rng.permutation(np.resize([LOWEST, HIGHEST, 0, HIGHEST], classes)).astype(np.int64)
    frames = [
        *(result(screen, rng, spread) for spread in np.geomspace(0.01, 100, 40)),
        ranked(np.zeros(classes, np.int64), screen.ranked),
        ranked(extremes, screen.ranked),
        ranked(-1 - extremes, screen.ranked),
    ]
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.valid_i.value = 1, 0
    await ClockCycles(dut.clk, 3)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    work = 6 * (classes + 1) + screen.shown * (screen.panel + 9)
    for words in frames:
        before = int(dut.shares_o.value)
        await _say(dut, words)
        await ClockCycles(dut.clk, work - 1)
        await FallingEdge(dut.clk)
        assert int(dut.shares_o.value) == before, "changed before all was done"
        await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)
        said = screen.said(words, 0)
        assert _fields(int(dut.classes_o.value), bits, screen.shown) == said.classes.tolist()
        found = _fields(int(dut.shares_o.value), screen.panel + 4, screen.shown)
        assert found == said.shares.tolist()


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def frames_too_many_are_passed_over_whole(dut: Any) -> None:
    """With no pause between results each that is shown is one of those that count, and all of these
    are told."""
    screen = SCREENS[os.environ["HEARTH_TEST_SCREEN"]]
    rng = np.random.default_rng(2)
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value, dut.valid_i.value = 1, 0
    await ClockCycles(dut.clk, 3)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    frames = [result(screen, rng, 2.0) for _ in range(60)]
    shown: list[int] = []

    async def watch() -> None:
        while True:
            await FallingEdge(dut.clk)
            value = int(dut.shares_o.value)
            if value and (not shown or shown[-1] != value):
                shown.append(value)

    cocotb.start_soon(watch())
    told = 0
    for number, words in enumerate(frames):
        told += await _say(dut, words, number % 3 > 0)
    await ClockCycles(dut.clk, 500)
    assert told == len(frames) * 2 // 3
    wanted = [screen.said(words, 0).shares.tolist() for i, words in enumerate(frames) if i % 3]
    found = [_fields(value, screen.panel + 4, screen.shown) for value in shown]
    assert len(found) > 5
    assert all(shares in wanted for shares in found)
