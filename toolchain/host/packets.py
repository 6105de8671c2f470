"""Packets on the wire: SLIP framing, header, CRC-32. Pure functions; the wire is port.py's.

    END  type(1) flags(1) sequence(2) length(4) payload(length) CRC-32(4)  END      little endian

Between two ENDs (C0), C0 is written DB DC and DB is written DB DD (SLIP, RFC 1055). The CRC is
that of zlib over everything before it. docs/design/link.md lists types and payloads;
hw/link/hearth_link_pkg.sv holds the same numbers.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE = 0xC0, 0xDB, 0xDC, 0xDD
VERSION = 3
REPLY = 0x80
MOST_BENCH_FRAMES = 4096
"""Of one BENCH request."""
_HEADER = struct.Struct("<BBHI")
_LONGEST = 1 << 20
"""Bytes of a packet, and more than any has; the rest of a longer one is thrown away."""


class Kind(IntEnum):
    """Types of requests; an answer's has REPLY added."""

    FRAME = 0x01
    INFO = 0x02
    COUNTERS = 0x03
    BENCH = 0x04
    UPDATE = 0x05
    ERROR = 0x7F


class Status(IntEnum):
    """Why the board refused a packet (flags of an ERROR packet)."""

    FINE = 0
    WRONG_CRC = 1
    WRONG_LENGTH = 2
    UNKNOWN_TYPE = 3
    WRONG_PAYLOAD = 4
    TIMED_OUT = 5
    BAD_ESCAPE = 6
    LOST_BYTES = 7
    WRONG_MODEL = 8


def status_name(status: int) -> str:
    """Name of a status, also of one that only other versions of the packet format know."""
    return Status(status).name if status in set(Status) else f"STATUS_{status}"


@dataclass(frozen=True)
class Packet:
    """One packet, either way."""

    kind: int
    sequence: int = 0
    flags: int = 0
    payload: bytes = b""

    @property
    def words(self) -> tuple[int, ...]:
        """The payload as unsigned 32-bit words."""
        return struct.unpack(f"<{len(self.payload) // 4}I", self.payload)


def encode(packet: Packet) -> bytes:
    """Bytes on the wire."""
    header = _HEADER.pack(packet.kind, packet.flags, packet.sequence, len(packet.payload))
    body = header + packet.payload
    body += struct.pack("<I", zlib.crc32(body))
    escaped = body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0" + escaped + b"\xc0"


def _unescape(raw: bytes) -> bytes | None:
    """What stood between two ENDs, or None when an escape is broken."""
    parts = raw.split(b"\xdb")
    result = bytearray(parts[0])
    for part in parts[1:]:
        if part[:1] == bytes([ESCAPED_END]):
            result.append(END)
        elif part[:1] == bytes([ESCAPED_ESCAPE]):
            result.append(ESCAPE)
        else:
            return None
        result += part[1:]
    return bytes(result)


def decode(raw: bytes) -> Packet | None:
    """The packet between two ENDs, or None when it is damaged."""
    body = _unescape(raw)
    if body is None or len(body) < _HEADER.size + 4:
        return None
    if zlib.crc32(body[:-4]) != struct.unpack("<I", body[-4:])[0]:
        return None
    kind, flags, sequence, length = _HEADER.unpack_from(body)
    payload = body[_HEADER.size : -4]
    return Packet(kind, sequence, flags, payload) if len(payload) == length else None


@dataclass
class Decoder:
    """Cuts a stream of bytes into packets, whatever else it holds."""

    damaged: int = 0
    """Packets that arrived broken."""
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Packets that `data` completes."""
        first, *others = data.split(bytes([END]))
        self._rest += first
        for later in others:
            raw, self._rest = bytes(self._rest), bytearray(later)
            if not raw:
                continue
            packet = decode(raw) if len(raw) < _LONGEST else None
            if packet is None:
                self.damaged += 1
            else:
                yield packet
        del self._rest[_LONGEST:]
