"""Which MAC lanes get a DSP block, and which are made of LUTs.

An ECP5 has far fewer multipliers than LUTs to feed. Requantizers come first (two 18 x 18 products
each); then whole MAC arrays, largest first, as long as multipliers are left. The rest becomes carry
chains (hw/boards/ecp5/multiply_map.v).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from toolchain.ir import Kernel

_MAC = "layers/conv/mac.x"
_REQUANTIZE = "layers/conv/requantize.x"
PRODUCTS_PER_REQUANTIZER = 2
MAPPED_BITS = (8, 8)
"""Widths of activation and weight that multiply_map.v knows."""


@dataclass(frozen=True)
class Multipliers:
    """Modules whose products go to LUTs; DSP blocks used; lanes made of LUTs."""

    soft_modules: tuple[str, ...]
    blocks: int
    soft_lanes: int


def assign(kernels: Sequence[Kernel], available: int) -> Multipliers:
    """Share `available` DSP blocks out."""
    blocks = 0
    instances: Counter[str] = Counter()
    lanes: dict[str, int] = {}
    for kernel in kernels:
        for job in kernel.hls:
            if job.source == _REQUANTIZE:
                blocks += PRODUCTS_PER_REQUANTIZER * int(job.constants["BEAT"])
            elif job.source == _MAC:
                instances[job.module] += 1
                lanes[job.module] = int(job.constants["PE"]) * int(job.constants["SIMD"])
    soft: list[str] = []
    soft_lanes = 0
    for module in sorted(lanes, key=lambda name: -lanes[name] * instances[name]):
        needed = lanes[module] * instances[module]
        if blocks + needed <= available:
            blocks += needed
        else:
            soft.append(module)
            soft_lanes += needed
    return Multipliers(tuple(soft), blocks, soft_lanes)
