"""Memories as Yosys lays them out over block RAMs, for tests of what finds them again."""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array


def image(bits: Array) -> str:
    """A $readmemh image of words, uint8 [words, bits], lowest first."""
    digits = -(-bits.shape[1] // 4)
    values = [sum(int(bit) << i for i, bit in enumerate(word)) for word in bits]
    return "\n".join(f"{value:0{digits}x}" for value in values) + "\n"


def laid_out(bits: Array, depth: int, width: int, *, packed: bool = False) -> list[Array]:
    """A memory cut into block RAMs, as Yosys does it: chunks of words beside each other, each from
    a block of its own on unless they are packed."""
    chunks = []
    for top in range(0, len(bits), depth):
        part = bits[top : top + depth]
        room = 0 if packed else -bits.shape[1] % width
        chunks.append(np.pad(part, ((0, depth - len(part)), (0, room))))
    whole = np.concatenate(chunks, axis=1)
    whole = np.pad(whole, ((0, 0), (0, -whole.shape[1] % width)))
    return [np.ascontiguousarray(m) for m in np.split(whole, whole.shape[1] // width, axis=1)]
