"""Files as they come out of a broken download."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def downloads(whole: bytes, seed: int, times: int) -> Iterator[bytes]:
    """A file again and again, with random bytes in random places, most of them in its headers; each
    fourth is cut off too."""
    random = np.random.default_rng(seed)
    for turn in range(times):
        data = bytearray(whole)
        for _ in range(int(random.integers(1, 6))):
            data[int(random.random() ** 3 * len(data))] = int(random.integers(0, 256))
        if turn % 4 == 0:
            data = data[: int(random.integers(0, len(data)))]
        yield bytes(data)
