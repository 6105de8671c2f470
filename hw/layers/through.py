"""What a layer costs whose kernel lets every beat through: table, rescale, and joins. Exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.toolchain.ir import Fold, Layer, Timing


class Through(Layer):
    """A layer that keeps the map's pixels: as wide as its stream, one beat of its result a cycle,
    nothing stored."""

    def words(self, fold: Fold) -> int:
        """Beats per pixel of the result."""
        return -(-self.target.channels // fold.beat)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        """The stream's own width."""
        yield Fold(1, 1, in_beat)

    def cycles(self, fold: Fold) -> int:
        return self.target.pixels * self.words(fold)

    def timing(self, fold: Fold) -> Timing:
        """Pixels in a steady stream."""
        step = float(self.words(fold))
        ends = (np.arange(self.target.pixels) + 1.0) * step
        return Timing(ends, ends - step, ends, 0)
