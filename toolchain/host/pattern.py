"""The pseudo-random frames that a board makes for itself, and the checksum of their results.

The Python side of hw/link/hearth_pattern_source.sv (Marsaglia's xorshift32, low 24 bits a pixel,
red first) and of the checksum in hw/link/hearth_bench_meter.sv.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array

_MASK = 0xFFFFFFFF


def frames(count: int, height: int, width: int, seed: int = 1) -> Array:
    """uint8 [count, height, width, 3]."""
    state = seed or 1
    pixels = np.empty((count * height * width, 3), np.uint8)
    for pixel in pixels:
        pixel[:] = (state & 255, state >> 8 & 255, state >> 16 & 255)
        state ^= state << 13 & _MASK
        state ^= state >> 17
        state ^= state << 5 & _MASK
    return pixels.reshape(count, height, width, 3)


def checksum(outputs: Array) -> int:
    """Rotate left by five and add, over all result words [n, 1, 1, words] in order."""
    total = 0
    for word in outputs.reshape(-1).astype(np.int64).tolist():
        total = ((total << 5 | total >> 27) + word) & _MASK
    return total
