"""The host of Zynq boards against a board made of Python: the golden model behind registers."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.host.accelerator import Accelerator
from hearth.toolchain.host.pynq import DmaBoard, PynqEngine, open_overlay, pixel_words, read_image
from hearth.toolchain.ir import Array, Edge, Preprocessing, QGraph, golden
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.xilinx import ultra
from hearth.toolchain.targets.xilinx.registers import ENABLE, ID, OFFSET, RESTART, VERSION

SOURCE, SUMS = Edge("data", 4, 6, 3), Edge("sums", 1, 1, 3, 32, True)
NETWORK = QGraph(
    "tiny",
    (
        GlobalPool("sums", SOURCE, SUMS),
        TopK("top", SUMS, Edge("results", 1, 1, 5, 32, True)),
    ),
    Preprocessing(),
)


class FakeBoard:
    """Registers and DMA engine."""

    def __init__(self) -> None:
        self.words = dict.fromkeys(OFFSET.values(), 0)
        facts = {"id": ID, "version": VERSION, "geometry": 4 << 16 | 6, "classes": 2 << 16 | 3}
        facts |= {"build_low": 0x89ABCDEF, "build_high": 0x01234567, "clock": 200_000}
        facts |= {"control": ENABLE, "latency": 77, "flags": 0b10, "colours": 3}
        self.words |= {OFFSET[name]: value for name, value in facts.items()}

    def read(self, offset: int, /) -> int:
        return self.words[offset]

    def write(self, offset: int, value: int, /) -> None:
        self.words[offset] = value

    def exchange(self, words: Array, answer: Array) -> None:
        frame = words.view(np.uint8).reshape(1, 4, 6, 4)[..., :3]
        answer[:] = golden.outputs(NETWORK, frame)[0, 0, 0].view(np.uint32)
        self.words[OFFSET["frames"]] += 1

    def receive(self, answer: Array) -> None:
        raise AssertionError("no camera sends frames to this board")


def test_results_are_golden() -> None:
    fake = FakeBoard()
    board: Accelerator = DmaBoard(fake, fake)  # mypy: the interface of the serial host
    frames = np.random.default_rng(1).integers(0, 256, (3, 4, 6, 3)).astype(np.uint8)
    results = list(board.results(frames))
    wanted = golden.outputs(NETWORK, frames)[:, 0, 0]
    for result, want in zip(results, wanted, strict=True):
        assert np.array_equal(result.logits, want[:3])
        assert result.top == tuple(want[3:])
        assert result.cycles == 77
    assert board.info.build_id == 0x0123456789ABCDEF
    counters = board.counters(clear=True)
    assert counters.packets["frames"] == 3
    assert (counters.packets["long_line"], counters.packets["stalled"]) == (1, 0)
    assert fake.words[OFFSET["control"]] == ENABLE | RESTART


class Filming(FakeBoard):
    """A camera in front of the network; the host sends nothing."""

    def __init__(self, frames: Array) -> None:
        super().__init__()
        self.frames = list(frames)

    def receive(self, answer: Array) -> None:
        super().exchange(pixel_words(self.frames.pop(0)), answer)


def test_results_of_a_camera_s_frames() -> None:
    frames = np.random.default_rng(2).integers(0, 256, (3, 4, 6, 3)).astype(np.uint8)
    fake = Filming(frames)
    results = list(DmaBoard(fake, fake).seen(2))
    wanted = golden.outputs(NETWORK, frames)[:2, 0, 0]
    for result, want in zip(results, wanted, strict=True):
        assert np.array_equal(result.logits, want[:3])
        assert result.top == tuple(want[3:])
    assert len(fake.frames) == 1


def test_pixels_lie_in_the_low_bytes() -> None:
    frame = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    assert list(pixel_words(frame)) == [0x030201, 0x060504]


def test_mistakes_are_named() -> None:
    fake = FakeBoard()
    with pytest.raises(HearthError, match=r"takes uint8 frames of \(4, 6, 3\), these are"):
        list(DmaBoard(fake, fake).results(np.zeros((1, 6, 4, 3), np.uint8)))
    fake.words[OFFSET["id"]] = 0
    with pytest.raises(HearthError, match="register id reads 0x00000000"):
        DmaBoard(fake, fake)
    with pytest.raises(HearthError, match=r"hearth.bit: this runs on the board itself, under PYNQ"):
        open_overlay("hearth.bit")


@pytest.mark.parametrize("name", ["geometry", "classes"])
@pytest.mark.parametrize("value", [0, 1, 0x10000, 0xFFFF_0001])
def test_registers_that_no_network_has(name: str, value: int) -> None:
    fake = FakeBoard()
    fake.words[OFFSET[name]] = value
    if name == "geometry" and value == 0xFFFF_0001:  # 65535 lines of one pixel
        assert DmaBoard(fake, fake).info.height == 65535
        return
    with pytest.raises(HearthError, match=f"geometry and classes read .*{value:08x}.*no network"):
        DmaBoard(fake, fake)


class Waiting(FakeBoard):
    """A board whose UltraRAM waits for `wanted` bytes; of the words written, one may be lost or
    changed."""

    def __init__(self, wanted: int, spoil: int = -1, flip: int = 0) -> None:
        super().__init__()
        self.words[OFFSET["load_bytes"]] = self.wanted = wanted
        self.came = b""
        self.spoil, self.flip, self.written = spoil, flip, 0

    def write(self, offset: int, value: int, /) -> None:
        if offset == OFFSET["loaded"]:
            self.came, self.written = b"", 0
        elif offset == OFFSET["load"]:
            if self.written == self.spoil:
                value ^= self.flip
            if self.written != self.spoil or self.flip:
                self.came = (self.came + value.to_bytes(4, "little"))[: self.wanted]
            self.written += 1
        else:
            super().write(offset, value)
        self.words[OFFSET["loaded"]] = len(self.came)
        self.words[OFFSET["load_crc"]] = zlib.crc32(self.came)


IMAGE = bytes(range(1, 11))


def test_frames_wait_for_weights(tmp_path: Path) -> None:
    fake = Waiting(len(IMAGE))
    board = DmaBoard(fake, fake)
    frames = np.zeros((1, 4, 6, 3), np.uint8)
    with pytest.raises(HearthError, match=r"UltraRAM holds no weights yet: call load\(\)"):
        list(board.results(frames))
    with pytest.raises(HearthError, match=r"UltraRAM holds no weights yet: call load\(\)"):
        list(board.seen(1))
    (tmp_path / ultra.IMAGE).write_text(ultra.text(IMAGE))
    board.load(read_image(tmp_path / ultra.IMAGE))
    assert fake.came == IMAGE
    assert len(list(board.results(frames))) == 1


@pytest.mark.parametrize(
    ("flip", "what"), [(0, "8 of 10 bytes came"), (1 << 13, "10 of 10 bytes came, with CRC")]
)
def test_weights_that_come_wrong_are_none(flip: int, what: str) -> None:
    """A word that is lost, or changed on the way; the board is told to forget the others."""
    fake = Waiting(len(IMAGE), spoil=1, flip=flip)
    board = DmaBoard(fake, fake)
    for _ in range(2):
        with pytest.raises(HearthError, match=what):
            board.load(IMAGE)
        assert fake.came == b""
        with pytest.raises(HearthError, match="holds no weights yet"):
            list(board.results(np.zeros((1, 4, 6, 3), np.uint8)))


def test_weights_of_something_else(tmp_path: Path) -> None:
    fake = Waiting(len(IMAGE))
    with pytest.raises(HearthError, match="weights: 9 bytes, but this board waits for 10"):
        DmaBoard(fake, fake).load(IMAGE[:9])
    with pytest.raises(HearthError, match="this board waits for 0"):
        DmaBoard(FakeBoard(), FakeBoard()).load(IMAGE)
    other = tmp_path / "hearth.bit"
    for text in ("xy", "\0\0"):
        other.write_text(text)
        with pytest.raises(HearthError, match=r"hearth.bit: expected the hexadecimal digits"):
            read_image(other)
    other.write_bytes(b"\xff\xfe")
    with pytest.raises(HearthError, match=r"hearth.bit: expected the hexadecimal digits"):
        read_image(other)


class Channel:
    """A channel of PYNQ's DMA driver: idle after so many looks, or never."""

    def __init__(self, looks: float) -> None:
        self.looks = looks
        self.buffer: Array | None = None
        self.waited = False

    def transfer(self, buffer: Array) -> None:
        self.buffer = buffer

    @property
    def idle(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def wait(self) -> None:
        assert self.idle
        self.waited = True


class Dma:
    def __init__(self, sent: float, received: float) -> None:
        self.sendchannel, self.recvchannel = Channel(sent), Channel(received)


def test_engine_moves_a_frame() -> None:
    dma, answer = Dma(3, 5), np.zeros(2, np.uint32)
    engine = PynqEngine(dma, np.ones)
    engine.exchange(np.arange(4, dtype=np.uint32), answer)
    assert dma.sendchannel.buffer is not None
    assert list(dma.sendchannel.buffer) == [0, 1, 2, 3]
    assert list(answer) == [1, 1]
    assert dma.sendchannel.waited
    assert dma.recvchannel.waited


def test_engine_receives_alone() -> None:
    dma, answer = Dma(0, 5), np.zeros(2, np.uint32)
    PynqEngine(dma, np.ones).receive(answer)
    assert list(answer) == [1, 1]
    assert dma.recvchannel.waited
    assert dma.sendchannel.buffer is None
    with pytest.raises(HearthError, match="the network did not give a frame's results within"):
        PynqEngine(Dma(0, float("inf")), np.ones, timeout=0.01).receive(answer)


@pytest.mark.parametrize(
    ("sent", "received", "what"),
    [(float("inf"), 0, "take a frame"), (0, float("inf"), "give a frame's results")],
)
def test_transfer_that_never_ends(sent: float, received: float, what: str) -> None:
    engine = PynqEngine(Dma(sent, received), np.ones, timeout=0.01)
    with pytest.raises(HearthError, match=f"the network did not {what} within 0.01 s"):
        engine.exchange(np.zeros(4, np.uint32), np.zeros(2, np.uint32))
