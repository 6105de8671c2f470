"""Hardware of a product: hearth_gating.sv and the process on its ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hearth.hw.layers.joins import FACTOR_BITS, requantizer
from hearth.toolchain.ir import Fold, Kernel, Products, Rom
from hearth.toolchain.rtl.verilog import (
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    ram_place,
    rom_place,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.gating.layer import Gating

SOURCE = Path(__file__).with_name("gating.x")


def roms(layer: Gating, fold: Fold, module: str) -> tuple[Rom, ...]:
    """One word: the multiplier."""
    fields = np.array([[layer.multiplier]], np.int64)
    return (Rom(part_of(module, "multiplier"), fields, (FACTOR_BITS,), FACTOR_BITS),)


def products(layer: Gating, fold: Fold) -> Products:
    """By the gate, and by the multiplier."""
    return Products(others=2 * fold.beat)


def kernel(layer: Gating, fold: Fold, in_beat: int, module: str) -> Kernel:
    job = requantizer(SOURCE, "by", layer, fold, layer.shift)
    (rom,) = roms(layer, fold, module)
    gated, gate = layer.inputs
    out_bits, memories = fold.beat * layer.target.bits, len(layer.memories(fold, in_beat))
    numbers: dict[str, int | str] = {
        "Bits0": gated.bits,
        "Bits1": gate.bits,
        "Signed0": int(gated.signed),
        "Signed1": int(gate.signed),
        "OutBits": layer.target.bits,
        "Beat": fold.beat,
        "Words": layer.words(fold),
        "Pixels": layer.repeats,
        "MultiplierBits": FACTOR_BITS,
        "File": f"rom/{rom.name}.hex",
        "BlockWords": rom_place(0),
    }
    if memories:
        numbers["KeptBlockWords"] = ram_place(0)
    ports = {"clk": "", "rst": "", "busy": "", "load_i": "", "load_o": ""}
    for name in ("s0", "s1", "m", "items", "values"):
        ports |= stream(name, name)
    body = declare("items", FACTOR_BITS + fold.beat * (gated.bits + gate.bits + 2))
    body += declare("values", out_bits) + "\n"
    body += instance("hearth_gating", "u_gating", numbers, ports)
    body += process(job, "u_process", {"items": "items", "values": "values"})
    widths = [in_beat * edge.bits for edge in layer.inputs]
    comment = "Gating (hw/layers/gating)."
    text = kernel_module(module, comment, widths, out_bits, body, roms=1, memories=memories)
    return Kernel(module, text, (job,))
