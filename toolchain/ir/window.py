"""Sliding windows on maps: which taps lie on the map, and what they see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hearth.toolchain.ir.edge import Array, Pads, Pair


def extent(kernel: Pair, dilations: Pair) -> Pair:
    """Rows and columns that a window of `kernel` taps spans when these lie `dilations` apart."""
    return (kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1


@dataclass(frozen=True)
class Windows:
    """The windows of a convolution: taps, and the distances between windows and between taps."""

    kernel: Pair
    strides: Pair
    dilations: Pair
    pads: Pads

    @property
    def extent(self) -> Pair:
        return extent(self.kernel, self.dilations)

    @property
    def offsets(self) -> tuple[Pair, ...]:
        """Row and column of every tap from the window's first."""
        (rows, columns), (down, across) = self.kernel, self.dilations
        return tuple((y * down, x * across) for y in range(rows) for x in range(columns))

    def count(self, size: Pair) -> Pair:
        """Windows down and across a map of `size`; none where it is negative."""
        room = zip(size, self.pads[:2], self.pads[2:], self.extent, self.strides, strict=True)
        down, across = (
            (side + before + after - span) // step + 1 for side, before, after, span, step in room
        )
        return down, across

    def skippable(self, size: Pair) -> bool:
        """Whether padding is narrower than the window and every window has a tap on the map, so
        that taps beside it need not be visited."""
        sides = zip(self.pads, self.extent * 2, strict=True)
        return all(pad < span for pad, span in sides) and all(
            inside(
                size[i], count, self.kernel[i], self.strides[i], self.dilations[i], self.pads[i]
            ).all()
            for i, count in enumerate(self.count(size))
        )

    def columns(self, maps: Array, size: Pair) -> Array:
        """[n, height, width, in] -> [n, *size, taps, in]: what each of `size` windows sees."""
        return self.of_rows(self.padded(maps), range(size[0]), size[1])

    def padded(self, maps: Array) -> Array:
        """[n, height, width, in] with zeros around."""
        top, left, bottom, right = self.pads
        room = ((0, 0), (top, bottom), (left, right), (0, 0))
        return np.pad(maps, room) if any(self.pads) else maps

    def of_rows(self, padded: Array, rows: range, count: int) -> Array:
        """[n, rows, count, taps, in]: what the windows of some rows see, `count` in each."""
        down, across = self.strides
        first, high, wide = rows[0] * down, (len(rows) - 1) * down + 1, (count - 1) * across + 1
        seen = [
            padded[:, first + y : first + y + high : down, x : x + wide : across]
            for y, x in self.offsets
        ]
        return np.stack(seen, axis=3)


def inside(size: int, count: int, kernel: int, stride: int, dilation: int, pad: int) -> Array:
    """[count] taps of each window along one axis that lie on a map of `size`."""
    at = (np.arange(count) * stride - pad)[:, None] + np.arange(kernel) * dilation
    taps: Array = ((at >= 0) & (at < size)).sum(axis=1)
    return taps
