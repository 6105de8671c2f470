"""A clip as a whole: how many frames it has and when each is shown. Its file is read once for that,
nothing is decoded, and a file that ends too early is found before any work begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.stream import Stream

from hearth.toolchain.data.clips import container, kinds
from hearth.toolchain.data.clips.container import ANEW, Opened
from hearth.toolchain.support import reading
from hearth.toolchain.support.errors import HearthError

_MICRO = Fraction(1, 1_000_000)
"""Seconds of the unit in which FFmpeg gives a file's length."""
_TAIL = 4096


@dataclass(frozen=True)
class Clip:
    """A clip's file.

    stamps  when each frame is shown, in ticks, ascending
    tick    seconds of a tick
    rate    frames per second, on average
    """

    path: Path
    stamps: Sequence[int]
    tick: Fraction
    rate: Fraction

    def seconds(self, number: int) -> Fraction:
        """From the first frame to frame `number`."""
        return (self.stamps[number] - self.stamps[0]) * self.tick


def open_clip(path: Path) -> Clip:
    """HearthError for a file that is no clip, is damaged or ends too early."""
    if kinds.is_gif(path):
        _check_gif(path)
    with container.opened(path) as found:
        stamps, end = _stamps(path, found)
        rate = found.stream.average_rate or found.stream.guessed_rate or Fraction(25)
        _check_end(path, found, end, rate)
    if not stamps:
        raise HearthError(f"{path}: holds no frame; the file is empty or cut off: {ANEW}")
    return Clip(path, stamps, found.tick, rate)


def _stamps(path: Path, found: Opened) -> tuple[tuple[int, ...], Fraction]:
    """Time stamps of the frames, and the end of all that the file holds in seconds."""
    stamps: list[int] = []
    end = Fraction(0)
    for packet in found.container.demux():
        if not packet.size:
            continue
        stamp = _stamp(packet)
        if stamp is not None:
            end = max(end, (stamp + (packet.duration or 0)) * packet.time_base)
        if packet.stream_index != found.stream.index or packet.is_discard:
            continue
        if packet.is_corrupt:
            raise HearthError(f"{path}: is damaged or cut off at frame {len(stamps)}; {ANEW}")
        stamps.append(stamps[-1] + 1 if stamp is None and stamps else stamp or 0)
    return tuple(sorted(stamps)), end


def _stamp(packet: Packet[Stream]) -> int | None:
    return packet.dts if packet.pts is None else packet.pts


def _check_end(path: Path, found: Opened, end: Fraction, rate: Fraction) -> None:
    """A Matroska file that is cut off just ends, a MOV may still have its index. Players and
    editors differ by a few frames about where the end is, so that much is not a reason."""
    duration = found.container.duration
    if not duration:
        return
    length = duration * _MICRO
    stated = (found.container.start_time or 0) * _MICRO + length
    tolerance = max(3 / rate if rate else Fraction(1), min(Fraction(1), length / 10))
    if stated - end > tolerance:
        raise HearthError(
            f"{path}: ends after {float(end):.2f} s, but should last {float(stated):.2f} s; it is"
            f" cut off: {ANEW}"
        )


def _check_gif(path: Path) -> None:
    """A GIF ends with its trailer (GIF89a, 27); FFmpeg does not look for it."""
    with reading.opened(path, kinds.LARGEST_FILE) as stream:
        stream.seek(max(0, stream.seek(0, 2) - _TAIL))
        if not stream.read().rstrip(b"\0").endswith(b";"):
            raise HearthError(f"{path}: is cut off: it has no end; {ANEW}")
