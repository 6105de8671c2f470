"""Hardware of a concatenation: hearth_concat.sv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, Kernel
from hearth.toolchain.rtl.verilog import (
    Literal,
    connected,
    instance,
    kernel_module,
    sources,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.concat.layer import Concat


def kernel(layer: Concat, fold: Fold, in_beat: int, module: str) -> Kernel:
    count, width = len(layer.inputs), in_beat * layer.target.bits
    beats = [-(-edge.channels // in_beat) for edge in layer.inputs]
    bits = max(beats).bit_length()
    value = sum(number << (bits * place) for place, number in enumerate(beats))
    numbers: dict[str, int | str] = {
        "Width": width,
        "Sources": count,
        "CountBits": bits,
        "Beats": Literal(f"{bits * count}'h{value:x}"),
    }
    ports = {"clk": "", "rst": "", "busy": "", **stream("m", "m")}
    for part in ("data", "valid", "ready"):
        ports[f"s_{part}"] = connected(f"{name}_{part}" for name in sources(count))
    body = instance("hearth_concat", "u_concat", numbers, ports)
    text = kernel_module(module, "Concat (hw/layers/concat).", [width] * count, width, body)
    return Kernel(module, text)
