"""What layers share that make one stream of several: cost, and the interface. Exact."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hearth.toolchain.ir import Edge, Fold, Layer, Timing
from hearth.toolchain.support.errors import HearthError


class Join(Layer):
    """A layer that takes a pixel of every source for one of its own, a beat a cycle, and stores
    nothing. `inputs` are its sources, maps of one height and width."""

    inputs: tuple[Edge, ...]

    @property
    def sources(self) -> tuple[Edge, ...]:
        return self.inputs

    @property
    def source(self) -> Edge:  # type: ignore[override]
        return self.inputs[0]

    def check_maps(self) -> None:
        """HearthError unless all maps are of one height and width, and there are two at least."""
        sizes = {(edge.height, edge.width) for edge in (*self.inputs, self.target)}
        if len(sizes) > 1 or len(self.inputs) < 2:
            found = ", ".join(f"'{e.name}' {e.height}x{e.width}" for e in self.inputs)
            raise HearthError(
                f"{self.name}: a layer of kind {self.kind} takes several maps of"
                f" {self.target.height}x{self.target.width} pixels, found {found}"
            )

    def words(self, fold: Fold) -> int:
        """Beats of a pixel of the result."""
        return -(-self.target.channels // fold.beat)

    def folds(self, in_beat: int) -> Iterator[Fold]:
        """The streams' own width."""
        yield Fold(1, 1, in_beat)

    def cycles(self, fold: Fold) -> int:
        return self.target.pixels * self.words(fold)

    def timing(self, fold: Fold) -> Timing:
        """Pixels in a steady stream; one of each source is needed when a pixel begins."""
        step = float(self.words(fold))
        ends = (np.arange(self.target.pixels) + 1.0) * step
        return Timing(ends, ends - step, ends, 0)
