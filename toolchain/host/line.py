"""Requests and their answers over a serial line that may lose, damage and invent packets.

A request is sent again when it is refused, when its answer does not come in time, or when something
else comes under its number; `faults` counts why. Every wait ends: after `attempts` there is a
HearthError that says what came last.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Protocol

from hearth.toolchain.host.packets import REPLY, Decoder, Kind, Packet, encode, status_name
from hearth.toolchain.support.errors import HearthError

WINDOW = 2
"""Frames on their way at once: one is received by the board while the other is computed."""
NO_ANSWER, OTHER_ANSWER, DAMAGED_ANSWER = "NO_ANSWER", "OTHER_ANSWER", "DAMAGED_ANSWER"
"""Faults that the host finds; the others are names of Status."""
_WIRE_BITS_PER_BYTE = 20
"""Start, stop and eight data bits, doubled when every byte is escaped."""
_SEQUENCES = 0xFFFF
"""Numbers 1 to this: 0 is for packets whose number a board does not know."""
_PIECE = 1 << 16
"""Bytes written at once, so that no write takes long (command.py gives each a time)."""


class Wire(Protocol):
    """What pyserial's Serial and the tests' stand-ins have in common; `read` may return b''."""

    def read(self, size: int = 1, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...


class Line:
    """Packets over a wire.

    timeout    seconds without the expected answer after which a request is sent again, beyond
               those that its bytes take
    attempts   how often a request is sent at most
    baud       bits per second of the line, for the time that bytes take
    """

    def __init__(self, wire: Wire, timeout: float, attempts: int, baud: int) -> None:
        self._wire = wire
        self._timeout = timeout
        self._byte_seconds = _WIRE_BITS_PER_BYTE / baud
        self._attempts = attempts
        self._decoder = Decoder()
        self._sequence = random.randrange(_SEQUENCES)  # an earlier program's answer is not ours
        self._open: set[int] = set()
        self._inbox: list[Packet] = []
        self.faults: Counter[str] = Counter()
        """Refusals by status, and what was lost, since this object exists."""

    def ask(
        self, kind: Kind, payload: bytes = b"", flags: int = 0, patience: float = 0.0
    ) -> Packet:
        """The answer to a request that may take `patience` seconds more than others."""
        return self.answer(self.send(kind, payload, flags), patience)

    def send(self, kind: Kind, payload: bytes = b"", flags: int = 0) -> Packet:
        """A request on its way, for `answer`."""
        self._sequence = self._sequence % _SEQUENCES + 1
        packet = Packet(kind, self._sequence, flags, payload)
        self._open.add(packet.sequence)
        self._write(packet)
        return packet

    def answer(self, request: Packet, patience: float = 0.0) -> Packet:
        """The answer to a request; asks again when it was refused or does not come."""
        reason = NO_ANSWER
        for attempt in range(self._attempts):
            if attempt:
                self._write(request)
            found = self._receive(request, patience)
            if isinstance(found, Packet):
                self._open.discard(request.sequence)
                self._inbox = [p for p in self._inbox if p.sequence != request.sequence]
                return found
            reason = found
        raise _gave_up(Kind(request.kind), self._attempts, reason)

    def _receive(self, request: Packet, patience: float) -> Packet | str:
        """The answer, or the fault that came instead of it."""
        wire_seconds = len(request.payload) * WINDOW * self._byte_seconds
        deadline = time.monotonic() + self._timeout + wire_seconds + patience
        while True:
            for packet in self._inbox:
                if packet.sequence == request.sequence:
                    self._inbox.remove(packet)
                    return packet if packet.kind == request.kind | REPLY else self._fault(packet)
            if time.monotonic() > deadline:
                self.faults[NO_ANSWER] += 1
                return NO_ANSWER
            self._read()

    def _fault(self, packet: Packet) -> str:
        """What a packet says that carries a request's number and is not its answer."""
        if packet.kind == Kind.ERROR | REPLY:
            return status_name(packet.flags)  # counted when it came
        self.faults[OTHER_ANSWER] += 1
        return OTHER_ANSWER

    def _write(self, packet: Packet) -> None:
        data = encode(packet)
        try:
            for start in range(0, len(data), _PIECE):
                self._wire.write(data[start : start + _PIECE])
        except OSError as error:
            raise _gone(error) from None

    def _read(self) -> None:
        """Sort what has arrived: answers to open requests into the inbox, faults into `faults`."""
        try:
            data = self._wire.read(65536)
        except OSError as error:
            raise _gone(error) from None
        before = self._decoder.damaged
        for packet in self._decoder.feed(data):
            if packet.kind == Kind.ERROR | REPLY:
                self.faults[status_name(packet.flags)] += 1
            if packet.sequence in self._open:
                self._inbox.append(packet)
        if self._decoder.damaged != before:
            self.faults[DAMAGED_ANSWER] += self._decoder.damaged - before


def _gone(error: OSError) -> HearthError:
    return HearthError(f"--port: the board is gone ({error.strerror or error})")


def _gave_up(kind: Kind, attempts: int, reason: str) -> HearthError:
    if reason == NO_ANSWER:
        return HearthError(
            f"--port: no answer to {kind.name} after {attempts} attempt(s); is the board configured"
            " with a Hearth bitstream, and the port the right one?"
        )
    if reason == OTHER_ANSWER:
        return HearthError(
            f"--port: what answers {kind.name} is not an answer to it, {attempts} time(s); is the"
            " board configured with the bitstream of this Hearth?"
        )
    return HearthError(
        f"--port: the board refused {kind.name} {attempts} time(s), at last with {reason}; is its"
        " cable good, and its bitstream that of this Hearth?"
    )
