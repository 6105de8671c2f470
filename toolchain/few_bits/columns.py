"""Input columns of convolutions at sampled positions: what a weight matrix is multiplied with.

A column is the window of one output pixel as [rows, columns, in], flattened. Neighbouring pixels
say nearly the same, so a few dozen positions per photograph are enough; they are drawn once per
layer from a seeded generator and are the same in the float network and in the integer one, which
makes the two comparable value by value.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from hearth.toolchain.data.images import as_float
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.frontend.reference import Reference, as_map
from hearth.toolchain.ir import (
    Array,
    FloatConv,
    FloatExpand,
    Graph,
    Preprocessing,
    Windows,
    convolutions,
    main_part,
)


@dataclass(frozen=True, eq=False)
class Window:
    """Where the columns of one convolution lie: its windows and output positions.

    `positions` [frames, count] index the pixels of the output map, `width` pixels a row.
    """

    windows: Windows
    width: int
    positions: Array

    def columns(self, maps: Array, frames: slice = slice(None)) -> Array:
        """maps [n, height, width, in] -> [n * count, taps * in] of the same type.

        `frames` says which of the positions' frames these maps are.
        """
        chosen = self.positions[frames]
        top, left, bottom, right = self.windows.pads
        pads = ((0, 0), (top, bottom), (left, right), (0, 0))
        padded = np.pad(maps, pads) if any(self.windows.pads) else maps
        frame = np.arange(len(maps))[:, None]
        down, across = self.windows.strides
        row, column = chosen // self.width * down, chosen % self.width * across
        taps = [padded[frame, row + dy, column + dx] for dy, dx in self.windows.offsets]
        return np.stack(taps, axis=2).reshape(chosen.size, -1)

    def without_padding(self) -> Window:
        """The same columns of a map whose border is already part of it."""
        return replace(self, windows=replace(self.windows, pads=(0, 0, 0, 0)))


def window(
    layer: FloatConv | FloatExpand, height: int, width: int, frames: int, count: int, seed: int
) -> Window:
    """At most `count` positions of the height x width output map for each of `frames` frames."""
    conv = main_part(layer)
    rng = np.random.default_rng([seed, zlib.crc32(layer.name.encode())])
    pixels = height * width
    if count >= pixels:
        positions = np.broadcast_to(np.arange(pixels), (frames, pixels))
    else:
        positions = rng.random((frames, pixels)).argpartition(count, axis=1)[:, :count]
    return Window(conv.windows, width, positions)


def float_columns(
    model: OnnxModel,
    graph: Graph,
    batches: Iterable[Array],
    preprocessing: Preprocessing,
    windows: Mapping[str, Window],
) -> dict[str, Array]:
    """Columns of the float network's inputs, float32 by layer name, from uint8 frames.

    The first convolution has none: it reads photographs, or what max-pools leave of them.
    """
    first = next(iter(convolutions(graph)))
    wanted = [
        (layer.name, layer.inputs[0])
        for layer in graph.layers
        if layer.name in windows and layer.name != first
    ]
    reference = Reference(model, [tensor for _, tensor in wanted])
    parts: dict[str, list[Array]] = {name: [] for name, _ in wanted}
    start = 0
    for frames in batches:
        here = slice(start, start + len(frames))
        values = reference.run(as_float(frames, preprocessing))
        for (name, _), value in zip(wanted, values, strict=True):
            parts[name].append(windows[name].columns(as_map(value), here))
        start = here.stop
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}
