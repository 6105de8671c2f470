"""The pseudo-random frames that a board makes for itself, and the checksum of their results.

The Python side of hw/link/hearth_pattern_source.sv (Marsaglia's xorshift32, its low bytes a pixel,
red first) and of the checksum in hw/link/hearth_bench_meter.sv.
"""

from __future__ import annotations

import numpy as np

from hearth.toolchain.ir import Array

_MASK = 0xFFFFFFFF


def frames(count: int, height: int, width: int, colours: int = 3, seed: int = 1) -> Array:
    """uint8 [count, height, width, colours]."""
    state = seed or 1
    states = np.empty(count * height * width, np.uint32)
    for index in range(len(states)):
        states[index] = state
        state ^= state << 13 & _MASK
        state ^= state >> 17
        state ^= state << 5 & _MASK
    pixels = states.astype("<u4").view(np.uint8).reshape(count, height, width, 4)
    return np.ascontiguousarray(pixels[..., :colours])


def checksum(outputs: Array) -> int:
    """Rotate left by five and add, over all result words [n, 1, 1, words] in order."""
    total = 0
    for word in outputs.reshape(-1).astype(np.int64).tolist():
        total = ((total << 5 | total >> 27) + word) & _MASK
    return total
