"""A board as a Python object: numpy frames in; labels, logits and counters out.

`Accelerator` is the interface that every way to a board shares; `SerialBoard` speaks the packets
of packets.py over anything with `read` and `write`. Requests that are lost or refused are
repeated, so a noisy cable costs time and shows in `faults`, never in results.
"""

from __future__ import annotations

import random
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from toolchain import advice
from toolchain.errors import HearthError
from toolchain.host.packets import (
    REPLY,
    VERSION,
    Decoder,
    Kind,
    Packet,
    Status,
    encode,
    status_name,
)
from toolchain.ir import Array

WINDOW = 2
"""Frames on their way at once: one is received by the board while the other is computed."""
_WIRE_BITS_PER_BYTE = 20
"""Start, stop and eight data bits, doubled when every byte is escaped."""


class Wire(Protocol):
    """What pyserial's Serial and the tests' stand-ins have in common; `read` may return b''."""

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...


@dataclass(frozen=True)
class Info:
    """What a board says about itself.

    image_bytes    of new weights that it takes while it runs; 0 when its weights are fixed
    hardware_id    what new weights must have been compiled for
    """

    build_id: int
    height: int
    width: int
    classes: int
    top: int
    kernels: int
    clock_khz: int
    image_bytes: int = 0
    hardware_id: int = 0


@dataclass(frozen=True, eq=False)
class Result:
    """One frame's result: logits int32 [classes], best classes first, cycles from first pixel to
    first logit."""

    logits: Array
    top: tuple[int, ...]
    cycles: int


@dataclass(frozen=True)
class Activity:
    """Cycles one kernel worked, waited for input, and waited for its output to be taken."""

    busy: int
    starved: int
    blocked: int


@dataclass(frozen=True)
class Counters:
    """Packets by status as the board saw them, and every kernel's activity since the last clear."""

    packets: dict[str, int]
    kernels: tuple[Activity, ...]


@dataclass(frozen=True)
class Speed:
    """Frames made on the board itself: cycles per frame at steady state, checksum of results."""

    frames: int
    cycles_per_frame: float
    checksum: int


class Accelerator(Protocol):
    """A network on an FPGA, however it is reached."""

    info: Info

    def results(self, frames: Array) -> Iterator[Result]:
        """Results of uint8 frames [n, height, width, 3], in order."""

    def counters(self, clear: bool = False) -> Counters:
        """Counters since the last clear."""


class SerialBoard:
    """A board at the other end of a serial line.

    timeout    seconds without the expected answer after which a request is sent again, beyond
               those that its bytes take
    attempts   how often a request is sent at most
    baud       bits per second of the line, for the time that bytes take
    """

    def __init__(
        self, wire: Wire, timeout: float = 1.0, attempts: int = 5, baud: int = 3_000_000
    ) -> None:
        self._wire = wire
        self._timeout = timeout
        self._byte_seconds = _WIRE_BITS_PER_BYTE / baud
        self._attempts = attempts
        self._decoder = Decoder()
        self._sequence = random.randrange(1 << 16)  # an answer to an earlier program is not ours
        self._open: set[int] = set()
        self._inbox: list[Packet] = []
        self.faults: Counter[str] = Counter()
        """Refusals by status, and what was lost, since this object exists."""
        self.info = self._info()

    # ------------------------------------------------------------------ requests

    def results(self, frames: Array) -> Iterator[Result]:
        """Results of uint8 frames [n, height, width, 3], in order. Raises HearthError when the
        frames have another size than the network's, or the board stays silent."""
        expected = (self.info.height, self.info.width, 3)
        if frames.dtype != np.uint8 or frames.shape[1:] != expected:
            raise HearthError(
                f"--port: the board takes frames of {expected}, these are {frames.shape[1:]}"
            )
        waiting: list[Packet] = []
        for frame in frames:
            waiting.append(self._send(Kind.FRAME, np.ascontiguousarray(frame).tobytes(), flags=1))
            if len(waiting) >= WINDOW:
                yield self._result(self._answer(waiting.pop(0)))
        for packet in waiting:
            yield self._result(self._answer(packet))

    def counters(self, clear: bool = False) -> Counters:
        """Counters since the last clear."""
        words = self._ask(Kind.COUNTERS, flags=int(clear)).words
        statuses, rest = words[: len(Status)], words[len(Status) :]
        kernels = self.info.kernels
        parts = [rest[i * kernels : (i + 1) * kernels] for i in range(3)]
        activity = tuple(Activity(*row) for row in zip(*parts, strict=True))
        return Counters({s.name: statuses[s] for s in Status}, activity)

    def bench(self, frames: int, seed: int = 1) -> Speed:
        """Let the board make `frames` pseudo-random frames (pattern.py) at its own speed."""
        words = self._ask(Kind.BENCH, struct.pack("<II", frames, seed)).words
        return Speed(words[0], words[1] / max(1, frames - 1), words[3])

    def update(self, hardware_id: int, image: bytes) -> int:
        """Give the running board new weights (weights.py) between two frames; returns the build id
        it runs then. It takes them whole or keeps the old ones. Raises HearthError when they were
        compiled for other hardware, or the board's weights are fixed."""
        if not self.info.image_bytes:
            raise HearthError(
                "--port: the weights of this board's bitstream are fixed; make one whose weights"
                f" can be changed with: {advice.command('bitstream', 'BUILD', '--live')}"
            )
        if (hardware_id, len(image)) != (self.info.hardware_id, self.info.image_bytes):
            raise HearthError(
                f"--port: the board's hardware is {self.info.hardware_id:016x}, these weights are"
                f" for {hardware_id:016x}; compile them with --like the board's build"
            )
        words = self._ask(Kind.UPDATE, struct.pack("<Q", hardware_id) + image).words
        self.info = self._info()
        return words[0] | words[1] << 32

    def _info(self) -> Info:
        words = self._ask(Kind.INFO).words
        if words[0] != VERSION:
            raise HearthError(
                f"--port: the board speaks version {words[0]} of the packet format, this program"
                f" {VERSION}; build its bitstream again"
            )
        size, counts = words[3], words[4]
        return Info(
            build_id=words[1] | words[2] << 32,
            height=size >> 16,
            width=size & 0xFFFF,
            classes=counts & 0xFFFF,
            top=counts >> 16,
            kernels=words[5],
            clock_khz=words[6],
            image_bytes=words[8],
            hardware_id=words[9] | words[10] << 32,
        )

    def _result(self, packet: Packet) -> Result:
        words = packet.words
        classes = self.info.classes
        logits = np.array(words[2 : 2 + classes], np.uint32).view(np.int32)
        return Result(logits, tuple(words[2 + classes :]), words[0])

    # ------------------------------------------------------------------ packets

    def _ask(self, kind: Kind, payload: bytes = b"", flags: int = 0) -> Packet:
        return self._answer(self._send(kind, payload, flags))

    def _send(self, kind: Kind, payload: bytes = b"", flags: int = 0) -> Packet:
        self._sequence = (self._sequence + 1) & 0xFFFF
        packet = Packet(kind, self._sequence, flags, payload)
        self._open.add(packet.sequence)
        self._write(packet)
        return packet

    def _write(self, packet: Packet) -> None:
        try:
            self._wire.write(encode(packet))
        except OSError as error:
            raise HearthError(f"--port: the board is gone ({error.strerror or error})") from None

    def _answer(self, request: Packet) -> Packet:
        """The answer to a request; asks again when it was refused or does not come."""
        for attempt in range(self._attempts):
            if attempt:
                self._write(request)
            packet = self._receive(request)
            if packet is not None:
                self._open.discard(request.sequence)
                return packet
        raise HearthError(
            f"--port: no answer to {Kind(request.kind).name} after {self._attempts} attempt(s);"
            " is the board configured with a Hearth bitstream, and the port the right one?"
        )

    def _receive(self, request: Packet) -> Packet | None:
        """The answer, or None when the board refused the request or time is up."""
        wire_seconds = len(request.payload) * WINDOW * self._byte_seconds
        deadline = time.monotonic() + self._timeout + wire_seconds
        while True:
            for packet in self._inbox:
                if packet.sequence == request.sequence:
                    self._inbox.remove(packet)
                    return packet if packet.kind == request.kind | REPLY else None
            if time.monotonic() > deadline:
                self.faults["NO_ANSWER"] += 1
                return None
            self._read()

    def _read(self) -> None:
        """Sort what has arrived: answers to open requests into the inbox, faults into `faults`."""
        try:
            data = self._wire.read(65536)
        except OSError as error:
            raise HearthError(f"--port: the board is gone ({error.strerror or error})") from None
        before = self._decoder.damaged
        for packet in self._decoder.feed(data):
            if packet.kind == Kind.ERROR | REPLY:
                self.faults[status_name(packet.flags)] += 1
            if packet.sequence in self._open:
                self._inbox.append(packet)
        if self._decoder.damaged != before:
            self.faults["DAMAGED_ANSWER"] += self._decoder.damaged - before
