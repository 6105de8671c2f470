"""Chains whose kernels have different rhythms: what FIFO depths are for.

Random sizes and weights. A max-pool emits rows in bursts, an expand stage is fast in the first and
the last row, and a folding rarely gives two kernels the same cycles.
"""

from __future__ import annotations

import numpy as np

from hearth.hw.layers.conv import Conv
from hearth.hw.layers.globalpool import GlobalPool
from hearth.hw.layers.maxpool import MaxPool
from hearth.hw.layers.topk import TopK
from hearth.toolchain.ir import Edge, Layer, Preprocessing, QGraph


def _conv(
    rng: np.random.Generator, name: str, source: Edge, out: int, kernel: int = 1, centre: int = 0
) -> Conv:
    """Weights with which some outputs are zero and some saturate."""
    target = Edge(name, source.height, source.width, out + centre)
    pads = (kernel // 2,) * 4
    window = rng.integers(-128, 128, (out, kernel, kernel, source.channels))
    gain = 2.0**16 * target.high / (73 * 128 * np.sqrt(window[0].size) * 2)
    return Conv(
        name=name,
        source=source,
        target=target,
        strides=(1, 1),
        pads=(pads[0], pads[1], pads[2], pads[3]),
        centre=rng.integers(-128, 128, (centre, source.channels)).astype(np.int8),
        window=window.astype(np.int8),
        bias=rng.integers(-5_000, 5_000, out + centre).astype(np.int32),
        multiplier=rng.integers(int(gain), int(2 * gain), out + centre).astype(np.uint16),
        shift=16,
    )


def network(seed: int) -> QGraph:
    """conv1, max-pool, two or three squeeze and expand stages, another pool maybe, and the head."""
    rng = np.random.default_rng(seed)
    side, name = int(rng.integers(14, 24)), f"rhythm{seed}"
    layers: list[Layer] = []

    def end() -> Edge:
        return layers[-1].target if layers else Edge(f"{name}_image", side, side, 3)

    def pool(number: int) -> None:
        source = end()
        rest = -(-(source.height - 3) // 2) + 1
        target = Edge(f"{name}_pool{number}", rest, rest, source.channels)
        layers.append(MaxPool(target.name, source, target, (3, 3), (2, 2), (0, 0, 0, 0)))

    layers.append(_conv(rng, f"{name}_conv1", end(), int(rng.integers(8, 20)), 3))
    pool(1)
    for number in range(int(rng.integers(2, 4))):
        squeezed, half = int(rng.integers(4, 10)), int(rng.integers(8, 24))
        layers.append(_conv(rng, f"{name}_squeeze{number}", end(), squeezed))
        layers.append(_conv(rng, f"{name}_expand{number}", end(), half, 3, half))
        if number == 0 and rng.random() < 0.5:
            pool(2)
    layers.append(_conv(rng, f"{name}_conv10", end(), 12))
    total = Edge(f"{name}_sum", 1, 1, 12, 32, signed=True)
    layers.append(GlobalPool(total.name, end(), total))
    layers.append(TopK(f"{name}_top", total, Edge(f"{name}_y", 1, 1, 15, 32, signed=True)))
    return QGraph(name, tuple(layers), Preprocessing())
