"""cocotb tests of the AXI border (hw/axi) around tests/axi_net.sv; tests/test_axi.py runs them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from toolchain.amd.registers import ENABLE, FAULTS, ID, OFFSET, RESTART

WIDTH, HEIGHT, WORDS = 6, 4, 5
PIXELS = WIDTH * HEIGHT
Beat = tuple[int, bool, bool]
"""Pixel, start of frame, end of line."""


@dataclass
class Mended:
    """What must come of a stream of beats: frames, whether each was mended, faults seen."""

    frames: list[list[int]] = field(default_factory=list)
    damaged: list[bool] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)


class Border:
    """The rules of axi_video.sv in Python, one beat at a time."""

    def __init__(self) -> None:
        self.result = Mended()
        self.frame: list[int] | None = None
        self.broken = self.dropping = False

    def take(self, pixel: int, start: bool, end: bool) -> None:
        if start:
            if self.frame is not None:
                self._fault("truncated")
                self._finish()
            self.frame, self.broken, self.dropping = [], False, False
        elif self.dropping:
            self.dropping = not end
            return
        elif self.frame is None:
            self.result.faults.add("stray")
            return
        assert self.frame is not None
        self.frame.append(pixel)
        if len(self.frame) % WIDTH == 0:
            if not end:
                self._fault("long_line")
                self.dropping = True
        elif end:
            self._fault("short_line")
            self.frame += [0] * (-len(self.frame) % WIDTH)
        if len(self.frame) == PIXELS:
            self._finish()

    def _fault(self, name: str) -> None:
        self.result.faults.add(name)
        self.broken = True

    def _finish(self) -> None:
        assert self.frame is not None
        self.result.frames.append(self.frame + [0] * (PIXELS - len(self.frame)))
        self.result.damaged.append(self.broken)
        self.frame = None


def mend(beats: Sequence[Beat]) -> Mended:
    border = Border()
    for beat in beats:
        border.take(*beat)
    return border.result


def picture(rng: random.Random) -> list[Beat]:
    """A good frame."""
    pixels = [rng.randrange(1 << 24) for _ in range(PIXELS)]
    return [(p, i == 0, i % WIDTH == WIDTH - 1) for i, p in enumerate(pixels)]


def spoil(beats: list[Beat], rng: random.Random) -> list[Beat]:
    """A frame with one fault: beats lost or doubled, or a marker set or cleared."""
    start = rng.randrange(len(beats))
    stop = min(len(beats), start + rng.randrange(1, 9))
    kind = rng.randrange(5)
    if kind == 0:
        return beats[:start] + beats[stop:]
    if kind == 1:
        return beats[:stop] + beats[start:stop] + beats[stop:]
    pixel, first, last = beats[start]
    changed = {2: (pixel, not first, last), 3: (pixel, first, not last), 4: (pixel, True, True)}
    return [*beats[:start], changed[kind], *beats[start + 1 :]]


def words(frame: Sequence[int], number: int) -> list[int]:
    """What tests/axi_net.sv computes."""
    weighted = sum((place + 1) * pixel for place, pixel in enumerate(frame))
    return [weighted & 0xFFFFFFFF, sum(frame) & 0xFFFFFFFF, PIXELS, number, 7]


def transfers(beats: Sequence[Beat], size: int) -> Iterator[AxiStreamFrame]:
    """Beats as cocotbext-axi sends them: one object up to each tlast."""
    line: list[Beat] = []
    for beat in beats:
        line.append(beat)
        if beat[2]:
            yield _transfer(line, size)
            line = []


def _transfer(line: Sequence[Beat], size: int) -> AxiStreamFrame:
    data = b"".join(pixel.to_bytes(size, "little") for pixel, _, _ in line)
    return AxiStreamFrame(data, tuser=[int(start) for _, start, _ in line for _ in range(size)])


class Bench:
    """Buses of the device, out of reset."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        buses = (dut.aclk, dut.aresetn, False)
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), *buses)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), *buses)
        self.lite = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), *buses)
        self.size = len(dut.s_axis_tdata) // 8

    async def start(self) -> None:
        Clock(self.dut.aclk, 10, "ns").start()
        self.dut.aresetn.value = 0
        await ClockCycles(self.dut.aclk, 5)
        self.dut.aresetn.value = 1
        await ClockCycles(self.dut.aclk, 2)

    def stall(self, seed: int) -> None:
        """Random pauses on every channel."""
        rng = random.Random(seed)
        write, read = self.lite.write_if, self.lite.read_if
        channels = (write.aw_channel, write.w_channel, write.b_channel)
        for part in (self.source, self.sink, *channels, read.ar_channel, read.r_channel):
            part.set_pause_generator(_pauses(rng.randrange(1 << 30)))

    async def send(self, beats: Sequence[Beat]) -> None:
        for transfer in transfers(beats, self.size):
            await self.source.send(transfer)

    async def result(self) -> tuple[list[int], bool]:
        """The next packet, and whether its frame is marked as mended."""
        packet = await self.sink.recv()
        data = bytes(packet.tdata)
        marks = set(packet.tuser) if isinstance(packet.tuser, list) else {packet.tuser}
        assert len(marks) == 1
        values = [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        return values, bool(marks.pop())

    async def expect(self, wanted: Mended, number: int = 0) -> None:
        for frame, damaged in zip(wanted.frames, wanted.damaged, strict=True):
            assert await self.result() == (words(frame, number), damaged), f"frame {number}"
            number += 1
        await ClockCycles(self.dut.aclk, 40)
        assert self.sink.empty()

    async def read(self, name: str) -> int:
        answer = await self.lite.read(OFFSET[name], 4)
        assert answer.resp == AxiResp.OKAY
        return int.from_bytes(answer.data, "little")

    async def write(self, name: str, value: int) -> None:
        answer = await self.lite.write(OFFSET[name], value.to_bytes(4, "little"))
        assert answer.resp == AxiResp.OKAY

    async def flags(self) -> set[str]:
        word = await self.read("flags")
        return {name for bit, name in enumerate(FAULTS) if word >> bit & 1}


def _pauses(seed: int) -> Iterator[bool]:
    rng = random.Random(seed)
    return (rng.random() < 0.4 for _ in itertools.count())


async def bench(dut: Any) -> Bench:
    made = Bench(dut)
    await made.start()
    return made


@cocotb.test(timeout_time=500, timeout_unit="us")
async def registers(dut: Any) -> None:
    """Facts, strobes, bits that clear, errors for what is not there; stalls too."""
    b = await bench(dut)
    for seed in (0, 1):
        if seed:
            b.stall(seed)
        assert await b.read("id") == ID
        assert await b.read("geometry") == HEIGHT << 16 | WIDTH
        assert await b.read("build_high") == 0x01234567
        assert await b.read("build_low") == 0x89ABCDEF
        assert await b.read("clock") == 100_000
        assert await b.read("control") == ENABLE
        await b.write("timeout", 0x01020304)
        await b.lite.write(OFFSET["timeout"] + 2, b"\x77")
        assert await b.read("timeout") == 0x01770304
        await b.write("timeout", 0)
        assert (await b.lite.write(OFFSET["id"], b"1234")).resp == AxiResp.SLVERR
        beyond = 4 * len(OFFSET)
        assert (await b.lite.write(beyond, b"1234")).resp == AxiResp.SLVERR
        answer = await b.lite.read(beyond, 4)
        assert (answer.resp, answer.data) == (AxiResp.SLVERR, bytes(4))
        assert await b.read("id") == ID


@cocotb.test(timeout_time=500, timeout_unit="us")
async def queued_registers(dut: Any) -> None:
    """Transfers that wait behind each other are all answered, each with its own answer."""
    b = await bench(dut)
    b.stall(9)
    names = ["id", "timeout"] * 10
    writes = [cocotb.start_soon(b.lite.write(OFFSET[name], bytes(4))) for name in names]
    answers = [(await write).resp for write in writes]
    assert answers == [AxiResp.SLVERR, AxiResp.OKAY] * 10
    reads = [cocotb.start_soon(b.lite.read(OFFSET[name], 4)) for name in names]
    values = [int.from_bytes((await read).data, "little") for read in reads]
    assert values == [ID, 0] * 10


@cocotb.test(timeout_time=500, timeout_unit="us")
async def good_frames(dut: Any) -> None:
    b, rng = await bench(dut), random.Random(1)
    wanted = Mended()
    for _ in range(6):
        beats = picture(rng)
        await b.send(beats)
        part = mend(beats)
        wanted.frames += part.frames
        wanted.damaged += part.damaged
    await b.expect(wanted)
    assert await b.flags() == set()
    counts = [await b.read(name) for name in ("frames", "results", "damaged", "status", "top")]
    assert counts == [6, 6, 0, 0, 7]
    assert PIXELS < await b.read("period") < 3 * PIXELS
    assert PIXELS < await b.read("latency") < 3 * PIXELS


@cocotb.test(timeout_time=500, timeout_unit="us")
@cocotb.parametrize(seed=range(10))
async def malformed_frames(dut: Any, seed: int) -> None:
    """Random faults and random stalls: each frame comes out mended, the good ones untouched."""
    b, rng = await bench(dut), random.Random(seed)
    if seed:
        b.stall(seed)
    beats = [
        beat
        for number in range(25)
        for beat in (spoil(picture(rng), rng) if number % 2 else picture(rng))
    ]
    beats += picture(rng)
    wanted = mend(beats)
    await b.send(beats)
    await b.expect(wanted)
    assert await b.flags() == wanted.faults
    assert await b.read("damaged") == sum(wanted.damaged)
    assert await b.read("frames") == len(wanted.frames)
    await b.write("flags", 1 << FAULTS.index("stray"))
    assert await b.flags() == wanted.faults - {"stray"}


@cocotb.test(timeout_time=500, timeout_unit="us")
async def a_source_that_stops(dut: Any) -> None:
    """A frame whose end never comes is ended after the timeout; without one it waits for ever."""
    b, rng = await bench(dut), random.Random(5)
    beats = picture(rng)
    await b.send(beats[: 2 * WIDTH])
    await ClockCycles(dut.aclk, 2_000)
    assert b.sink.empty()
    await b.write("timeout", 100)
    wanted = [pixel for pixel, _, _ in beats[: 2 * WIDTH]] + [0] * 2 * WIDTH
    assert await b.result() == (words(wanted, 0), True)
    assert await b.flags() == {"stalled"}
    await b.send(beats)
    assert await b.result() == (words([pixel for pixel, _, _ in beats], 1), False)


@cocotb.test(timeout_time=500, timeout_unit="us")
async def enable_and_restart(dut: Any) -> None:
    b, rng = await bench(dut), random.Random(6)
    await b.write("control", 0)
    beats = picture(rng)
    await b.send(beats)
    await ClockCycles(dut.aclk, 300)
    assert b.sink.empty()
    await b.write("control", ENABLE)
    await b.expect(mend(beats))
    await b.send(beats[: 2 * WIDTH])
    await b.source.wait()
    await b.write("control", ENABLE | RESTART)
    while await b.read("control") != ENABLE:
        await RisingEdge(dut.aclk)
    assert await b.read("frames") == 0
    await b.send(beats)
    await b.expect(mend(beats))
