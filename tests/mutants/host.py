"""Faults in the host's side of a board: packets, and what is made of answers."""

from __future__ import annotations

from tests.mutants.kinds import Mutant


def _host(name: str, file: str, old: str, new: str) -> Mutant:
    return Mutant(name, f"toolchain/{file}.py", old, new, bench="host")


MUTANTS: tuple[Mutant, ...] = (
    _host(
        "decoder takes a wrong CRC",
        "host/packets",
        "if zlib.crc32(body[:-4]) != ",
        "if zlib.crc32(body[:-4]) is ",
    ),
    _host(
        "decoder forgets the rest of a packet",
        "host/packets",
        "self._rest += first",
        "self._rest = bytearray(first)",
    ),
    _host(
        "decoder takes a wrong length",
        "host/packets",
        "if len(payload) == length else None",
        "if len(payload) <= length else None",
    ),
    _host("decoder keeps rubbish", "host/packets", "del self._rest[_LONGEST:]", "pass"),
    _host(
        "version unread",
        "host/answers",
        "if len(packet.payload) >= 4 and packet",
        "if len(packet.payload) >= 99 and packet",
    ),
    _host("any length", "host/answers", "!= 4 * count", "< 4 * count"),
    _host("hardware id in its low half", "host/answers", "words[9] | words[10] << 32", "words[9]"),
    _host(
        "a refusal is an answer", "host/line", "if packet.kind == request.kind | REPLY", "if packet"
    ),
    _host("number zero", "host/line", "% _SEQUENCES + 1", "% _SEQUENCES"),
    _host("refused, says the sentence: silent", "host/line", "            reason = found\n", ""),
    _host(
        "foreign answers kept",
        "host/line",
        "if packet.sequence in self._open:",
        "if True:",
    ),
    _host(
        "interrupted measurement",
        "host/serial_board",
        "if speed.frames == frames:",
        "if speed.frames:",
    ),
    _host(
        "any rate", "cli/connect", "if not uart.SLOWEST <= baud <= uart.FASTEST:", "if baud < 0:"
    ),
    _host(
        "label unchecked",
        "host/compare",
        "[result.logits, np.array(",
        "[result.logits, wanted[index, classes:] | 0 * np.array(",
    ),
    _host("transfer not finished", "host/pynq", "        channel.wait()\n", ""),
    _host(
        "pixels from the top byte",
        "host/pynq",
        "padded[..., : frame.shape[2]] = frame",
        "padded[..., -frame.shape[2] :] = frame",
    ),
)
