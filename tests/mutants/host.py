"""Faults in the host's side of a board: packets, and what is made of answers."""

from __future__ import annotations

from tests.mutants.kinds import Mutant

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "decoder takes a wrong CRC",
        "toolchain/host/packets.py",
        "if zlib.crc32(body[:-4]) != ",
        "if zlib.crc32(body[:-4]) is ",
        bench="host",
    ),
    Mutant(
        "decoder forgets the rest of a packet",
        "toolchain/host/packets.py",
        "self._rest += data",
        "self._rest = bytearray(data)",
        bench="host",
    ),
)
