"""cocotb tests of hw/video/hearth_screen.sv: symbols as a screen receives them, against the golden
model; test_screen.py runs them."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer
from cocotb.utils import get_sim_time

from hearth.toolchain.ir import Array
from hearth.toolchain.video import tmds
from hearth.toolchain.video.screen import Said
from tests.video.screens import SCREENS, result

CLOCKS = [(16, 40), (54, 38)]
"""ns of the network's clock and of the pixel clock: faster and slower."""


class Bench:
    def __init__(self, dut: Any, seed: int, clocks: tuple[int, int]) -> None:
        self.dut, self.rng, self.stalls = dut, np.random.default_rng(seed), random.Random(seed)
        self.screen = SCREENS[os.environ["HEARTH_TEST_SCREEN"]]
        self.clock_ns, self.pixel_ns = clocks
        self.picture_ns = self.pixel_ns * self.screen.across.total * self.screen.down.total
        self.began = 0.0
        self.symbols: list[int] = []
        self.ends: list[int] = []
        """Cycles of the network's clock in which a result was over."""

    async def start(self) -> None:
        dut = self.dut
        dut.rst.value = dut.pixel_rst.value = 1
        dut.tap_valid_i.value = dut.result_valid_i.value = 0
        dut.result_counts_i.value = 1
        Clock(dut.clk, self.clock_ns, "ns").start()
        Clock(dut.pixel_clk, self.pixel_ns, "ns").start()
        await Timer(300, "ns")
        dut.pixel_rst.value = 0
        await FallingEdge(dut.clk)
        dut.rst.value = 0
        self.began = get_sim_time("ns")

    @property
    def cycle(self) -> int:
        """Of the network's clock since its reset."""
        return round((get_sim_time("ns") - self.began) / self.clock_ns)

    def rate(self, second: int) -> int:
        """What is shown in a second: the results that were over in the one before."""
        return sum(cycle // self.screen.clock_hz == second - 1 for cycle in self.ends)

    async def next_second(self) -> None:
        clock_hz = self.screen.clock_hz
        await Timer((clock_hz - self.cycle % clock_hz) * self.clock_ns, "ns")

    async def _moved(self, valid: Any) -> None:
        """One cycle with `valid` high, behind some without."""
        while self.stalls.random() < 0.3:
            valid.value = 0
            await FallingEdge(self.dut.clk)
        valid.value = 1
        await FallingEdge(self.dut.clk)

    async def camera(self, pixels: Array, first: bool = True) -> None:
        """A frame, uint8 [height, width, 3], or the beginning of one."""
        dut = self.dut
        await FallingEdge(dut.clk)
        for number, pixel in enumerate(pixels.reshape(-1, 3)):
            dut.tap_first_i.value = int(first and number == 0)
            dut.tap_pixel_i.value = int.from_bytes(pixel.tobytes(), "little")
            await self._moved(dut.tap_valid_i)
        dut.tap_valid_i.value = 0

    async def say(self, words: Array) -> None:
        """A result, and time for its shares."""
        dut = self.dut
        await FallingEdge(dut.clk)
        for word in words:
            dut.result_i.value = int(word) & 0xFFFFFFFF
            await self._moved(dut.result_valid_i)
        self.ends.append(self.cycle - 1)
        dut.result_valid_i.value = 0
        await Timer((8 * len(words) + 40) * self.clock_ns, "ns")

    def frame(self) -> Array:
        """Of a camera, with edges and noise."""
        camera = self.screen.camera
        shape = camera.height, camera.width, 3
        noise = self.rng.integers(0, 256, shape)
        blocks = self.rng.integers(0, 2, (1, 1, 3)) * 255
        return np.where(self.rng.random(shape[:2])[..., None] < 0.5, noise, blocks).astype(np.uint8)

    async def receive(self, pictures: int) -> tmds.Received:
        """So many pictures and a little more, from anywhere."""
        symbols = []
        for _ in range((pictures + 1) * self.picture_ns // self.pixel_ns + 8):
            await RisingEdge(self.dut.pixel_clk)
            symbols.append(int(self.dut.tmds_o.value))
        words = np.array(symbols)
        return tmds.receive(np.stack([words >> 10 * i & 1023 for i in range(3)], axis=1))

    async def pictures(self, count: int) -> list[Array]:
        """The next whole ones."""
        received = await self.receive(count)
        return received.pictures(self.screen.down.seen, self.screen.across.seen)[:count]

    def differing(self, found: Array, kept: Array, said: Said) -> str:
        """Where a picture is not the golden model's; empty where it is."""
        wanted = self.screen.picture(kept, said)
        wrong = np.argwhere(found != wanted)
        if not len(wrong):
            return ""
        first = tuple(wrong[0])
        return f"{len(wrong)} values, first at {first}: {found[first]}, expected {wanted[first]}"


@cocotb.test(timeout_time=200, timeout_unit="ms")
@cocotb.parametrize(clocks=CLOCKS)
async def pictures_equal_the_golden_model(dut: Any, clocks: tuple[int, int]) -> None:
    """Frame after frame, result after result, each once it has come to rest."""
    b = Bench(dut, 1, clocks)
    await b.start()
    for number, results in enumerate((0, 1, 12)):
        frame = b.frame()
        if number == 1:  # one that was broken off
            await b.camera(b.frame()[:5])
        await b.camera(frame)
        if number == 2:  # pixels beyond the frame
            await b.camera(b.frame()[:9], first=False)
        await b.next_second()
        words = np.zeros(len(b.screen.names) + b.screen.ranked, np.int64)
        for _ in range(results):
            words = result(b.screen, b.rng, 2.0 * number)
            await b.say(words)
        await b.next_second()
        await Timer(2 * b.picture_ns, "ns")
        picture = (await b.pictures(1))[0]
        said = b.screen.said(words, b.rate(b.cycle // b.screen.clock_hz))
        if not results:
            said = replace(said, shares=0 * said.shares)
        assert said.rate == results
        assert not b.differing(picture, b.screen.kept(frame), said)


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def no_picture_shows_two_results(dut: Any) -> None:
    """Results come all the time: each picture is that of one of them, and of none before the last
    picture's."""
    b = Bench(dut, 2, CLOCKS[0])
    await b.start()
    frame = b.frame()
    await b.camera(frame)
    results: list[Array] = []

    async def talk() -> None:
        while True:
            results.append(result(b.screen, b.rng, 2.0))
            await b.say(results[-1])
            await Timer(b.stalls.randrange(b.picture_ns), "ns")

    cocotb.start_soon(talk())
    await Timer(2 * b.picture_ns, "ns")
    found = await b.pictures(8)
    kept = b.screen.kept(frame)
    rates = sorted({b.rate(second) for second in range(b.cycle // b.screen.clock_hz + 1)})
    places = [0]
    for picture in found:
        fitting = (
            place
            for place in range(places[-1], len(results))
            for rate in rates
            if not b.differing(picture, kept, b.screen.said(results[place], rate))
        )
        place = next(fitting, None)
        assert place is not None, "a picture of no result, or of one before the last picture's"
        places.append(place)
    assert len(set(places)) > 4


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def pauses_are_as_long_as_the_timing_says(dut: Any) -> None:
    """And the syncs lie in their places in them."""
    b = Bench(dut, 3, CLOCKS[0])
    await b.start()
    received = await b.receive(2)
    across, down = b.screen.across, b.screen.down
    rises = np.flatnonzero(np.diff(received.seen.astype(int)) == 1) + 1
    gaps = set(np.diff(rises).tolist())
    assert gaps == {across.total, across.total * (down.total - down.seen + 1)}
    hsyncs, vsyncs = (
        np.flatnonzero(np.diff(received.syncs[:, i].astype(int)) == -1) + 1 for i in (1, 0)
    )
    assert set(np.diff(hsyncs).tolist()) == {across.total}
    first = hsyncs[hsyncs > rises[0]][0]
    assert first - rises[0] == across.seen + across.front
    low = received.syncs[first : first + across.sync + 1, 1].tolist()
    assert low == [0] * across.sync + [1]
    assert set(np.diff(vsyncs).tolist()) == {across.total * down.total}
