"""What the words of a board's answers mean (docs/design/link.md), and whether they can be true.

A CRC says that an answer arrived as it was sent, not that whoever sent it is a Hearth board, or one
that works. So every answer is held against its length and against what is possible; one that is not
believed is a HearthError. What is possible but wrong, compare.py finds.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.host.accelerator import Activity, Counters, Info, Result, Speed
from hearth.toolchain.host.packets import VERSION, Kind, Packet, Status
from hearth.toolchain.support.errors import HearthError

MOST_COLOURS = 4
"""Bytes of a pixel."""
_INFO_WORDS = 12
_BENCH_WORDS = 4
_MOST_FRAME_BYTES = 1 << 28
"""That a board can count (hw/link/hearth_packet_receiver.sv)."""


def _words(packet: Packet, kind: Kind, count: int) -> tuple[int, ...]:
    """The words of an answer to `kind`, as many as it must have."""
    if len(packet.payload) != 4 * count:
        raise HearthError(
            f"--port: the board answers {kind.name} with {len(packet.payload):,} bytes where"
            f" {4 * count:,} are expected; load the bitstream of this Hearth into it"
        )
    return packet.words


def _impossible(kind: Kind, what: str) -> HearthError:
    return HearthError(
        f"--port: the board answers {kind.name} with {what}, which cannot be; load the bitstream of"
        " this Hearth into it"
    )


def info(packet: Packet) -> Info:
    """What the board says about itself. HearthError when it speaks another version, too."""
    if len(packet.payload) >= 4 and packet.payload[:4] != VERSION.to_bytes(4, "little"):
        found = int.from_bytes(packet.payload[:4], "little")
        raise HearthError(
            f"--port: the board speaks version {found} of the packet format, this program"
            f" {VERSION}; build its bitstream again"
        )
    words = _words(packet, Kind.INFO, _INFO_WORDS)
    size, counts = words[3], words[4]
    found_info = Info(
        build_id=words[1] | words[2] << 32,
        height=size >> 16,
        width=size & 0xFFFF,
        classes=counts & 0xFFFF,
        top=counts >> 16,
        kernels=words[5],
        clock_khz=words[6],
        image_bytes=words[8],
        hardware_id=words[9] | words[10] << 32,
        colours=words[11],
    )
    return _believed(found_info)


def _believed(found: Info) -> Info:
    if not 1 <= found.colours <= MOST_COLOURS:
        raise _impossible(Kind.INFO, f"pixels of {found.colours:,} bytes")
    bytes_of_frame = found.colours * found.height * found.width
    if not 0 < bytes_of_frame <= _MOST_FRAME_BYTES:
        raise _impossible(Kind.INFO, f"frames of {found.height} x {found.width} pixels")
    if not 1 <= found.top <= found.classes:
        raise _impossible(Kind.INFO, f"the {found.top} best of {found.classes} classes")
    if not found.clock_khz:
        raise _impossible(Kind.INFO, "a clock of 0 kHz")
    if not 1 <= found.kernels <= 0xFFFF // 3 - len(Status):
        raise _impossible(Kind.INFO, f"{found.kernels:,} kernels")
    return found


def result(packet: Packet, board: Info) -> Result:
    """One frame's result, its logits asked for."""
    words = _words(packet, Kind.FRAME, 2 + board.classes + board.top)
    if not words[0]:
        raise _impossible(Kind.FRAME, "a latency of 0 cycles")
    logits = np.array(words[2 : 2 + board.classes], np.uint32).view(np.int32)
    return Result(logits, words[2 + board.classes :], words[0])


def counters(packet: Packet, board: Info) -> Counters:
    """Packets by status and every kernel's activity."""
    kernels = board.kernels
    words = _words(packet, Kind.COUNTERS, len(Status) + 3 * kernels)
    statuses, rest = words[: len(Status)], words[len(Status) :]
    parts = [rest[i * kernels : (i + 1) * kernels] for i in range(3)]
    activity = tuple(Activity(*row) for row in zip(*parts, strict=True))
    return Counters({s.name: statuses[s] for s in Status}, activity)


def speed(packet: Packet) -> Speed:
    """What the board measured with frames of its own; cycles between their first words."""
    frames, steady, in_all, checksum = _words(packet, Kind.BENCH, _BENCH_WORDS)
    if steady > in_all or (frames > 1 and steady < frames - 1) or (frames and not in_all):
        raise _impossible(Kind.BENCH, f"{steady:,} of {in_all:,} cycles for {frames:,} frames")
    return Speed(frames, steady / max(1, frames - 1), checksum)


def build_id(packet: Packet) -> int:
    """What the board runs after an update."""
    low, high = _words(packet, Kind.UPDATE, 2)
    return low | high << 32
