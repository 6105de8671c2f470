"""A pointwise convolution that skips zeros: what it costs, and its hardware.

One input channel a step, and only of values that are not zero (hearth_skipping.sv): where most of
the input is zero that is less work than the dense loop nest of cost.py. The idea is EIE's (Han et
al., 2016), without its compressed weights. What a frame takes depends on its values: foldings are
made for the fullest of the calibration photographs (Conv.live), so that others like them are never
late, and `spent` says what given frames take, cycle for cycle.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.conv import cost, kernel, sums
from hearth.toolchain.ir import Array, Fold, Kernel, Memory, Spread, Timing
from hearth.toolchain.rtl.verilog import kernel_module, ram_place, rom_place

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

MOST_LIVE = 0.3
"""Share of values that are not zero up to which skipping is considered. With 0.5 a few more layers
skip, which saves some lanes but no cycle (v1.1: 325,539 cycles and 826 lanes for 326,592 and 848),
and a frame's time then depends on more layers."""
PIXELS = 16
"""Complete pixels in the ring of values at most."""
_WRITTEN = 3
"""Cycles from a pixel's last value in the ring to its first step."""


def able(layer: Conv) -> bool:
    """Whether a layer can skip zeros."""
    return cost.is_pointwise(layer) and layer.groups == 1 and not len(layer.centre)


def counted(layer: Conv, frames: Array) -> Array:
    """Steps of one tile for each frame [n, height, width, channels]: values that are not zero, a
    pixel of zeros being one; uint32 [n]."""
    values = np.count_nonzero(frames, axis=-1)
    live: Array = np.maximum(values, 1).sum(axis=(1, 2)).astype(np.uint32)
    return live


def folds(layer: Conv) -> Iterator[Fold]:
    """Foldings worth having of a layer whose input was found to be mostly zero: tiles leave as fast
    as they are made."""
    if len(layer.live) and spread(layer, Fold(1, 1, 1, skips=True)).live <= MOST_LIVE:
        for fold in legal(layer):
            if layer.target.pixels * cost.pixel_beats(layer, fold) <= cycles(layer, fold):
                yield fold


def legal(layer: Conv) -> Iterator[Fold]:
    """Every folding of a layer whose zeros were counted, however many they are."""
    if not able(layer) or not len(layer.live):
        return
    unit = cost.circle(layer)
    sizes = {cost.ceil_div(pe, unit) * unit for pe in cost.parts(layer.target.channels)}
    for pe in sorted(sizes):
        for beat in (b for b in cost.BEATS if b <= pe and pe % b == 0):
            yield Fold(pe, 1, beat, skips=True)


def cycles(layer: Conv, fold: Fold) -> int:
    """Cycles of the fullest calibration photograph: its steps."""
    return int(layer.live.max()) * cost.tiles(layer, fold)[1]


def pace(layer: Conv, fold: Fold, in_beat: int) -> int:
    """The same where beats of `in_beat` channels come in: at most a cycle for each of them and for
    each value that is not zero."""
    beats = layer.source.pixels * cost.ceil_div(layer.source.channels, in_beat)
    return max(cycles(layer, fold), beats + int(layer.live.max()))


def spread(layer: Conv, fold: Fold) -> Spread:
    """What the calibration's photographs take, and a frame without a zero."""
    inputs, tiles = layer.source.pixels * layer.source.channels, cost.tiles(layer, fold)[1]
    live = layer.live.astype(np.int64)
    return Spread(float(live.mean()) / inputs, live * tiles, inputs * tiles)


def timing(layer: Conv, fold: Fold) -> Timing:
    """Every pixel taken to have as many values as the others; the ring holds two at least."""
    pixels = np.arange(layer.source.pixels) * (cycles(layer, fold) / layer.source.pixels)
    done = pixels + pixels[1] if len(pixels) > 1 else np.array([float(cycles(layer, fold))])
    return Timing(done, pixels, done, 2, max(cost.tile_beats(layer, fold)))


def memories(layer: Conv, fold: Fold, in_beat: int) -> tuple[Memory, ...]:
    """Ring of values, numbers of values of its pixels, FIFO of tiles."""
    channels = layer.source.channels
    ring = (values(layer), kernel.address_bits(channels) + layer.source.bits)
    numbers = (PIXELS, channels.bit_length())
    return ring, numbers, (cost.TILE_ROOM, fold.pe * sums.of(layer, fold).bits)


def values(layer: Conv) -> int:
    """Values that the ring holds: those of two pixels without a zero, as a power of two."""
    return 2 << kernel.address_bits(layer.source.channels)


def kernel_of(layer: Conv, fold: Fold, in_beat: int, module: str) -> Kernel:
    """hearth_skipping.sv and the two processes on its ports."""
    weights, parameters = kernel.roms(layer, fold, module)
    numbers: dict[str, int | str] = {
        "Bits": layer.source.bits,
        "Channels": layer.source.channels,
        "InBeat": in_beat,
        "Pe": fold.pe,
        "Beat": fold.beat,
        "OutBits": layer.target.bits,
        "SumBits": sums.of(layer, fold).bits,
        "Values": values(layer),
        "Pixels": PIXELS,
        "TileRoom": cost.TILE_ROOM,
        "WeightWidth": weights.width,
        "WeightFile": f"rom/{weights.name}.hex",
        "Tiles": cost.tiles(layer, fold)[1],
        "TileLast": cost.tile_beats(layer, fold)[-1],
        "PixelBeats": parameters.words,
        "BiasBits": layer.bias_bits,
        "MultiplierBits": layer.factor_bits,
        "ParameterFile": f"rom/{parameters.name}.hex",
        "WeightBlock": rom_place(0),
        "ParameterBlock": rom_place(1),
        "RingBlock": ram_place(0),
        "PixelBlock": ram_place(1),
        "TileBlock": ram_place(2),
    }
    step = 3 + layer.source.bits + weights.width
    body, jobs = kernel.behind("hearth_skipping", numbers, layer, fold, step)
    comment = f"Convolution, {fold.pe} lanes, that skips zeros (hw/layers/conv)."
    in_bits, out_bits = in_beat * layer.source.bits, fold.beat * layer.target.bits
    return Kernel(module, kernel_module(module, comment, in_bits, out_bits, body, 2, 3), jobs)


def spent(layer: Conv, fold: Fold, in_beat: int, frames: Array) -> list[int]:
    """Cycles from the end of the frame before to the end of each frame [n, height, width,
    channels], where they follow one another and the kernel is neither starved nor blocked. Exact
    where tiles leave as fast as they are made; where there is no room behind the lanes for all
    that would wait to leave, a little is rounded up."""
    run, ends = _Run(layer, fold), [0]
    for frame in frames:
        for pixel in frame.reshape(layer.source.pixels, layer.source.channels):
            run.pixel(*_items(pixel, in_beat))
        ends.append(run.leaves)
    return [after - before for before, after in itertools.pairwise(ends)]


def _items(pixel: Array, in_beat: int) -> tuple[Array, int]:
    """In which of the cycles that a pixel takes to be searched each of its values is found, and how
    many cycles those are: one for each value, and one for a beat without any."""
    live = np.zeros((cost.ceil_div(len(pixel), in_beat), in_beat), bool)
    live.reshape(-1)[: len(pixel)] = pixel != 0
    if not live.any():
        live[-1, 0] = True
    taken = np.maximum(live.sum(axis=1), 1)
    before = np.cumsum(taken) - taken
    within = np.cumsum(live, axis=1) - 1
    found: Array = (before[:, None] + within)[live]
    return found, int(taken.sum())


class _Run:
    """Times of the kernel's three parts, each of which waits for the others: values are written
    into the ring, pixels are walked tile by tile, and tiles leave the drain beat by beat."""

    def __init__(self, layer: Conv, fold: Fold) -> None:
        self._beats = cost.tile_beats(layer, fold)
        self._room = values(layer)
        self._held = 0
        self._ring: deque[tuple[int, int]] = deque()  # values of a pixel, and when they are free
        self._begins: deque[int] = deque([0] * cost.TILE_ROOM, cost.TILE_ROOM)
        self._waiting: deque[int] = deque([0, 0], 2)  # when the last values left the skid buffer
        self._searched = self._written = self._walked = self.leaves = 0

    def pixel(self, found: Array, taken: int) -> None:
        """One pixel, as `_items` has it."""
        start = self._searched
        for value in found.tolist():
            self._searched = max(start + value, self._waiting[0])
            start = self._searched - value
            self._written = max(self._searched + 1, self._written + 1, self._freed())
            self._waiting.append(self._written)
            self._held += 1
        self._searched = start + taken
        complete = max(self._written, self._searched)
        self._walk(len(found), complete + _WRITTEN)

    def _freed(self) -> int:
        """When there is room for one more value."""
        free = 0
        while self._held >= self._room or len(self._ring) > PIXELS:
            number, free = self._ring.popleft()
            self._held -= number
        return free

    def _walk(self, count: int, begins: int) -> None:
        step = max(self._walked, begins)
        for beats in self._beats:
            step = max(step + count, self._begins[0])
            self._begins.append(max(step + cost.TILE_LATENCY, self.leaves))
            self.leaves = self._begins[-1] + beats
        self._walked = step
        self._ring.append((count, step))
