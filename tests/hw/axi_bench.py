"""cocotb tests of the AXI border (hw/axi) around axi_net.sv; test_axi.py runs them."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator, Sequence
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, Timer
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from hearth.toolchain.targets.xilinx.registers import ENABLE, FAULTS, ID, OFFSET, RESTART
from tests.hw.beats import Beat, Mended, mended, spoil

WIDTH, HEIGHT, WORDS = 6, 4, 5
PIXELS = WIDTH * HEIGHT
COLOURS = int(os.environ.get("HEARTH_TEST_COLOURS", "3"))
"""Bytes of a pixel."""
FLAGS = 64
"""FlagDepth of hearth_axi_frames.sv; its FIFO holds two more (hw/stream/hearth_fifo.sv)."""


def mend(beats: Sequence[Beat]) -> Mended:
    return mended(beats, WIDTH, HEIGHT)


def picture(rng: random.Random) -> list[Beat]:
    """A good frame."""
    pixels = [rng.randrange(1 << 8 * COLOURS) for _ in range(PIXELS)]
    return [(p, i == 0, i % WIDTH == WIDTH - 1) for i, p in enumerate(pixels)]


def words(frame: Sequence[int], number: int) -> list[int]:
    """What tests/hw/axi_net.sv computes."""
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
    """Buses of the device."""

    def __init__(self, dut: Any, feed: bool) -> None:
        self.dut = dut
        buses = (dut.aclk, dut.aresetn, False)
        if feed:
            self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), *buses)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), *buses)
        self.lite = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), *buses)
        self.size = len(dut.s_axis_tdata) // 8

    def stall(self, seed: int) -> None:
        """Random pauses on every channel."""
        rng = random.Random(seed)
        write, read = self.lite.write_if, self.lite.read_if
        channels = (write.aw_channel, write.w_channel, write.b_channel)
        for part in (self.source, self.sink, *channels, read.ar_channel, read.r_channel):
            part.set_pause_generator(pauses(rng.randrange(1 << 30)))

    async def send(self, beats: Sequence[Beat]) -> None:
        for transfer in transfers(beats, self.size):
            await self.source.send(transfer)

    async def packet(self) -> tuple[list[int], list[int]]:
        """Words of the next packet, and the marks of its beats."""
        packet = await self.sink.recv()
        data = bytes(packet.tdata)
        values = [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        marks = packet.tuser if isinstance(packet.tuser, list) else [packet.tuser] * len(data)
        return values, [int(mark or 0) for mark in marks[:: self.sink.byte_lanes]]

    async def result(self) -> tuple[list[int], bool]:
        """The next packet, and whether its frame is marked as mended."""
        values, marks = await self.packet()
        assert len(set(marks)) == 1
        return values, bool(marks[0])

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

    async def restarted(self) -> None:
        """The end of a restart."""
        while await self.read("control") != ENABLE:
            await RisingEdge(self.dut.aclk)

    async def flags(self) -> set[str]:
        word = await self.read("flags")
        return {name for bit, name in enumerate(FAULTS) if word >> bit & 1}


async def put(dut: Any, pixel: int, start: bool, end: bool) -> None:
    """One beat on the bus of pixels, without a model of the bus."""
    dut.s_axis_tdata.value = pixel
    dut.s_axis_tuser.value, dut.s_axis_tlast.value = int(start), int(end)
    dut.s_axis_tvalid.value = 1
    await RisingEdge(dut.aclk)
    while not dut.s_axis_tready.value:
        await RisingEdge(dut.aclk)
    dut.s_axis_tvalid.value = 0


def pauses(seed: int) -> Iterator[bool]:
    rng = random.Random(seed)
    return (rng.random() < 0.4 for _ in itertools.count())


async def bench(dut: Any, feed: bool = True) -> Bench:
    """The device out of reset; with `feed` a model sends its pixels, or else the test does. The
    models begin inside the reset: they miss one that was there from the start, and outputs mean
    nothing before it."""
    Clock(dut.aclk, 10, "ns").start()
    dut.aresetn.value = 0
    await ClockCycles(dut.aclk, 5)
    made = Bench(dut, feed)
    dut.aresetn.value = 1
    await ClockCycles(dut.aclk, 2)
    cocotb.start_soon(watch(dut))
    return made


async def watch(dut: Any, clock: str = "aclk") -> None:
    """A beat of results that was offered stays as it is until it has moved."""
    offered = None
    while True:
        await RisingEdge(getattr(dut, clock))
        beat = (int(dut.m_axis_tdata.value), bool(dut.m_axis_tlast.value))
        assert offered is None or (dut.m_axis_tvalid.value and beat == offered)
        offered = beat if dut.m_axis_tvalid.value and not dut.m_axis_tready.value else None


async def cycles_of(dut: Any, signals: Sequence[str], seen: list[int], clock: str = "aclk") -> None:
    """Appends to `seen` the number of every clock cycle in which all `signals` are high."""
    for cycle in itertools.count():
        await RisingEdge(getattr(dut, clock))
        if all(getattr(dut, name).value for name in signals):
            seen.append(cycle)


@cocotb.test(timeout_time=500, timeout_unit="us")
async def registers(dut: Any) -> None:
    """Facts, strobes, bits that clear, errors for what is not there; stalls too."""
    b = await bench(dut)
    for seed in (0, 1):
        if seed:
            b.stall(seed)
        assert await b.read("id") == ID
        assert await b.read("geometry") == HEIGHT << 16 | WIDTH
        assert await b.read("colours") == COLOURS
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


@cocotb.test(timeout_time=500, timeout_unit="us")
async def measured_times(dut: Any) -> None:
    """Registers latency and period, exactly, against what is seen on the buses."""
    b, rng = await bench(dut), random.Random(11)
    starts: list[int] = []
    offers: list[int] = []
    ends: list[int] = []
    cocotb.start_soon(cycles_of(dut, ("s_axis_tvalid", "s_axis_tready", "s_axis_tuser"), starts))
    cocotb.start_soon(cycles_of(dut, ("m_axis_tvalid",), offers))
    last = ("m_axis_tvalid", "m_axis_tready", "m_axis_tlast")
    cocotb.start_soon(cycles_of(dut, last, ends))
    for _ in range(3):
        offers.clear()
        await b.send(picture(rng))
        await b.result()
        # One cycle in the register of each bus, one in which axi_video waits for a start.
        assert await b.read("latency") == offers[0] - starts[-1] - 3
    for _ in range(2):
        await b.send(picture(rng))
    for _ in range(2):
        await b.result()
    assert await b.read("period") == ends[-1] - ends[-2]
    # The first of these two entered alone.
    assert await b.read("latency") == offers[-2 * WORDS] - starts[-2] - 3


@cocotb.test(timeout_time=500, timeout_unit="us")
async def no_ready_follows_a_valid(dut: Any) -> None:
    """Within a cycle, whatever the inputs do, every `ready` keeps its value."""
    b, rng = await bench(dut), random.Random(12)
    await b.write("timeout", 5)
    readys = ("s_axis_tready", "s_axil_awready", "s_axil_wready", "s_axil_arready")
    moved = (
        *("s_axis_tvalid", "s_axis_tuser", "s_axis_tlast", "m_axis_tready", "s_axil_awvalid"),
        *("s_axil_wvalid", "s_axil_bready", "s_axil_arvalid", "s_axil_rready"),
    )
    seen: set[tuple[str, int]] = set()
    for _ in range(600):
        await RisingEdge(dut.aclk)
        found = []
        for _ in range(4):
            for name in moved:
                getattr(dut, name).value = rng.randrange(2)
            await Timer(1, "ns")
            found.append([int(getattr(dut, name).value) for name in readys])
        assert found == found[:1] * 4, dict(zip(readys, zip(*found, strict=True), strict=True))
        seen |= set(zip(readys, found[0], strict=True))
    assert seen == {(name, value) for name in readys for value in (0, 1)}


@cocotb.test(timeout_time=500, timeout_unit="us")
async def as_many_frames_inside_as_flags(dut: Any) -> None:
    """With the results held up, frames enter until no flag more can be kept; none is mixed up."""
    b, rng = await bench(dut), random.Random(13)
    b.sink.pause = True
    beats: list[Beat] = []
    for number in range(FLAGS + 8):
        frame = picture(rng)
        beats += frame if number % 3 else frame[: -WIDTH - 2] + frame[-WIDTH:]
    await b.send(beats)
    await ClockCycles(dut.aclk, 3 * PIXELS * (FLAGS + 8))
    assert FLAGS <= await b.read("frames") <= FLAGS + 2
    b.sink.pause = False
    await b.expect(mend(beats))


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
async def a_source_that_is_slow(dut: Any) -> None:
    """Pauses count one by one, however many there are."""
    b, rng = await bench(dut, feed=False), random.Random(16)
    await b.write("timeout", 40)
    beats = picture(rng)
    for beat in beats:
        await put(dut, *beat)
        await ClockCycles(dut.aclk, 30)
    await b.expect(mend(beats))
    assert await b.flags() == set()


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
    await b.restarted()
    assert await b.read("frames") == 0
    await b.send(beats)
    await b.expect(mend(beats))


@cocotb.test(timeout_time=500, timeout_unit="us")
async def a_long_line_and_then_nothing(dut: Any) -> None:
    """The rest of an over-long line is dropped; when it does not come, the frame still ends one
    timeout after the last pixel. Behind its last line nothing but the end of a line is missing."""
    b, rng = await bench(dut, feed=False), random.Random(14)
    timeout, slack = 200, 2 * PIXELS
    await b.write("timeout", timeout)
    for number, lines in enumerate((1, 2, HEIGHT)):
        kept = [rng.randrange(1 << 8 * COLOURS) for _ in range(lines * WIDTH)]
        for i, pixel in enumerate([*kept, 9, 8]):
            await put(dut, pixel, i == 0, i % WIDTH == WIDTH - 1 and i < len(kept) - 1)
        await ClockCycles(dut.aclk, timeout - 10)
        assert b.sink.empty() == (lines != HEIGHT)
        assert await b.read("status") == 1
        await ClockCycles(dut.aclk, 10 + slack)
        wanted = kept + [0] * (PIXELS - len(kept))
        assert not b.sink.empty()
        assert await b.result() == (words(wanted, number), True)
        assert await b.flags() == {"long_line"} | ({"stalled"} if lines != HEIGHT else set())
        assert await b.read("status") == 0
        await b.write("flags", 31)


@cocotb.test(timeout_time=900, timeout_unit="us")
async def restart_ends_the_packet_that_has_begun(dut: Any) -> None:
    """However much of a packet has left: it is as long as any, and its end is marked."""
    b, rng = await bench(dut), random.Random(15)
    for taken in range(WORDS + 1):
        b.sink.pause = True
        good = picture(rng)
        await b.send(good)
        while not dut.m_axis_tvalid.value:
            await RisingEdge(dut.aclk)
        await ClockCycles(dut.aclk, 5)
        b.sink.pause = False
        await ClockCycles(dut.aclk, taken)
        b.sink.pause = True
        await ClockCycles(dut.aclk, 2)
        await b.write("control", ENABLE | RESTART)
        await b.restarted()
        await b.send(good)
        await ClockCycles(dut.aclk, 300)
        b.sink.pause = False
        if taken < WORDS:
            values, marks = await b.packet()
            kept = marks.count(0)  # two more may wait in the register of the bus
            assert taken <= kept <= taken + 2
            assert marks == [0] * kept + [1] * (WORDS - kept)
            full = words([pixel for pixel, _, _ in good], 0)
            assert values == full[:kept] + [0] * (WORDS - kept)
        else:
            await b.result()
        assert await b.result() == (words([pixel for pixel, _, _ in good], 0), False)
        assert [await b.read(name) for name in ("frames", "results", "damaged")] == [1, 1, 0]
        await b.write("control", ENABLE | RESTART)
        await b.restarted()
