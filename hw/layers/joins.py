"""What layers share that make one stream of several."""

from __future__ import annotations

from hearth.hw.layers.through import Through
from hearth.toolchain.ir import Edge
from hearth.toolchain.support.errors import HearthError


class Join(Through):
    """A layer that takes a pixel of every source for one of its own. `inputs` are its sources, maps
    of one height and width."""

    inputs: tuple[Edge, ...]

    @property
    def sources(self) -> tuple[Edge, ...]:
        return self.inputs

    @property
    def source(self) -> Edge:  # type: ignore[override]  # read-only here
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
