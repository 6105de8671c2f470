"""The forms in which a convolution is laid out in hardware; a folding says which.

    Dense      the loop nest of cost.py over the input as it is
    Skipping   one value a step, zeros left out (skipping.py)
    Gathering  the loop nest over columns put side by side (gathering.py)

All compute the same values. What differs of them is asked of the form, which knows its layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth.hw.layers.conv import cost, gathering, kernel, skipping
from hearth.toolchain.ir import Block, Fold, HlsJob, Kernel, Memory, Products, Rom, Timing

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv


class Dense:
    """A layer and its folding. `seen` is the layer whose loop nest it is."""

    def __init__(self, layer: Conv, fold: Fold) -> None:
        self.layer, self.seen, self.fold = layer, layer, fold

    def cycles(self) -> int:
        return cost.cycles(self.seen, self.fold)

    def pace(self, in_beat: int) -> int:
        return cost.pace(self.seen, self.fold, in_beat)

    def timing(self) -> Timing:
        return cost.timing(self.seen, self.fold)

    def luts(self) -> float:
        return cost.luts(self.seen, self.fold)

    def memories(self, in_beat: int) -> tuple[Memory, ...]:
        return kernel.memories(self.seen, self.fold, in_beat)

    def kernel(self, in_beat: int, module: str) -> Kernel:
        return kernel.kernel(self.seen, self.fold, in_beat, module)

    def roms(self, module: str) -> tuple[Rom, ...]:
        return kernel.roms(self.seen, self.fold, module)

    def rom_shapes(self) -> tuple[Memory, ...]:
        return kernel.rom_shapes(self.seen, self.fold)

    def products(self) -> Products:
        return kernel.products(self.seen, self.fold)

    def special(self, block: Block) -> tuple[HlsJob, ...]:
        return kernel.special(self.seen, self.fold, block)


class Skipping(Dense):
    def cycles(self) -> int:
        return skipping.cycles(self.layer, self.fold)

    def pace(self, in_beat: int) -> int:
        return skipping.pace(self.layer, self.fold, in_beat)

    def timing(self) -> Timing:
        return skipping.timing(self.layer, self.fold)

    def memories(self, in_beat: int) -> tuple[Memory, ...]:
        return skipping.memories(self.layer, self.fold, in_beat)

    def kernel(self, in_beat: int, module: str) -> Kernel:
        return skipping.kernel_of(self.layer, self.fold, in_beat, module)


class Gathering(Dense):
    def __init__(self, layer: Conv, fold: Fold) -> None:
        super().__init__(layer, fold)
        self.seen = layer.gathered

    def pace(self, in_beat: int) -> int:
        return gathering.pace(self.layer, self.fold, in_beat)

    def timing(self) -> Timing:
        return gathering.timing(self.layer, self.fold)

    def luts(self) -> float:
        return super().luts() + gathering.luts(self.layer)

    def memories(self, in_beat: int) -> tuple[Memory, ...]:
        return super().memories(gathering.columns_of(self.layer))

    def kernel(self, in_beat: int, module: str) -> Kernel:
        return gathering.kernel_of(self.layer, self.fold, in_beat, module)


def of(layer: Conv, fold: Fold) -> Dense:
    """The form that a folding has."""
    form = Skipping if fold.skips else Gathering if fold.gathers else Dense
    return form(layer, fold)
