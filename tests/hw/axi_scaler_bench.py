"""cocotb tests of hw/axi/hearth_axi_scaler.sv: every beat, and which frames are marked as mended;
test_axi.py runs them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiStreamBus, AxiStreamSink, AxiStreamSource

from hearth.toolchain.ir import Array
from hearth.toolchain.video.geometry import Axis
from hearth.toolchain.video.scaler import Scaler
from tests.hw.axi_bench import pauses, transfers, watch
from tests.hw.beats import Beat, beats_of, mended, spoil

FAULTS = 4
"""At most, that one of spoil's changes is to a frame."""


class Bench:
    """The scaler between two models of buses."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.source, self.sink = (
            kind(AxiStreamBus.from_prefix(dut, name), dut.clk, dut.rst)
            for kind, name in ((AxiStreamSource, "s_axis"), (AxiStreamSink, "m_axis"))
        )
        names = ("SourceWidth", "ScaledWidth", "Width"), ("SourceHeight", "ScaledHeight", "Height")
        across, down = ([int(getattr(dut, name).value) for name in axis] for axis in names)
        self.scaler = Scaler(Axis(*across), Axis(*down))
        self.shape = self.scaler.y.source, self.scaler.x.source, 3
        self.pixels = self.scaler.x.count * self.scaler.y.count

    async def send(self, beats: Sequence[Beat]) -> None:
        for transfer in transfers(beats, 3):
            await self.source.send(transfer)

    async def frames(self, count: int) -> list[list[Beat]]:
        """As many frames as come out, beat by beat."""
        beats: list[Beat] = []
        while sum(first for _, first, _ in beats) < count or len(beats) < count * self.pixels:
            told = await self.sink.recv()
            data, marks = bytes(told.tdata), told.tuser
            firsts = marks if isinstance(marks, list) else [marks] * len(data)
            for at in range(0, len(data), 3):
                pixel = int.from_bytes(data[at : at + 3], "little")
                beats.append((pixel, bool(firsts[at]), at + 3 == len(data)))
        await ClockCycles(self.dut.clk, 200)
        assert self.sink.empty()
        starts = [i for i, (_, first, _) in enumerate(beats) if first]
        return [beats[i:k] for i, k in zip(starts, [*starts[1:], len(beats)], strict=True)]

    def pictures(self, count: int, seed: int) -> list[Array]:
        rng = np.random.default_rng(seed)
        return [rng.integers(0, 256, self.shape).astype(np.uint8) for _ in range(count)]

    def scaled(self, frame: Sequence[int]) -> list[Beat]:
        """What must come of a whole frame of the source."""
        data = b"".join(pixel.to_bytes(3, "little") for pixel in frame)
        return beats_of(self.scaler.golden(np.frombuffer(data, np.uint8).reshape(self.shape)))


async def bench(dut: Any) -> Bench:
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value = 1
    await ClockCycles(dut.clk, 5)
    made = Bench(dut)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 2)
    cocotb.start_soon(watch(dut, "clk"))
    return made


@cocotb.test(timeout_time=5, timeout_unit="ms")
@cocotb.parametrize(stalls=[False, True])
async def good_frames_are_scaled(dut: Any, stalls: bool) -> None:
    b = await bench(dut)
    if stalls:
        b.source.set_pause_generator(pauses(1))
        b.sink.set_pause_generator(pauses(2))
    pictures = b.pictures(4, 1)
    for picture in pictures:
        await b.send(beats_of(picture))
    assert await b.frames(4) == [beats_of(b.scaler.golden(picture)) for picture in pictures]


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(seed=[3, 4, 5, 6])
async def mended_frames_are_marked(dut: Any, seed: int) -> None:
    """Every second frame is broken. All pixels are those of the mended frames; all of a good one's
    lines end, and an end is missing in one that a fault had changed. With little room at the sink,
    the end of a frame waits while the next one breaks."""
    rng = random.Random(seed)
    b = await bench(dut)
    b.sink.set_pause_generator(slow(seed) if seed % 2 else pauses(seed))
    beats: list[Beat] = []
    for number, picture in enumerate(b.pictures(16, seed)):
        good = beats_of(picture)
        beats += spoil(good, rng) if number % 2 else good
    beats += beats_of(b.pictures(1, seed + 1)[0])
    wanted = mended(beats, b.scaler.x.source, b.scaler.y.source)
    assert sum(wanted.damaged) >= 5
    await b.send(beats)
    found = await b.frames(len(wanted.frames))
    whole = b.scaler.y.scaled == b.scaler.y.count  # nothing is cut off below
    for number, (frame, damaged) in enumerate(zip(wanted.frames, wanted.damaged, strict=True)):
        want, got = b.scaled(frame), found[number]
        assert [beat[:2] for beat in got] == [beat[:2] for beat in want], f"frame {number}"
        missing = [i for i, (_, _, end) in enumerate(want) if end and not got[i][2]]
        assert all(want[i][2] or not got[i][2] for i in range(b.pixels)), f"frame {number}"
        assert damaged or not missing, f"frame {number} is good and marked"
        assert len(missing) <= FAULTS, f"frame {number} is marked again and again"
        assert missing or not damaged or not whole, f"frame {number} is mended and not marked"


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def a_source_that_stops(dut: Any) -> None:
    """Its frame is over after Timeout cycles, with zeros; the next one is whole."""
    b = await bench(dut)
    pictures = b.pictures(2, 7)
    height, width, _ = b.shape
    await b.send(beats_of(pictures[0])[: width * (height // 2)])
    stopped = await b.frames(1)
    pictures[0][height // 2 :] = 0
    want = beats_of(b.scaler.golden(pictures[0]))
    assert [beat[:2] for beat in stopped[0]] == [beat[:2] for beat in want]
    assert stopped[0] != want
    await b.send(beats_of(pictures[1]))
    assert await b.frames(1) == [beats_of(b.scaler.golden(pictures[1]))]


def slow(seed: int) -> Iterator[bool]:
    """Pauses of a sink that takes a beat now and then, and a row at once at times."""
    rng = random.Random(seed)
    while True:
        yield from [True] * rng.randrange(1, 400)
        yield from [False] * rng.randrange(1, 20)
