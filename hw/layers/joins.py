"""What layers share that make one stream of several."""

from __future__ import annotations

from pathlib import Path

from hearth.hw.layers.through import Through
from hearth.toolchain.ir import Edge, Fold, HlsJob, Schedule
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


FACTOR_BITS = 16
"""Bits of a multiplier of two streams' requantizer."""
SCHEDULE = Schedule("unit", 3)
"""As a convolution's requantizer (hw/layers/conv/kernel.py)."""


def requantizer(source: Path, between: str, layer: Join, fold: Fold, shift: int) -> HlsJob:
    """The process `source` that makes one value of two and requantizes it; equal ones share one
    that is compiled. `between` stands between the widths of both in its name."""
    a, b = (edge.bits + 1 for edge in layer.inputs)
    target = layer.target
    sign = "s" if target.signed else "u"
    name = f"hearth_{layer.kind}_{fold.beat}x{a}{between}{b}to{sign}{target.bits}_shift{shift}"
    if target.narrowed:
        name += f"_from{target.low}to{target.high}".replace("-", "m")
    constants: dict[str, int | str] = {
        "BEAT": fold.beat,
        "SHIFT": shift,
        "A_BITS": a,
        "B_BITS": b,
        "MULTIPLIER_BITS": FACTOR_BITS,
        "OUT_BITS": target.bits,
        "LOW": target.low,
        "HIGH": target.high,
    }
    return HlsJob(source, constants, name, SCHEDULE)
