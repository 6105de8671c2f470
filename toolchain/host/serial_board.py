"""A board at a serial line as a Python object: numpy frames in; labels, logits and counters out.

Requests that are lost or refused are repeated (line.py), so a noisy cable costs time and shows in
`faults`, never in results; answers that cannot be true are refused (answers.py).
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

import numpy as np

from hearth.toolchain.host import answers
from hearth.toolchain.host.accelerator import Counters, Info, Result, Speed
from hearth.toolchain.host.line import WINDOW, Line, Wire
from hearth.toolchain.host.packets import MOST_BENCH_FRAMES, Kind, Packet
from hearth.toolchain.ir import Array
from hearth.toolchain.support import advice
from hearth.toolchain.support.errors import HearthError

INTERRUPTED = "INTERRUPTED"
"""Fault: a measurement of the board's own frames that ended early."""


class SerialBoard:
    """A board at the other end of a serial line; timeout, attempts and baud are those of Line."""

    def __init__(
        self, wire: Wire, timeout: float = 1.0, attempts: int = 5, baud: int = 3_000_000
    ) -> None:
        self._line = Line(wire, timeout, attempts, baud)
        self._attempts = attempts
        self._frame_seconds = 0.0
        """That the slowest frame so far took inside the network."""
        self.info: Info = answers.info(self._line.ask(Kind.INFO))

    @property
    def faults(self) -> Counter[str]:
        """Refusals by status, and what was lost, since this object exists."""
        return self._line.faults

    def results(self, frames: Array) -> Iterator[Result]:
        """Results of uint8 frames [n, height, width, colours], in order. HearthError when the
        frames have another size than the network's, or the board stays silent."""
        expected = (self.info.height, self.info.width, self.info.colours)
        if frames.dtype != np.uint8 or frames.shape[1:] != expected:
            raise HearthError(
                f"--port: the board takes frames of {expected}, these are {frames.shape[1:]}"
            )
        waiting: list[Packet] = []
        for frame in frames:
            data = np.ascontiguousarray(frame).tobytes()
            waiting.append(self._line.send(Kind.FRAME, data, flags=1))
            if len(waiting) >= WINDOW:
                yield self._result(waiting.pop(0))
        for request in waiting:
            yield self._result(request)

    def counters(self, clear: bool = False) -> Counters:
        """Counters since the last clear."""
        return answers.counters(self._line.ask(Kind.COUNTERS, flags=int(clear)), self.info)

    def bench(self, frames: int, seed: int = 1) -> Speed:
        """Let the board make `frames` pseudo-random frames (pattern.py) at its own speed."""
        if not 1 <= frames <= MOST_BENCH_FRAMES:
            raise HearthError(
                f"a board makes 1 to {MOST_BENCH_FRAMES:,} frames of its own, not {frames:,}"
            )
        payload = struct.pack("<II", frames, seed)
        for _ in range(self._attempts):
            patience = (frames + 1) * self._frame_seconds
            speed = answers.speed(self._line.ask(Kind.BENCH, payload, patience=patience))
            if speed.frames == frames:
                return speed
            self.faults[INTERRUPTED] += 1
        raise HearthError(
            f"--port: the board made {speed.frames:,} frames of its own instead of {frames:,},"
            f" {self._attempts} time(s); does another program use the port?"
        )

    def update(self, hardware_id: int, image: bytes) -> int:
        """Give the running board new weights (weights.py) between two frames; returns the build id
        it runs then. It takes them whole or keeps the old ones. Raises HearthError when they were
        compiled for other hardware, or the board's weights are fixed."""
        if not self.info.image_bytes:
            raise HearthError(
                "--port: the weights of this board's bitstream are fixed; make one whose weights"
                f" can be changed with: {advice.command('bitstream', 'BUILD', '--live')}"
            )
        if hardware_id != self.info.hardware_id:
            raise HearthError(
                f"--port: the board's hardware is {self.info.hardware_id:016x}, these weights are"
                f" for {hardware_id:016x}; compile them with --like the board's build"
            )
        if len(image) != self.info.image_bytes:
            raise HearthError(
                f"--port: the board takes {self.info.image_bytes:,} bytes of weights, these are"
                f" {len(image):,} for the same hardware; load the bitstream of this Hearth into it"
            )
        packet = self._line.ask(Kind.UPDATE, struct.pack("<Q", hardware_id) + image)
        self.info = answers.info(self._line.ask(Kind.INFO))
        return answers.build_id(packet)

    def _result(self, request: Packet) -> Result:
        packet = self._line.answer(request, patience=WINDOW * self._frame_seconds)
        result = answers.result(packet, self.info)
        seconds = result.cycles / (1000 * self.info.clock_khz)
        self._frame_seconds = max(self._frame_seconds, seconds)
        return result
