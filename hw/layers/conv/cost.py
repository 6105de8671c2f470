"""What a folding of a convolution costs: cycles, ring rows, and which foldings are legal.

Exact, not estimated: tests hold `cycles` against simulation.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Array, Fold, Timing, inside

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv


_POWERS = (2, 4, 8, 16)
"""Widths that streams often have."""
BEATS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
"""Channels a beat that are tried."""
TILE_ROOM = 16
"""Tiles behind the lanes at most: LUT RAM is 16 deep."""
TILE_LATENCY = 13
"""Cycles from a tile's last command to the drain and back to the line ring's count of free places,
at most: 7, and one for each register in the lanes, of which none has more than 6 (mac.x)."""


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


@dataclass(frozen=True)
class Axis:
    """One axis of the loop nest: `size` input positions, `count` windows, `pad` before the
    first."""

    size: int
    count: int
    kernel: int
    stride: int
    pad: int
    dilation: int = 1

    @cached_property
    def valid(self) -> Array:
        """Taps of each window that lie inside the map."""
        return inside(self.size, self.count, self.kernel, self.stride, self.dilation, self.pad)

    @property
    def extent(self) -> int:
        """Positions from the first tap of a window to behind its last."""
        return (self.kernel - 1) * self.dilation + 1

    @cached_property
    def taps(self) -> int:
        """Valid taps of all windows."""
        return int(self.valid.sum())

    @property
    def starts(self) -> list[int]:
        """First stored position that a window, or a later one, still needs."""
        return [min(max(i * self.stride - self.pad, 0), self.size) for i in range(self.count)]

    @property
    def ends(self) -> list[int]:
        """Positions that must have arrived before each window is walked; what no window needs is
        taken in, and dropped, with the last."""
        ends = [min(i * self.stride - self.pad + self.extent, self.size) for i in range(self.count)]
        return [*ends[:-1], self.size]

    @cached_property
    def freed_by(self) -> Array:
        """The last window that reads each position, or has it behind it."""
        return np.searchsorted([*self.starts[1:], self.size], np.arange(self.size), side="right")

    @cached_property
    def stored(self) -> int:
        """Positions that must be stored so that a window never waits for input: those the current
        window still needs and those up to the end of the next one, across the end of a frame
        too."""
        next_ends = [*self.ends[1:], self.size + self.ends[0]]
        return max(end - start for start, end in zip(self.starts, next_ends, strict=True))


def is_pointwise(layer: Conv) -> bool:
    """1x1, stride 1, unpadded: rows mean nothing, the ring holds single pixels."""
    return layer.kernel_size == layer.strides == (1, 1) and not any(layer.pads)


_axis = cache(Axis)  # folding asks for the same few axes thousands of times


def axes(layer: Conv) -> tuple[Axis, Axis]:
    """Rows and columns of the loop nest. A pointwise layer sees its map as one column of pixels."""
    source, target = layer.source, layer.target
    if is_pointwise(layer):
        return _axis(source.pixels, target.pixels, 1, 1, 0), _axis(1, 1, 1, 1, 0)
    numbers = zip(layer.kernel_size, layer.strides, layer.pads[:2], layer.dilations, strict=True)
    down, across = numbers
    return (
        _axis(source.height, target.height, *down),
        _axis(source.width, target.width, *across),
    )


def together(layer: Conv, fold: Fold) -> int:
    """Groups that a tile takes at once; 0 where there are none or a tile lies within one."""
    inputs, outputs = layer.window.shape[3], len(layer.window) // layer.groups
    whole = layer.groups > 1 and fold.simd == inputs and fold.pe % outputs == 0
    return fold.pe // outputs if whole else 0


def word(layer: Conv, fold: Fold) -> int:
    """Input channels of a ring word: those of a step, which are `simd` for each group in it."""
    return fold.simd * max(1, together(layer, fold))


def words(layer: Conv, fold: Fold) -> int:
    """Ring words per pixel."""
    return ceil_div(layer.source.channels, word(layer, fold))


def tap_words(layer: Conv, fold: Fold) -> int:
    """Ring words that a tile reads of each tap: all of a pixel, or those of its groups."""
    return ceil_div(layer.window.shape[3], fold.simd)


def tiles(layer: Conv, fold: Fold) -> tuple[int, int]:
    """Tiles of output channels: centre part, window part."""
    return ceil_div(len(layer.centre), fold.pe), ceil_div(len(layer.window), fold.pe)


def rom_words(layer: Conv, fold: Fold) -> tuple[int, ...]:
    """Words of the weight ROM, or of two: a centre tile is one tap, a window tile all of them."""
    centre, window = tiles(layer, fold)
    deep = tap_words(layer, fold)
    parts = centre * deep, window * math.prod(layer.kernel_size) * deep
    return parts if layer.split else (sum(parts),)


def slots(layer: Conv) -> int:
    """Rows in the ring; a neighbour's jitter is absorbed by the FIFO in front (schedule pass).
    Single pixels get one more, because writing and reading a slot takes a few cycles each."""
    return axes(layer)[0].stored + is_pointwise(layer)


def cycles(layer: Conv, fold: Fold) -> int:
    """Steps of the loop nest per frame, or words written per frame if there are more."""
    rows, columns = axes(layer)
    centre, window = tiles(layer, fold)
    steps = centre * layer.target.pixels + window * rows.taps * columns.taps
    written = layer.source.pixels * words(layer, fold)
    return max(steps * tap_words(layer, fold), written)


def pace(layer: Conv, fold: Fold, in_beat: int) -> int:
    """Cycles per frame where beats of `in_beat` channels come in one a cycle: more than `cycles`
    where short windows at the map's edges follow one another faster than rows come in, or than
    tiles leave."""
    channels = layer.source.channels
    at_hand = ceil_div(min(word(layer, fold), channels), in_beat) - 1
    return pace_behind(layer, fold, axes(layer)[1].size * ceil_div(channels, in_beat), at_hand)


def pace_behind(layer: Conv, fold: Fold, beats: int, at_hand: int) -> int:
    """The same where a row comes in `beats` cycles, of which `at_hand` are over when it has waited
    for its slot in the ring."""
    late = _coming_in(layer, fold, beats, at_hand)
    return max(cycles(layer, fold), late, _going_out(layer, fold))


def _coming_in(layer: Conv, fold: Fold, beats: int, at_hand: int) -> int:
    """Cycles per frame that the ring of rows allows; 0 where it never makes the walk wait."""
    rows, columns = axes(layer)
    centre, window = tiles(layer, fold)
    whole = centre * columns.count
    walks = (whole + window * rows.valid * columns.taps) * tap_words(layer, fold)
    if beats <= walks.min() or beats * rows.size >= walks.sum():  # the stream alone says the pace
        return 0
    return _late(rows, tuple(map(int, walks)), slots(layer), beats, at_hand)


def _going_out(layer: Conv, fold: Fold) -> int:
    """Cycles per frame that room for TILE_ROOM tiles behind the lanes allows, rounded up; 0 where
    they never wait for it."""
    if _most_beats(layer, fold) <= _fewest_steps(layer, fold)[1]:
        return 0
    beats = tile_beats(layer, fold)
    if _most_waiting(beats, _tile_steps(layer, fold, _map_edges(layer)[1])) <= TILE_ROOM:
        return 0
    frame = _tile_steps(layer, fold, np.arange(axes(layer)[0].count))
    return _held_up(tuple(beats), tuple(frame.tolist()))


@cache
def _held_up(beats: tuple[int, ...], steps: tuple[int, ...]) -> int:
    """Cycles from frame to frame of tiles of so many steps, of which TILE_ROOM may be on their way
    from the lanes to the drain."""
    begins: deque[int] = deque([0] * TILE_ROOM, TILE_ROOM)  # to leave, of the tiles before
    complete = leaves = 0
    frame_ends = [0]
    for _ in range(_FRAMES):
        for count, leave in zip(steps, itertools.cycle(beats)):
            complete = max(complete + count, begins[0])
            begins.append(max(complete + TILE_LATENCY, leaves))
            leaves = begins[-1] + leave
        frame_ends.append(complete)
    return frame_ends[-1] - frame_ends[-2]


_FRAMES = 3
"""After which a kernel with its ring of rows is in step."""


@cache
def _late(rows: Axis, walks: tuple[int, ...], slots: int, beats: int, at_hand: int) -> int:
    """Cycles from frame to frame of a ring of `slots` rows, each of which comes in `beats` cycles,
    but for those of the word that is already there (`at_hand`) when a row waited for its slot."""
    here, ends, frame_ends = [0] * slots, [0], [0]
    free = [0] * slots
    for _ in range(_FRAMES):
        row = 0
        for window, walk in enumerate(walks):
            while row < rows.ends[window]:
                here.append(max(here[-1] + beats, free[len(here) - slots] + beats - at_hand))
                row += 1
            ends.append(max(ends[-1], here[-1]) + walk)
            free += [ends[-1]] * int((rows.freed_by == window).sum())
        frame_ends.append(ends[-1])
    return frame_ends[-1] - frame_ends[-2]


def timing(layer: Conv, fold: Fold) -> Timing:
    """A row of input is needed when the first output row that reads it starts, and freed when the
    last one ends."""
    rows, columns = axes(layer)
    centre, window = tiles(layer, fold)
    steps = (centre + window * rows.valid[:, None] * columns.valid) * tap_words(layer, fold)
    emits = np.cumsum(steps) * (cycles(layer, fold) / steps.sum())
    row_ends = emits.reshape(steps.shape)[:, -1]
    row_starts = np.concatenate([[0.0], row_ends[:-1]])
    needed_by = np.searchsorted(rows.ends, np.arange(rows.size), side="right")
    return Timing(
        emits,
        np.repeat(row_starts[needed_by], columns.size),
        np.repeat(row_ends[rows.freed_by], columns.size),
        slots(layer) * columns.size,
        lag(layer, fold),
    )


_LUTS_PER_DECODER = {2: 6, 3: 8, 4: 10, 5: 26, 6: 61, 7: 122, 8: 244}
"""Table in front of a lane, by bits of its address (docs/design/few_bits.md; 7 and 8 bits by
doubling)."""


def luts(layer: Conv, fold: Fold) -> float:
    """LUT4 besides lanes and memories: control, accumulators, tables of weights."""
    control = 515 + 184 * (len(layer.centre) > 0)
    return control + 95 * fold.pe + _decoder_luts(layer) * fold.lanes


def _decoder_luts(layer: Conv) -> int:
    """LUT4 of a lane's tables, and of the choice between two of them or between two addresses."""
    different = {coding.key: coding for coding in layer.codings}.values()
    tables = {coding.table.tobytes(): coding for coding in different if coding.address_bits}
    luts = sum(_LUTS_PER_DECODER[max(2, coding.address_bits)] for coding in tables.values())
    return luts + 8 * (len(different) > 1)


def _tile_steps(layer: Conv, fold: Fold, rows: Array) -> Array:
    """Steps of each tile over the given rows of the result."""
    down, across = axes(layer)
    centre, window = tiles(layer, fold)
    deep = tap_words(layer, fold)
    steps = np.empty((rows.size, across.count, centre + window), np.int64)
    steps[..., :centre] = deep
    steps[..., centre:] = (down.valid[rows][:, None] * across.valid * deep)[..., None]
    return steps.reshape(-1)


def _fewest_steps(layer: Conv, fold: Fold) -> tuple[int, int]:
    """Of any tile over the rows of `_map_edges`, of either of its two."""
    once, twice = (1, 1) if len(layer.centre) else _fewest_taps(*axes(layer))
    deep = tap_words(layer, fold)
    return once * deep, twice * deep


@cache
def _fewest_taps(rows: Axis, columns: Axis) -> tuple[int, int]:
    """Of any window over the rows of `_edges`, of either of its two."""
    once, twice = (int(rows.valid[some].min()) for some in _edges(rows, columns))
    across = int(columns.valid.min())
    return once * across, twice * across


def _map_edges(layer: Conv) -> tuple[Array, Array]:
    """Rows of the result at the top and the bottom, those with short windows among them, in the
    order in which they come: of one frame, and of two."""
    return _edges(*axes(layer))


@cache
def _edges(rows: Axis, columns: Axis) -> tuple[Array, Array]:
    whole = np.flatnonzero(rows.valid == rows.valid.max())
    last = rows.count - 1
    above = np.arange(min(whole[0] + 2, rows.count))
    below = np.arange(max(whole[-1] - 1, 0), rows.count)
    some = np.unique(np.concatenate([above, below]))
    frame = np.clip(np.array([0, 1, last - 1, last]), 0, last)
    return np.tile(frame, 1 if columns.count > 4 else 8), np.tile(some, 2)


def _parts(layer: Conv) -> tuple[int, ...]:
    """Output channels of the centre part and of the window part, as far as there are any."""
    return tuple(channels for channels in (len(layer.centre), len(layer.window)) if channels)


def _most_beats(layer: Conv, fold: Fold) -> int:
    """Output beats of any tile."""
    return ceil_div(min(fold.pe, max(_parts(layer))), fold.beat)


def pixel_beats(layer: Conv, fold: Fold) -> int:
    """Output beats of all tiles of a pixel: the sum of `tile_beats`."""
    whole = ceil_div(fold.pe, fold.beat)
    return sum(
        channels // fold.pe * whole + ceil_div(channels % fold.pe, fold.beat)
        for channels in _parts(layer)
    )


def tile_beats(layer: Conv, fold: Fold) -> list[int]:
    """Output beats of each tile of a pixel; the last tile of either part may be short."""
    parts = zip((len(layer.centre), len(layer.window)), tiles(layer, fold), strict=True)
    return [
        ceil_div(min(fold.pe, channels - tile * fold.pe), fold.beat)
        for channels, count in parts
        for tile in range(count)
    ]


def tile_fifo(layer: Conv, fold: Fold) -> int | None:
    """Tiles that there must be room for behind the lanes, those on their way through the lanes
    too, so that no tile ever waits for the outputs of earlier ones to leave; None when room for
    TILE_ROOM is not enough.

    An expand stage needs several: its 1x1 tiles are complete after few steps, its 3x3 tiles after
    many, and `beat` only has to keep up with both together. So do the short windows at the bottom
    of one frame and the top of the next; where these alone need more than TILE_ROOM, `pace` says
    what they cost.
    """
    fewest = _fewest_steps(layer, fold)[0]
    if _most_beats(layer, fold) <= fewest:  # a tile has begun to leave when the next one comes
        return 1 + (TILE_LATENCY - 1) // fewest
    if pixel_beats(layer, fold) * layer.target.pixels > cycles(layer, fold):
        return None
    beats = tile_beats(layer, fold)
    once, twice = _map_edges(layer)
    depth = _most_waiting(beats, _tile_steps(layer, fold, once))
    if depth > TILE_ROOM:
        return None
    return min(TILE_ROOM, max(depth, _most_waiting(beats, _tile_steps(layer, fold, twice))))


def _most_waiting(beats: list[int], steps: Array) -> int:
    """Tiles that are complete, or on their way, and have not begun to leave. Tile i is complete at
    c[i] and starts to leave at L[i] = max(c[i], L[i-1] + beats[i-1]), which unrolls to a running
    maximum."""
    complete, leaves = _leaving(beats, steps)
    waiting = np.arange(1, steps.size + 1) - np.searchsorted(leaves, complete, side="right")
    return int(waiting.max())


def _leaving(beats: list[int], steps: Array) -> tuple[Array, Array]:
    """[tiles] when each is complete, and when it starts to leave."""
    all_beats = np.tile(beats, steps.size // len(beats))
    complete = np.cumsum(steps)
    before = np.cumsum(all_beats) - all_beats
    return complete, before + np.maximum.accumulate(complete + TILE_LATENCY - before)


def lag(layer: Conv, fold: Fold) -> int:
    """Cycles from the last step of a pixel to its last beat, at most, but for pipelines."""
    beats = tile_beats(layer, fold)
    complete, leaves = _leaving(beats, _tile_steps(layer, fold, _map_edges(layer)[0]))
    return int((leaves - complete)[len(beats) - 1 :: len(beats)].max()) + beats[-1]


def fits_beats(layer: Conv, fold: Fold, in_beat: int) -> bool:
    """Beats line up with ring words on the way in and with tiles on the way out."""
    wide, narrow = max(word(layer, fold), in_beat), min(word(layer, fold), in_beat)
    aligned = fold.pe % fold.beat == 0 and len(layer.centre) % fold.beat == 0
    return wide % narrow == 0 and aligned


def circle(layer: Conv) -> int:
    """Channels that a tile must have a multiple of: their codes are read together."""
    return math.lcm(*(max(1, coding.group) for coding in layer.codings))


def parts(total: int) -> list[int]:
    """Divisors of work that are worth having: the smallest size for each number of parts."""
    return sorted({ceil_div(total, parts) for parts in range(1, total + 1)})


def _divisors(total: int) -> set[int]:
    return {size for size in range(1, total + 1) if total % size == 0}


def _rounded(sizes: set[int], unit: int) -> set[int]:
    return {ceil_div(size, unit) * unit for size in sizes}


def _in_groups(layer: Conv, in_beat: int) -> set[tuple[int, int]]:
    """`pe` and `simd` with which no tile and no ring word has channels of a part of a group beside
    others: within one group, or of several whole ones."""
    inputs, outputs = layer.window.shape[3], len(layer.window) // layer.groups
    unit = circle(layer)
    within = {
        (pe, simd) for pe in _divisors(outputs) for simd in _divisors(inputs) if pe % unit == 0
    }
    lined_up = math.lcm(inputs, in_beat) // inputs  # groups that make whole beats
    counts = {*parts(layer.groups), *(n for n in _POWERS if n < layer.groups)}
    most = layer.groups // lined_up
    counts |= {parts * lined_up for parts in parts(most)}
    whole = _rounded({count * outputs for count in counts}, math.lcm(unit, outputs))
    return within | {(pe, inputs) for pe in whole}


def _shapes(layer: Conv, in_beat: int) -> set[tuple[int, int]]:
    """`pe` and `simd` that are worth having. A tile has whole circles of a trellis, even where that
    is more than there are channels."""
    if layer.groups > 1:
        return _in_groups(layer, in_beat)
    sizes = {*parts(len(layer.window))}
    if len(layer.centre):
        sizes |= set(parts(len(layer.centre)))
    simds = {*parts(layer.source.channels)}
    simds |= {simd for simd in _POWERS if simd < layer.source.channels}
    return {(pe, simd) for pe in _rounded(sizes, circle(layer)) for simd in simds}


def folds(layer: Conv, in_beat: int, above: int = 0) -> Iterator[Fold]:
    """Legal foldings of a SIMD `above` so many, each with every beat width that keeps up with the
    lanes."""
    shapes = (shape for shape in sorted(_shapes(layer, in_beat)) if shape[1] > above)
    for pe, simd in shapes:
        for beat in (b for b in BEATS if b <= pe):
            fold = Fold(pe, simd, beat)
            if fits_beats(layer, fold, in_beat) and tile_fifo(layer, fold) is not None:
                yield fold
