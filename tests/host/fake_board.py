"""A board made of Python, honest or not: packets in, packets out, results of the golden model."""

from __future__ import annotations

import os
import struct
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from hearth.toolchain.host import pattern
from hearth.toolchain.host.packets import REPLY, VERSION, Decoder, Kind, Packet, Status, encode
from hearth.toolchain.ir import Array, QGraph, golden

Lie = Callable[[Packet, Packet], list[Packet]]
"""From a request and its honest answer to what is sent."""
CYCLES = 1000


def honest(request: Packet, answer: Packet) -> list[Packet]:
    return [answer]


class FakeBoard:
    """A wire with a board behind it (the Wire of line.py)."""

    def __init__(self, qgraph: QGraph, build_id: int, lie: Lie = honest) -> None:
        self.qgraph, self.build_id, self.lie = qgraph, build_id, lie
        self.requests: list[Packet] = []
        self._decoder = Decoder()
        self._output = bytearray()

    def write(self, data: bytes) -> int:
        for request in self._decoder.feed(data):
            self.requests.append(request)
            for packet in self.lie(request, self._answer(request)):
                self._output += encode(packet)
        return len(data)

    def read(self, size: int = 1) -> bytes:
        data = bytes(self._output[:size])
        del self._output[:size]
        return data

    def _answer(self, request: Packet) -> Packet:
        words = [int(word) & 0xFFFFFFFF for word in self._words(request)]
        payload = struct.pack(f"<{len(words)}I", *words)
        return Packet(request.kind | REPLY, request.sequence, request.flags, payload)

    def _words(self, request: Packet) -> list[int]:
        source, classes = self.qgraph.input, golden.classes(self.qgraph)
        size, counts = source.height << 16 | source.width, self._top << 16 | classes
        if request.kind == Kind.INFO:
            build = [self.build_id & 0xFFFFFFFF, self.build_id >> 32]
            return [
                VERSION,
                *build,
                size,
                counts,
                2,
                75_000,
                4,
                16,
                0xDEAD,
                0xBEEF,
                source.channels,
            ]
        if request.kind == Kind.FRAME:
            frame = np.frombuffer(request.payload, np.uint8).reshape(1, *source.shape)
            return [CYCLES, 0, *golden.outputs(self.qgraph, frame).reshape(-1).tolist()]
        if request.kind == Kind.BENCH:
            frames, seed = request.words
            made = pattern.frames(frames, *source.shape, seed)
            total = pattern.checksum(golden.outputs(self.qgraph, made))
            return [frames, CYCLES * (frames - 1), CYCLES * frames, total]
        if request.kind == Kind.COUNTERS:
            return [*range(len(Status)), *range(6)]
        return [1, 2]

    @property
    def _top(self) -> int:
        return self.qgraph.output.channels - golden.classes(self.qgraph)


def words(answer: Packet, changed: dict[int, int]) -> Packet:
    """An answer with other words in some places."""
    values = [changed.get(index, word) for index, word in enumerate(answer.words)]
    return replace(answer, payload=struct.pack(f"<{len(values)}I", *values))


@contextmanager
def terminal(board: FakeBoard) -> Iterator[str]:
    """The name of a pseudo-terminal with the board at its other end."""
    host, other = os.openpty()
    tty.setraw(other)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                data = os.read(host, 1 << 16)
            except (BlockingIOError, OSError):
                stop.wait(0.001)
                continue
            board.write(data)
            answer = board.read(1 << 30)
            while answer and not stop.is_set():
                try:
                    answer = answer[os.write(host, answer) :]
                except BlockingIOError:
                    stop.wait(0.001)

    os.set_blocking(host, False)
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield os.ttyname(other)
    finally:
        stop.set()
        thread.join()
        os.close(host)
        os.close(other)


def random_frames(qgraph: QGraph, count: int) -> Array:
    rng = np.random.default_rng(5)
    return rng.integers(0, 256, (count, *qgraph.input.shape), dtype=np.uint8)
