"""Hardware of upsampling: hearth_upsample.sv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth.hw.layers.upsample import cost
from hearth.toolchain.ir import Fold, Kernel
from hearth.toolchain.rtl.verilog import instance, kernel_module, ram_place, stream

if TYPE_CHECKING:
    from hearth.hw.layers.upsample.layer import Upsample


def kernel(layer: Upsample, fold: Fold, in_beat: int, module: str) -> Kernel:
    width, memories = in_beat * layer.source.bits, 0
    numbers: dict[str, int | str] = {"Width": width}
    for name, (beats, times) in zip(("Row", "Pixel"), cost.groups(layer, fold), strict=True):
        numbers |= {f"{name}Beats": beats, f"{name}Times": times}
        if times > 1 < beats:
            numbers[f"{name}BlockWords"] = ram_place(memories)
            memories += 1
    ports = {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m"), "busy": ""}
    body = instance("hearth_upsample", "u_upsample", numbers, ports)
    comment = "Upsample (hw/layers/upsample)."
    text = kernel_module(module, comment, width, width, body, memories=memories)
    return Kernel(module, text)
