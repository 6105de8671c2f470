"""cocotb tests of hw/video/hearth_camera.sv at its pins; test_camera.py runs them.

The scaler is built for pictures of the network's own size, which it leaves alone, so that every
pixel that comes out is one of the camera's.
"""

from __future__ import annotations

import random
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge

from hearth.toolchain.ir import Array
from hearth.toolchain.video import dvp

CLOCKS = [(82, 26), (20, 26), (74, 58)]
"""ns of the camera's clock and of the network's: slower, faster, and nearly as fast."""
BLANK, BETWEEN = 8, 600
"""Cycles of the camera's clock between lines, and between frames."""


class Bench:
    def __init__(self, dut: Any, seed: int) -> None:
        self.dut, self.rng = dut, np.random.default_rng(seed)
        self.shape = int(dut.SourceHeight.value), 2 * int(dut.SourceWidth.value)
        self.model = dvp.yuv422 if int(dut.Yuv.value) else dvp.rgb565
        self.taken: list[int] = []
        self.tapped: list[int] = []
        self.tapped_first: list[int] = []
        self.damaged: list[bool] = []
        self.left_out = 0
        self.stall = 0.0

    async def start(self, camera_ns: int, clock_ns: int) -> None:
        dut = self.dut
        dut.rst.value, dut.m_axis_tready.value = 1, 0
        dut.cam_vsync.value = int(dut.VsyncLow.value)
        dut.cam_href.value, dut.cam_data.value = 0, 0
        Clock(dut.clk, clock_ns, "ns").start()
        Clock(dut.cam_pclk, camera_ns, "ns").start()
        await ClockCycles(dut.clk, 5)
        dut.rst.value = 0
        cocotb.start_soon(self._watch())
        await ClockCycles(dut.cam_pclk, 20)

    async def _watch(self) -> None:
        dut, rng, done = self.dut, random.Random(7), False
        while True:
            ready = rng.random() >= self.stall
            dut.m_axis_tready.value = int(ready)
            await RisingEdge(dut.clk)
            if ready and dut.m_axis_tvalid.value:
                self.taken.append(int(dut.m_axis_tdata.value))
            if dut.tap_valid_o.value:
                if dut.tap_first_o.value:
                    self.tapped_first.append(len(self.tapped))
                self.tapped.append(int(dut.tap_pixel_o.value))
            if done:
                assert bool(dut.broken_o.value) == self.damaged[-1]
            done = bool(dut.done_o.value)
            if done:
                self.damaged.append(bool(dut.damaged_o.value))
            self.left_out += int(dut.left_out_o.value)

    def picture(self) -> Array:
        """The bytes of a frame."""
        return self.rng.integers(0, 256, self.shape).astype(np.uint8)

    async def pins(self, vsync: int, href: int, data: int = 0) -> None:
        """For one cycle; they change between the clock's rising edges."""
        dut = self.dut
        await FallingEdge(dut.cam_pclk)
        low = int(dut.VsyncLow.value)
        dut.cam_vsync.value, dut.cam_href.value, dut.cam_data.value = vsync ^ low, href, data

    async def idle(self, cycles: int, vsync: int = 0) -> None:
        for _ in range(cycles):
            await self.pins(vsync, 0)

    async def line(self, sent: Array) -> None:
        for byte in sent:
            await self.pins(0, 1, int(byte))
        await self.idle(BLANK)

    async def vsync(self) -> None:
        await self.idle(BETWEEN // 2, 1)
        await self.idle(BETWEEN // 2)

    async def frame(self, sent: Array) -> None:
        await self.vsync()
        for row in sent:
            await self.line(row)

    async def finish(self) -> list[Array]:
        """All frames that came out, uint8 [height, width, 3] each."""
        await self.vsync()
        self.stall = 0.0
        await ClockCycles(self.dut.clk, 3000)
        lines, width = self.shape[0], self.shape[1] // 2
        data = b"".join(pixel.to_bytes(3, "little") for pixel in self.taken)
        frames = np.frombuffer(data, np.uint8).reshape(-1, lines, width, 3)
        assert len(frames) == len(self.damaged)
        return list(frames)

    def tapped_frames(self) -> list[bytes]:
        """What the scaler took of each frame of the camera's."""
        ends = [*self.tapped_first[1:], len(self.tapped)]
        parts = [self.tapped[a:b] for a, b in zip(self.tapped_first, ends, strict=True)]
        return [b"".join(pixel.to_bytes(3, "little") for pixel in part) for part in parts]

    async def good_ones(self) -> list[Array]:
        """Those that were not flagged."""
        frames = await self.finish()
        return [frame for frame, bad in zip(frames, self.damaged, strict=True) if not bad]


async def bench(dut: Any, clocks: tuple[int, int], seed: int = 1) -> Bench:
    made = Bench(dut, seed)
    await made.start(*clocks)
    return made


def _same(got: list[Array], want: list[Array]) -> None:
    assert len(got) == len(want)
    for number, (one, other) in enumerate(zip(got, want, strict=True)):
        wrong = np.argwhere(one != other)
        assert not len(wrong), f"frame {number}: {len(wrong)} values, the first at {wrong[0]}"


@cocotb.test(timeout_time=5, timeout_unit="ms")
@cocotb.parametrize(clocks=CLOCKS)
async def every_pixel(dut: Any, clocks: tuple[int, int]) -> None:
    b = await bench(dut, clocks)
    pictures = [b.picture() for _ in range(3)]
    for picture in pictures:
        await b.frame(picture)
    _same(await b.finish(), [b.model(picture) for picture in pictures])
    assert b.damaged == [False] * 3
    assert b.tapped == b.taken
    assert b.tapped_first == [n * len(b.taken) // 3 for n in range(3)]
    assert b.left_out == 0


async def _broken(b: Bench, kind: str, sent: Array) -> None:
    """A frame with one fault."""
    if kind == "short line":
        await b.vsync()
        for number, row in enumerate(sent):
            await b.line(row[:7] if number == 2 else row)
    elif kind == "long line":
        await b.vsync()
        for number, row in enumerate(sent):
            await b.line(np.append(row, row) if number == 2 else row)
    elif kind == "lost line":
        await b.frame(sent[:-2])
    elif kind == "two lines more":
        await b.frame(np.concatenate((sent, sent[:2])))
    elif kind == "lost vsync":
        await b.idle(BETWEEN)
        for row in sent:
            await b.line(row)
    else:  # vsync in the middle
        await b.frame(sent[:4])
        await b.frame(sent[4:])


KINDS = ("short line", "long line", "lost line", "two lines more", "lost vsync", "early vsync")


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(clocks=CLOCKS[:2])
async def broken_frames_end_with_themselves(dut: Any, clocks: tuple[int, int]) -> None:
    """Whatever was broken, the frame behind it comes whole, and none that was broken unflagged."""
    b = await bench(dut, clocks, 2)
    wanted = []
    for kind in KINDS:
        good, bad = b.picture(), b.picture()
        await b.frame(good)
        await _broken(b, kind, bad)
        wanted.append(b.model(good))
        if kind == "two lines more":  # all of the frame came, and then some
            wanted.append(b.model(bad))
    last = b.picture()
    await b.frame(last)
    _same(await b.good_ones(), [*wanted, b.model(last)])
    assert any(b.damaged)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def frames_too_many_are_left_out_whole(dut: Any) -> None:
    """With a network too slow: what comes unflagged are whole frames of the camera, in order, and
    of one that had to be cut comes its beginning without a gap."""
    b = await bench(dut, CLOCKS[0], 3)
    pictures = [b.picture() for _ in range(12)]
    for number, picture in enumerate(pictures):
        b.stall = 0.97 if 2 <= number < 9 else 0.0
        await b.frame(picture)
    good = [frame.tobytes() for frame in await b.good_ones()]
    sent = [b.model(picture).tobytes() for picture in pictures]
    tapped = b.tapped_frames()
    assert len(tapped) == len(b.damaged)
    assert all(any(whole.startswith(part) for whole in sent) for part in tapped)
    assert any(len(part) < len(sent[0]) for part in tapped)
    places = [sent.index(frame) for frame in good]
    assert places == sorted(places)
    assert places[:2] == [0, 1]
    assert places[-2:] == [10, 11]
    assert b.left_out > 0
    assert len(b.damaged) + b.left_out == len(pictures)
