"""ROM images and the on-chip budget.

A ROM arrives as integer fields per word (toolchain/ir/kernel.py, Rom) and leaves as the text
$readmemh reads: one word a line, hexadecimal, most significant digit first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bitstring import Bits

from hearth.toolchain.ir import Array, Rom
from hearth.toolchain.support.errors import HearthError

DEFAULT_BUDGET = 10_000_000
"""Bytes of ROM a network may take unless the user says otherwise."""


def word_bits(rom: Rom) -> Array:
    """The ROM as bits, uint8 [words, width], most significant first; fields are checked to fit."""
    columns: list[Array] = []
    for index, bits in enumerate(rom.field_bits):
        values = rom.fields[:, index].astype(np.int64)
        if values.min() < -(1 << (bits - 1)) or values.max() >= 1 << bits:
            raise ValueError(f"{rom.name}: field {index} does not fit in {bits} bits")
        columns.append((values[:, None] >> np.arange(bits)) & 1)
    return np.concatenate(columns, axis=1).astype(np.uint8)[:, ::-1]


def image(rom: Rom) -> str:
    """Text of the ROM for $readmemh."""
    bits = word_bits(rom)
    room = -rom.width % 8
    packed = np.packbits(np.pad(bits, ((0, 0), (room, 0))), axis=1)
    digits = Bits.from_bytes(packed.tobytes()).hex
    line, keep = packed.shape[1] * 2, -(-rom.width // 4)
    return "\n".join(digits[end - keep : end] for end in range(line, len(digits) + 1, line)) + "\n"


def total_bytes(roms: Sequence[Rom]) -> int:
    """Bytes of all ROMs as they lie in hardware, padding words and lanes included."""
    return -(-sum(rom.bits for rom in roms) // 8)


def check_budget(roms: Sequence[Rom], budget: int) -> int:
    """Bytes of all ROMs; HearthError naming the largest when they exceed `budget` bytes."""
    used = total_bytes(roms)
    if used > budget:
        largest = sorted(roms, key=lambda rom: -rom.bits)[:3]
        names = ", ".join(f"{rom.name} ({rom.bits // 8:,} bytes)" for rom in largest)
        raise HearthError(
            f"--rom-budget: the weights need {used:,} bytes of ROM but {budget:,} are allowed; the"
            f" largest are {names}. Allow more, use fewer weight bits, or a smaller model"
        )
    return used
