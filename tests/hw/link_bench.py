"""cocotb tests of the link to a host (hw/link), bit by bit; tests/hw/test_link.py runs them."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.queue import Queue
from cocotb.triggers import ClockCycles, FallingEdge, RisingEdge, Timer

from hearth.toolchain.host import pattern
from hearth.toolchain.host.packets import END, REPLY, VERSION, Decoder, Kind, Packet, Status, encode
from tests.hw.axi_bench import COLOURS, HEIGHT, PIXELS, WIDTH, cycles_of, words

DIVISOR, CLOCK_NS = 8, 10
TIMEOUT = 20_000
HARDWARE_ID = 0xFEDC_BA98_7654_3210
BUILD_ID = 0x0123_4567_89AB_CDEF
IMAGE_BYTES = 16
MOST_FRAMES = 4096
"""BenchFrames of hw/link/hearth_link_pkg.sv."""


class Wire:
    """The host's end of the serial line."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.answers: Queue[Packet] = Queue()
        self._decoder = Decoder()

    async def wait(self, bits: float) -> None:
        await Timer(round(bits * DIVISOR * CLOCK_NS), "ns")

    async def byte(self, value: int, stop: int = 1) -> None:
        """One byte; without its stop bit the line recovers for one more bit."""
        for bit in (0, *(value >> i & 1 for i in range(8)), stop):
            self.dut.uart_rx_line.value = bit
            await self.wait(1)
        if not stop:
            self.dut.uart_rx_line.value = 1
            await self.wait(1)

    async def send(self, data: Iterable[int]) -> None:
        for value in data:
            await self.byte(value)

    async def glitch(self, cycles: int) -> None:
        """The line is low for so many cycles and high again for longer than a byte."""
        self.dut.uart_rx_line.value = 0
        await ClockCycles(self.dut.clk, cycles)
        self.dut.uart_rx_line.value = 1
        await self.wait(12)

    async def listen(self) -> None:
        """Every byte of the board, its stop bit checked, into packets."""
        while True:
            await FallingEdge(self.dut.uart_tx_line)
            await self.wait(1.5)
            value = 0
            for bit in range(8):
                value |= int(self.dut.uart_tx_line.value) << bit
                await self.wait(1)
            assert self.dut.uart_tx_line.value == 1, "no stop bit"
            for packet in self._decoder.feed(bytes([value])):
                self.answers.put_nowait(packet)
            assert self._decoder.damaged == 0

    async def ask(self, packet: Packet) -> Packet:
        await self.send(encode(packet))
        return await self.answers.get()

    async def refused(self, data: Iterable[int]) -> tuple[Status, int, int]:
        """Status, sequence number and type of the refusal of what is sent."""
        await self.send(data)
        answer = await self.answers.get()
        assert answer.kind == Kind.ERROR | REPLY
        assert len(answer.words) == 1
        return Status(answer.flags), answer.sequence, answer.words[0]

    async def statuses(self, clear: bool = False) -> dict[str, int]:
        """Packets by status, without those that are none; this request counts, too."""
        answer = await self.ask(Packet(Kind.COUNTERS, 1, int(clear)))
        found = dict(zip((s.name for s in Status), answer.words, strict=False))
        return {name: count for name, count in found.items() if count}


async def board(dut: Any) -> Wire:
    Clock(dut.clk, CLOCK_NS, "ns").start()
    for name in ("hold_up", "busy", "starved", "blocked"):
        getattr(dut, name).value = 0
    dut.uart_rx_line.value = 1
    dut.rst.value = 1
    await ClockCycles(dut.clk, 5)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 5)
    wire = Wire(dut)
    cocotb.start_soon(wire.listen())
    return wire


def picture(rng: random.Random) -> list[int]:
    return [rng.randrange(1 << 8 * COLOURS) for _ in range(PIXELS)]


def frame(pixels: Sequence[int], sequence: int = 7, flags: int = 1) -> Packet:
    data = b"".join(pixel.to_bytes(COLOURS, "little") for pixel in pixels)
    return Packet(Kind.FRAME, sequence, flags, data)


def damaged_crc(packet: Packet) -> bytes:
    """On the wire, with its last byte of data wrong."""
    for bit in range(8):
        data = bytearray(encode(packet))
        data[-2] ^= 1 << bit
        if data[-2] not in (END, 0xDB, 0xDC, 0xDD):
            return bytes(data)
    raise AssertionError


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def facts(dut: Any) -> None:
    wire = await board(dut)
    answer = await wire.ask(Packet(Kind.INFO, 0xC0DB))
    assert (answer.kind, answer.sequence, answer.flags) == (Kind.INFO | REPLY, 0xC0DB, 0)
    low = 0xFFFFFFFF
    assert answer.words == (
        *(VERSION, BUILD_ID & low, BUILD_ID >> 32, HEIGHT << 16 | WIDTH, 2 << 16 | 3, 2, 1234),
        *(DIVISOR, IMAGE_BYTES, HARDWARE_ID & low, HARDWARE_ID >> 32, COLOURS),
    )


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def frames(dut: Any) -> None:
    """Results, with and without logits; latency to the cycle."""
    wire, rng = await board(dut), random.Random(1)
    for number in range(3):
        pixels = picture(rng)
        asked = cocotb.start_soon(wire.ask(frame(pixels, number, flags=number & 1)))
        while not dut.pixel_moves.value:
            await RisingEdge(dut.clk)
        cycles = 0
        while not dut.result_waits.value:
            await RisingEdge(dut.clk)
            cycles += 1
        assert dut.active.value
        answer = await asked
        assert (answer.kind, answer.sequence) == (Kind.FRAME | REPLY, number)
        wanted = words(pixels, number)
        assert list(answer.words[2:]) == (wanted if number & 1 else wanted[3:])
        assert answer.words[0] == cycles + 1  # one more in the register behind the network
        await ClockCycles(dut.clk, 3)
        assert not dut.active.value


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def an_answer_takes_no_word_of_the_next(dut: Any) -> None:
    """Results that wait for their turn stay whole, with logits or without, behind either."""
    wire, rng = await board(dut), random.Random(6)
    pictures = [picture(rng) for _ in range(8)]
    wishes = [0, 1, 1, 0, 0, 0, 1, 0]
    dut.hold_up.value = 1
    for number, (pixels, flags) in enumerate(zip(pictures, wishes, strict=True)):
        await wire.send(encode(frame(pixels, number, flags)))
    dut.hold_up.value = 0
    for number, (pixels, flags) in enumerate(zip(pictures, wishes, strict=True)):
        answer = await wire.answers.get()
        assert answer.sequence == number
        assert list(answer.words[2:]) == words(pixels, number)[0 if flags else 3 :]


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def glitches_are_no_start_bits(dut: Any) -> None:
    """A line that is low for less than half a bit says nothing, wherever it happens."""
    wire, rng = await board(dut), random.Random(2)
    data = encode(frame(picture(rng)))
    for cycles in range(1, DIVISOR // 2):
        await wire.glitch(cycles)
        await wire.send(data[:20])
        await wire.glitch(cycles)
        await wire.send(data[20:])
        assert (await wire.answers.get()).kind == Kind.FRAME | REPLY
    assert await wire.statuses() == {"FINE": DIVISOR // 2}


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def a_byte_without_stop_bit_is_lost(dut: Any) -> None:
    """Dropped, reported with the packet it belongs to, and the next packet is right."""
    wire = await board(dut)
    data = encode(Packet(Kind.INFO, 0x1234))
    for place in (1, 4, 10, len(data) - 1):
        await wire.send(data[:place])
        await wire.byte(data[place], stop=0)
        # Without its last END the packet ends at the next one's first.
        rest = data[place + 1 :] or encode(Packet(Kind.INFO, 5))
        status, sequence, kind = await wire.refused(rest)
        assert status == Status.LOST_BYTES
        if place == len(data) - 1:
            assert (sequence, kind) == (0x1234, Kind.INFO)
            assert (await wire.answers.get()).sequence == 5
        assert (await wire.ask(Packet(Kind.INFO, 6))).sequence == 6
    assert await wire.statuses() == {"FINE": 6, "LOST_BYTES": 4}


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def more_bytes_than_there_is_room_for(dut: Any) -> None:
    """With the network held up the buffer runs over; what came before and after is right."""
    wire, rng = await board(dut), random.Random(3)
    pictures = [picture(rng) for _ in range(30)]
    dut.hold_up.value = 1
    for number, pixels in enumerate(pictures):
        if number == 27:
            dut.hold_up.value = 0
        await wire.send(encode(frame(pixels, number)))
    await wire.wait(10 * 40 * len(pictures))
    answers = []
    while not wire.answers.empty():
        answers.append(wire.answers.get_nowait())
    good = [answer for answer in answers if answer.kind == Kind.FRAME | REPLY]
    assert len(good) > 20
    for answer in good:
        assert answer.words[2] == words(pictures[answer.sequence], 0)[0]
    reasons = {Status(a.flags) for a in answers if a.kind == Kind.ERROR | REPLY}
    assert Status.LOST_BYTES in reasons
    last = picture(rng)
    assert (await wire.ask(frame(last, 99))).words[2] == words(last, 0)[0]


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def refusals(dut: Any) -> None:
    """Every status, with the sequence number and type of the packet that is refused; counted once
    each; the error pin until the counters are cleared."""
    wire, rng = await board(dut), random.Random(4)
    escape = bytes([END, Kind.INFO, 0, 9, 0, 0xDB, 0x07, 0, 0, 0, 0, 0, 0, 0, END])
    half = bytes([*encode(Packet(Kind.INFO, 12))[:-1], 0xDB, END])
    cases: dict[bytes, tuple[Status, int, int]] = {
        damaged_crc(Packet(Kind.INFO, 8)): (Status.WRONG_CRC, 8, Kind.INFO),
        escape: (Status.BAD_ESCAPE, 9, Kind.INFO),
        half: (Status.BAD_ESCAPE, 12, Kind.INFO),
        encode(Packet(0x55, 10)): (Status.UNKNOWN_TYPE, 10, 0x55),
        encode(Packet(Kind.INFO, 11, 0, b"1234")): (Status.WRONG_PAYLOAD, 11, Kind.INFO),
        encode(Packet(Kind.FRAME, 13, 0, bytes(71))): (Status.WRONG_PAYLOAD, 13, Kind.FRAME),
        encode(Packet(Kind.BENCH, 14, 0, bytes(4))): (Status.WRONG_PAYLOAD, 14, Kind.BENCH),
        encode(Packet(Kind.UPDATE, 15, 0, bytes(8))): (Status.WRONG_PAYLOAD, 15, Kind.UPDATE),
        encode(frame(picture(rng), 16))[:40] + b"\xc0": (Status.WRONG_LENGTH, 16, Kind.FRAME),
        # Nothing is known of packets whose header did not come, least of all that of an older one.
        bytes([END, Kind.FRAME, 0, 0x77, END]): (Status.WRONG_LENGTH, 0, 0),
        bytes([END, 1, 2, 3, 4, 5, 6, 7, END]): (Status.WRONG_LENGTH, 0, 0),
    }
    assert dut.error.value == 0
    counts: dict[str, int] = {}
    for data, wanted in cases.items():
        assert await wire.refused(data) == wanted, data.hex()
        assert dut.error.value == 1
        counts[wanted[0].name] = counts.get(wanted[0].name, 0) + 1
        assert await wire.statuses(clear=True) == {"FINE": 1, wanted[0].name: 1}
        assert dut.error.value == 0
    for data in cases:
        await wire.refused(data)
    assert await wire.statuses() == {"FINE": 1, **counts}
    assert dut.error.value == 1


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def a_packet_that_pauses(dut: Any) -> None:
    """For less than the timeout: no fault. For longer: refused, its frame dropped."""
    wire, rng = await board(dut), random.Random(5)
    pixels = picture(rng)
    data = encode(frame(pixels, 21))
    middle = 8 + 14 * COLOURS
    for place in (5, middle):
        await wire.send(data[:place])
        await ClockCycles(dut.clk, TIMEOUT - 200)
        await wire.send(data[place:])
        assert (await wire.answers.get()).words[2] == words(pixels, 0)[0]
    for place, origin in ((5, (0, 0)), (middle, (21, Kind.FRAME))):
        await wire.send(data[:place])
        await ClockCycles(dut.clk, TIMEOUT + 10 * DIVISOR)
        answer = await wire.answers.get()
        assert (answer.kind, Status(answer.flags)) == (Kind.ERROR | REPLY, Status.TIMED_OUT)
        assert (answer.sequence, answer.words[0]) == origin
    answer = await wire.ask(frame(pixels, 22))
    assert answer.words[2:] == tuple(words(pixels, 3))  # two whole frames and a mended one before


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def weights_of_other_hardware(dut: Any) -> None:
    """Every bit of the id counts. Refused weights never change the bank."""
    wire = await board(dut)
    image = bytes(range(IMAGE_BYTES))
    for bit in (0, 31, 32, 47, 63):
        wrong = struct.pack("<Q", HARDWARE_ID ^ 1 << bit) + image
        refusal = await wire.refused(encode(Packet(Kind.UPDATE, bit, 0, wrong)))
        assert refusal == (Status.WRONG_MODEL, bit, Kind.UPDATE)
        assert dut.bank.value == 0
    right = Packet(Kind.UPDATE, 1, 0, struct.pack("<Q", HARDWARE_ID) + image)
    answer = await wire.ask(right)
    assert (answer.kind, len(answer.words)) == (Kind.UPDATE | REPLY, 2)
    assert dut.bank.value == 1


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def activity(dut: Any) -> None:
    """Cycles of each kernel, exactly; zero after clearing."""
    wire = await board(dut)
    for _ in range(2):
        wanted: list[int] = []
        for name in ("busy", "starved", "blocked"):
            for kernel, cycles in enumerate((101 + 7 * len(wanted), 33 + 5 * len(wanted))):
                getattr(dut, name).value = 1 << kernel
                await ClockCycles(dut.clk, cycles)
                wanted.append(cycles)
            getattr(dut, name).value = 0
        await ClockCycles(dut.clk, 50)
        answer = await wire.ask(Packet(Kind.COUNTERS, 1, 1))
        assert list(answer.words[len(Status) :]) == wanted


def checksum(count: int, seed: int, first: int = 0) -> int:
    """Of the results of frames that the board makes, numbered from `first`."""
    made = pattern.frames(count, HEIGHT, WIDTH, COLOURS, seed).astype(np.int64)
    pixels = (made << 8 * np.arange(COLOURS)).sum(axis=-1).reshape(count, PIXELS)
    results = [words(frame, number) for number, frame in enumerate(pixels.tolist(), first)]
    return pattern.checksum(np.array(results))


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(seed=[0, 1, 0xC0DBDCDD])
async def frames_of_its_own(dut: Any, seed: int) -> None:
    wire = await board(dut)
    waiting: list[int] = []
    cocotb.start_soon(cycles_of(dut, ("result_waits",), waiting, clock="clk"))
    answer = await wire.ask(Packet(Kind.BENCH, 5, 0, struct.pack("<II", 9, seed)))
    frames, steady, in_all, total = answer.words
    assert (frames, total) == (9, checksum(9, seed))
    firsts = [cycle for cycle in waiting if cycle - 1 not in waiting]
    assert len(firsts) == 9
    assert steady == firsts[-1] - firsts[0]
    assert steady + PIXELS < in_all < steady + 3 * PIXELS


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(count=[1, 2])
async def few_frames_of_its_own(dut: Any, count: int) -> None:
    """The only one is the first and the last."""
    wire = await board(dut)
    answer = await wire.ask(Packet(Kind.BENCH, 5, 0, struct.pack("<II", count, 1)))
    frames, steady, _, total = answer.words
    assert (frames, total) == (count, checksum(count, 1))
    assert (steady == 0) == (count == 1)


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(waiting=[1, 2, 3])
async def a_measurement_behind_a_frame_that_waits(dut: Any, waiting: int) -> None:
    """The frame's last pixels go first, however long the network leaves them in front of it."""
    wire, rng = await board(dut), random.Random(11)
    pixels = picture(rng)
    bench = Packet(Kind.BENCH, 10, 0, struct.pack("<II", 2, 1))
    sent = cocotb.start_soon(wire.send(encode(frame(pixels, 9)) + encode(bench)))
    for _ in range(PIXELS - waiting):
        await RisingEdge(dut.clk)
        while not dut.pixel_moves.value:
            await RisingEdge(dut.clk)
    dut.hold_up.value = 1
    await sent
    await ClockCycles(dut.clk, 50)
    dut.hold_up.value = 0
    answer = await wire.answers.get()
    assert (answer.kind, answer.sequence) == (Kind.FRAME | REPLY, 9)
    assert list(answer.words[2:]) == words(pixels, 0)
    answer = await wire.answers.get()
    assert (answer.kind, answer.sequence) == (Kind.BENCH | REPLY, 10)
    assert (answer.words[0], answer.words[3]) == (2, checksum(2, 1, first=1))


@cocotb.test(timeout_time=40, timeout_unit="ms")
async def no_frame_of_its_own(dut: Any) -> None:
    wire = await board(dut)
    answer = await wire.ask(Packet(Kind.BENCH, 5, 0, struct.pack("<II", 0, 1)))
    assert answer.words == (0, 0, 0, 0)


@cocotb.test(timeout_time=80, timeout_unit="ms")
async def the_most_frames_of_its_own(dut: Any) -> None:
    """More are refused at once, so no packet keeps the board busy for long."""
    wire = await board(dut)
    for frames in (MOST_FRAMES + 1, 1 << 31, (1 << 32) - 1):
        packet = Packet(Kind.BENCH, 6, 0, struct.pack("<II", frames, 1))
        assert await wire.refused(encode(packet)) == (Status.WRONG_PAYLOAD, 6, Kind.BENCH)
    answer = await wire.ask(Packet(Kind.BENCH, 7, 0, struct.pack("<II", MOST_FRAMES, 1)))
    assert answer.words[0] == MOST_FRAMES


@cocotb.test(timeout_time=40, timeout_unit="ms")
@cocotb.parametrize(pause=[0, 1, 17, 500, 2000])
async def any_packet_ends_a_measurement(dut: Any, pause: int) -> None:
    """It is answered with the frames that were made, then the packet that came is answered."""
    wire, rng = await board(dut), random.Random(6)
    await wire.send(encode(Packet(Kind.BENCH, 8, 0, struct.pack("<II", MOST_FRAMES, 3))))
    await ClockCycles(dut.clk, pause)
    pixels = picture(rng)
    await wire.send(encode(frame(pixels, 9)))
    answer = await wire.answers.get()
    frames, _, in_all, total = answer.words
    assert (answer.kind, answer.sequence) == (Kind.BENCH | REPLY, 8)
    assert 1 <= frames <= 4 + pause // PIXELS + 12 * DIVISOR // PIXELS
    assert total == checksum(frames, 3)
    assert in_all < pause + 12 * DIVISOR + 5 * PIXELS
    answer = await wire.answers.get()
    assert (answer.sequence, answer.words[2:]) == (9, tuple(words(pixels, frames)))
    assert await wire.statuses() == {"FINE": 3}
