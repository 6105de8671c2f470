"""DVI's symbols, in Python: golden model of hw/video/hearth_tmds.sv, and what a screen makes of
symbols (Digital Visual Interface 1.0, section 3).

A symbol is ten bits, the lowest sent first: {inverted, XORs and not XNORs, eight bits}.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir import Array
from hearth.toolchain.video.screen import Timing

CONTROL = (0b1101010100, 0b0010101011, 0b0101010100, 0b1010101011)
"""Symbols of a pause by {vsync, hsync}, of channel 0."""


def encode(byte: int, excess: int) -> tuple[int, int]:
    """Symbol of a byte behind `excess` more ones than zeros, and the excess behind it: the
    standard's figure 3-5, line by line."""
    bits = [byte >> i & 1 for i in range(8)]
    xnor = sum(bits) > 4 or (sum(bits) == 4 and bits[0] == 0)
    few = [bits[0]]
    for bit in bits[1:]:
        few.append(few[-1] ^ bit ^ int(xnor))
    ones, plain = sum(few), int(not xnor)
    zeros = 8 - ones
    if excess == 0 or ones == zeros:
        inverted = 1 - plain
        excess += ones - zeros if plain else zeros - ones
    elif (excess > 0) == (ones > zeros):
        inverted = 1
        excess += 2 * plain + zeros - ones
    else:
        inverted = 0
        excess += ones - zeros - 2 * (1 - plain)
    sent = sum((bit ^ inverted) << i for i, bit in enumerate(few))
    return inverted << 9 | plain << 8 | sent, excess


def decode(symbol: int) -> int:
    """The byte of a symbol that is none of a pause's: the standard's figure 3-6."""
    bits = symbol & 0xFF ^ (0xFF if symbol >> 9 else 0)
    first = 0xFF if not symbol >> 8 & 1 else 0
    return (bits ^ (bits << 1 & 0xFF) ^ first & 0xFE) & 0xFF


@dataclass(frozen=True, eq=False)
class Received:
    """What came of a run of symbols.

    seen    pixels and not pauses, bool [cycles]
    pixels  uint8 [cycles, 3], red first; 0 in pauses
    syncs   vsync and hsync as they were sent, uint8 [cycles, 2]; 1 while pixels come
    """

    seen: Array
    pixels: Array
    syncs: Array

    def pictures(self, height: int, width: int) -> list[Array]:
        """Every whole picture, uint8 [height, width, 3]; the first begins behind a first vsync.

        Raises ValueError where a line has another length, or a picture other lines.
        """
        starts = np.flatnonzero(np.diff(self.syncs[:, 0].astype(int)) == -1) + 1
        found = []
        for start, end in itertools.pairwise(starts):
            seen = self.seen[start:end]
            lengths = np.diff(np.flatnonzero(np.diff(seen.astype(int))))[::2]
            if lengths.tolist() != [width] * height:
                raise ValueError(f"a picture of lines of {lengths.tolist()} pixels")
            found.append(self.pixels[start:end][seen].reshape(height, width, 3))
        return found


def receive(symbols: Array) -> Received:
    """What a screen makes of symbols, int [cycles, 3], blue's channel first.

    Raises ValueError where a channel pauses and another does not.
    """
    control = np.full(1024, -1)
    control[list(CONTROL)] = np.arange(4)
    bytes_of = np.array([decode(symbol) for symbol in range(1024)], np.uint8)
    seen = control[symbols] < 0
    if (seen != seen[:, :1]).any():
        raise ValueError("one channel pauses and another does not")
    pixels = np.where(seen, bytes_of[symbols], 0).astype(np.uint8)[:, ::-1]
    word = np.where(seen[:, 0], 3, control[symbols[:, 0]])
    syncs = np.stack((word >> 1, word & 1), axis=1).astype(np.uint8)
    return Received(seen[:, 0], pixels, syncs)


def pictures(words: Array, across: Timing, down: Timing) -> Iterator[tuple[int, Array]]:
    """Every whole picture behind a first vsync in words of three symbols, blue's channel lowest,
    int [cycles]: the cycle of its first pixel, and uint8 [height, width, 3].

    Raises ValueError where a pause is no pause on all channels, or the timing is another one.
    """
    cycles = across.total * down.total
    syncs = receive(_channels(words[: 2 * cycles])).syncs[:, 0].astype(int)
    falls = np.flatnonzero(np.diff(syncs) == -1)
    if not len(falls):
        raise ValueError("no vsync comes")
    for begin in range(int(falls[0]), len(words) - cycles - 1, cycles):
        part = receive(_channels(words[begin : begin + cycles + 2]))
        found = part.pictures(down.seen, across.seen)
        if len(found) != 1:
            raise ValueError(f"a vsync does not come {cycles} cycles behind the last")
        yield begin + int(part.seen.argmax()), found[0]


def _channels(words: Array) -> Array:
    """int [cycles, 3], as `receive` takes them."""
    return np.stack([words >> 10 * channel & 1023 for channel in range(3)], axis=1)
