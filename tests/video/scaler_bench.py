"""cocotb tests of hw/video/hearth_scaler.sv against its golden model; test_scaler.py runs them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge

from hearth.toolchain.ir import Array
from hearth.toolchain.video.geometry import Axis
from hearth.toolchain.video.scaler import Scaler
from tests.hw.beats import Beat, beats_of, mended, spoil

STALL = 0.3
"""Of cycles, on either side."""


class Bench:
    """The scaler out of reset, with a sink that takes what comes."""

    def __init__(self, dut: Any, rng: random.Random, stall: float) -> None:
        self.dut, self.rng, self.stall = dut, rng, stall
        self.taken: list[Beat] = []
        self.starts: list[int] = []
        """Cycles in which a frame's first pixel was taken from the source."""
        self.refused = self.cycle = 0
        """Cycles in which the source had to hold a pixel; all cycles."""
        sizes = {name: int(getattr(dut, name).value) for name in _SIZES}
        self.colours = int(dut.Colours.value)
        self.scaler = Scaler(
            Axis(sizes["SourceWidth"], sizes["ScaledWidth"], sizes["Width"]),
            Axis(sizes["SourceHeight"], sizes["ScaledHeight"], sizes["Height"]),
        )
        self.shape = self.scaler.y.source, self.scaler.x.source, self.colours

    async def start(self) -> None:
        dut = self.dut
        Clock(dut.clk, 10, "ns").start()
        dut.rst.value, dut.enable_i.value, dut.timeout_i.value = 1, 1, 0
        dut.s_axis_tvalid.value = dut.m_axis_tready.value = 0
        await ClockCycles(dut.clk, 3)
        dut.rst.value = 0
        cocotb.start_soon(self._sink())

    async def send(self, beats: Sequence[Beat]) -> None:
        dut = self.dut
        for pixel, start, end in beats:
            while self.rng.random() < self.stall:
                dut.s_axis_tvalid.value = 0
                await RisingEdge(dut.clk)
            dut.s_axis_tdata.value, dut.s_axis_tvalid.value = pixel, 1
            dut.s_axis_tuser.value, dut.s_axis_tlast.value = int(start), int(end)
            await RisingEdge(dut.clk)
            while not dut.s_axis_tready.value:
                self.refused += 1
                await RisingEdge(dut.clk)
            if start:
                self.starts.append(self.cycle)
        dut.s_axis_tvalid.value = 0

    async def _sink(self) -> None:
        dut, waiting = self.dut, None
        while True:
            ready = self.rng.random() >= self.stall
            dut.m_axis_tready.value = int(ready)
            await RisingEdge(dut.clk)
            self.cycle += 1
            if not dut.m_axis_tvalid.value:
                assert waiting is None, "a pixel was offered and withdrawn"
                continue
            beat = (
                int(dut.m_axis_tdata.value),
                bool(dut.m_axis_tuser.value),
                bool(dut.m_axis_tlast.value),
            )
            assert waiting in (None, beat), "a pixel changed while it was offered"
            waiting = None if ready else beat
            if ready:
                self.taken.append(beat)

    async def expect(self, frames: Sequence[Array]) -> None:
        """These frames of the source have come out scaled, beat by beat, and nothing else."""
        wanted = [beat for frame in frames for beat in beats_of(self.scaler.golden(frame))]
        for _ in range(20 * len(wanted) + 1000):
            if len(self.taken) >= len(wanted):
                break
            await RisingEdge(self.dut.clk)
        await ClockCycles(self.dut.clk, 50)
        for number, (got, want) in enumerate(zip(self.taken, wanted, strict=False)):
            assert got == want, f"pixel {number}: got {got}, want {want}"
        assert len(self.taken) == len(wanted)


_SIZES = ("SourceWidth", "SourceHeight", "ScaledWidth", "ScaledHeight", "Width", "Height")


async def bench(dut: Any, rng: random.Random, stall: float) -> Bench:
    made = Bench(dut, rng, stall)
    await made.start()
    return made


def pictures(shape: tuple[int, int, int]) -> list[Array]:
    """All white, random, black and white by chance."""
    rng = np.random.default_rng(1)
    return [
        np.full(shape, 255, np.uint8),
        rng.integers(0, 256, shape).astype(np.uint8),
        (255 * rng.integers(0, 2, shape)).astype(np.uint8),
    ]


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(stall=[0.0, STALL])
async def equals_the_golden_model(dut: Any, stall: float) -> None:
    b = await bench(dut, random.Random(2), stall)
    frames = pictures(b.shape)
    for frame in frames:
        await b.send(beats_of(frame))
    await b.expect(frames)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_pixel_a_cycle(dut: Any) -> None:
    """One idle cycle a frame, and the source never waits otherwise."""
    b = await bench(dut, random.Random(3), 0.0)
    frames = pictures(b.shape)
    for frame in frames:
        await b.send(beats_of(frame))
    period = b.scaler.x.source * b.scaler.y.source + 1
    assert np.diff(b.starts).tolist() == [period, period]
    assert b.refused == len(frames)
    await b.expect(frames)


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(seed=[4, 5])
async def broken_frames_end_with_themselves(dut: Any, seed: int) -> None:
    """Lines too short and too long, starts lost and doubled: all other frames are whole."""
    rng = random.Random(seed)
    b = await bench(dut, rng, STALL)
    beats: list[Beat] = []
    for number, frame in enumerate([*pictures(b.shape), *pictures(b.shape)]):
        good = beats_of(frame)
        beats += spoil(good, rng) if number % 2 else good
        if number == 2:  # a whole frame without its start
            beats += [(pixel, False, end) for pixel, _, end in good]
    beats += beats_of(pictures(b.shape)[1])
    height, width, colours = b.shape
    wanted = mended(beats, width, height)
    assert wanted.faults
    await b.send(beats)
    frames = [
        np.frombuffer(b"".join(p.to_bytes(colours, "little") for p in frame), np.uint8)
        for frame in wanted.frames
    ]
    await b.expect([frame.reshape(b.shape) for frame in frames])
