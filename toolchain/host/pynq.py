"""A network on a Zynq board as a Python object, on the board itself (PYNQ): numpy frames in;
labels, logits and counters out.

`DmaBoard` has the interface of toolchain/host/accelerator.py, `Accelerator`.

    board = open_overlay("hearth.bit")          # PYNQ's overlay, with its .hwh beside it
    board = open_overlay("hearth.bit", "hearth.weights")  # where some ROMs lie in UltraRAM
    for result in board.results(frames): ...
    for result in board.seen(100): ...          # where a camera sends the frames
"""

from __future__ import annotations

import importlib
import importlib.util
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hearth.toolchain.host.accelerator import Counters, Info, Result
from hearth.toolchain.ir import Array
from hearth.toolchain.support.errors import HearthError
from hearth.toolchain.targets.xilinx.registers import FAULTS, ID, OFFSET, RESTART, VERSION

ANSWER_SECONDS = 10.0
"""That a transfer may take: a frame is over in far less."""


class Registers(Protocol):
    """The control registers; pynq's MMIO is one."""

    def read(self, offset: int, /) -> int: ...

    def write(self, offset: int, value: int, /) -> object: ...


class Engine(Protocol):
    """Moves one packet of 32-bit words to the network and takes the packet of its results."""

    def exchange(self, words: Array, answer: Array) -> None: ...

    def receive(self, answer: Array) -> None:
        """The packet of results alone, of a board whose frames a camera sends."""


class DmaBoard:
    """A network behind AXI registers and a DMA engine, one frame at a time."""

    def __init__(self, registers: Registers, engine: Engine) -> None:
        self._registers = registers
        self._engine = engine
        self.info = self._info()
        self._trusted = self.read("load_bytes") == 0

    def load(self, image: bytes) -> None:
        """Fill the ROMs in UltraRAM with what a project holds for them (targets/xilinx/ultra.py),
        and have the board say the CRC of what came; what is inside the network is dropped.
        HearthError for another CRC, or another length than this network's: no frame is taken
        then."""
        wanted = self.read("load_bytes")
        if len(image) != wanted:
            raise HearthError(
                f"weights: {len(image):,} bytes, but this board waits for {wanted:,}; give the"
                " hearth.weights of the project that its bitstream was made of"
            )
        self._trusted = False
        self._registers.write(OFFSET["loaded"], 0)
        for word in np.frombuffer(image + bytes(-len(image) % 4), "<u4"):
            self._registers.write(OFFSET["load"], int(word))
        came, crc = self.read("loaded"), self.read("load_crc")
        if (came, crc) != (wanted, zlib.crc32(image)):
            self._registers.write(OFFSET["loaded"], 0)
            raise HearthError(
                f"weights: {came:,} of {wanted:,} bytes came, with CRC {crc:08x} for"
                f" {zlib.crc32(image):08x}; load them again"
            )
        self._trusted = True

    def results(self, frames: Array) -> Iterator[Result]:
        """Results of uint8 frames [n, height, width, colours], in order. HearthError when they have
        another size than the network's, or weights must be loaded first."""
        self._check_weights()
        expected = (self.info.height, self.info.width, self.info.colours)
        if frames.dtype != np.uint8 or frames.shape[1:] != expected:
            raise HearthError(
                f"the board takes uint8 frames of {expected}, these are {frames.dtype}"
                f" {frames.shape[1:]}"
            )
        for frame in frames:
            answer = self._answer()
            self._engine.exchange(pixel_words(frame), answer)
            yield self._result(answer)

    def seen(self, count: int) -> Iterator[Result]:
        """Results of the next `count` frames of a camera, as they come, of a board made with
        --video axis; `counters` tells how many of its frames were mended. HearthError when none
        comes, or weights must be loaded first."""
        self._check_weights()
        for _ in range(count):
            answer = self._answer()
            self._engine.receive(answer)
            yield self._result(answer)

    def _check_weights(self) -> None:
        if not self._trusted:
            raise HearthError(
                "the board's UltraRAM holds no weights yet: call load(), or give open_overlay the"
                " project's hearth.weights"
            )

    def _answer(self) -> Array:
        """Room for a packet of results."""
        return np.zeros(self.info.classes + self.info.top, np.uint32)

    def _result(self, answer: Array) -> Result:
        classes = self.info.classes
        top = tuple(int(index) for index in answer[classes:])
        return Result(answer[:classes].view(np.int32), top, self.read("latency"))

    def counters(self, clear: bool = False) -> Counters:
        """Frames, results and faults since the last clear. This border counts no kernels."""
        names = ("frames", "results", "damaged")
        found = {name: self.read(name) for name in names}
        flags = self.read("flags")
        found |= {name: flags >> bit & 1 for bit, name in enumerate(FAULTS)}
        if clear:
            self._registers.write(OFFSET["control"], self.read("control") | RESTART)
        return Counters(found, ())

    def read(self, name: str) -> int:
        """A control register by its name in toolchain/targets/xilinx/registers.py."""
        return int(self._registers.read(OFFSET[name]))

    def _info(self) -> Info:
        found = self.read("id"), self.read("version")
        if found != (ID, VERSION):
            raise HearthError(
                f"no Hearth network of version {VERSION} answers: register id reads"
                f" 0x{found[0]:08x}, version {found[1]}; load this build's bitstream"
            )
        size, counts = self.read("geometry"), self.read("classes")
        if not (size >> 16 and size & 0xFFFF and 1 <= counts >> 16 <= counts & 0xFFFF):
            raise HearthError(
                f"registers geometry and classes read 0x{size:08x} and 0x{counts:08x}, which no"
                " network has; load this build's bitstream"
            )
        return Info(
            build_id=self.read("build_low") | self.read("build_high") << 32,
            height=size >> 16,
            width=size & 0xFFFF,
            classes=counts & 0xFFFF,
            top=counts >> 16,
            kernels=0,
            clock_khz=self.read("clock"),
            colours=self.read("colours"),
        )


def pixel_words(frame: Array) -> Array:
    """uint8 [height, width, 1 to 4] as one 32-bit word a pixel: R, G, B from the lowest byte."""
    padded = np.zeros((*frame.shape[:2], 4), np.uint8)
    padded[..., : frame.shape[2]] = frame
    return padded.view("<u4").reshape(-1)


class PynqEngine:
    """PYNQ's driver of the DMA engine, with buffers it can reach. Needs a board."""

    def __init__(self, dma: Any, allocate: Any, timeout: float = ANSWER_SECONDS) -> None:
        self._dma = dma
        self._allocate = allocate
        self._timeout = timeout
        self._buffers: dict[tuple[str, int], Any] = {}

    def exchange(self, words: Array, answer: Array) -> None:
        """Start the receiver first: results must find it waiting. HearthError when a transfer does
        not end."""
        source, target = self._buffer("to", words.size), self._buffer("from", answer.size)
        source[:] = words
        self._dma.recvchannel.transfer(target)
        self._dma.sendchannel.transfer(source)
        self._wait(self._dma.sendchannel, "take a frame")
        self._wait(self._dma.recvchannel, "give a frame's results")
        answer[:] = target

    def receive(self, answer: Array) -> None:
        """HearthError when no results come."""
        target = self._buffer("from", answer.size)
        self._dma.recvchannel.transfer(target)
        self._wait(self._dma.recvchannel, "give a frame's results")
        answer[:] = target

    def _wait(self, channel: Any, what: str) -> None:
        """PYNQ's own `wait` has no end: called only when there is nothing to wait for."""
        deadline = time.monotonic() + self._timeout
        while not channel.idle:
            if time.monotonic() > deadline:
                raise HearthError(
                    f"the network did not {what} within {self._timeout:g} s; load the overlay again"
                )
        channel.wait()

    def _buffer(self, way: str, size: int) -> Any:
        if (way, size) not in self._buffers:
            self._buffers[way, size] = self._allocate(shape=(size,), dtype=np.uint32)
        return self._buffers[way, size]


def open_overlay(bitstream: str, weights: str = "") -> DmaBoard:
    """Configure the FPGA with PYNQ, open the network and fill its UltraRAM, if it has any, from the
    file `weights`. HearthError where PYNQ is missing, or the file holds something else."""
    if importlib.util.find_spec("pynq") is None:
        raise HearthError(
            f"{bitstream}: this runs on the board itself, under PYNQ, which is absent"
        )
    pynq = importlib.import_module("pynq")
    overlay = pynq.Overlay(bitstream)
    board = DmaBoard(overlay.hearth.mmio, PynqEngine(overlay.dma, pynq.allocate))
    if weights:
        board.load(read_image(Path(weights)))
    return board


def read_image(path: Path) -> bytes:
    """The bytes of a project's hearth.weights. HearthError when it is something else."""
    try:
        return bytes.fromhex(path.read_text())
    except (OSError, ValueError) as error:
        raise HearthError(
            f"{path}: expected the hexadecimal digits of a project's hearth.weights: {error}"
        ) from None
