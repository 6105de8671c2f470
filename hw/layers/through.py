"""What a layer costs whose kernel lets every beat through: table, rescale. Exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.toolchain.ir import Fold, Layer, Timing


class Through(Layer):
    """A layer that keeps the map: as wide as its stream, one beat a cycle, nothing stored."""

    def words(self, fold: Fold) -> int:
        """Beats per pixel."""
        return -(-self.source.channels // fold.beat)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        """The stream's own width."""
        yield Fold(1, 1, in_beat)

    def cycles(self, fold: Fold) -> int:
        return self.source.pixels * self.words(fold)

    def timing(self, fold: Fold) -> Timing:
        """Pixels in a steady stream."""
        step = float(self.words(fold))
        ends = (np.arange(self.source.pixels) + 1.0) * step
        return Timing(ends, ends - step, ends, 0)
