"""Hardware of a sum: hearth_addition.sv and the process on its ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.hw.layers.joins import FACTOR_BITS, requantizer
from hearth.toolchain.ir import Fold, Kernel, Products, Rom
from hearth.toolchain.rtl.verilog import (
    declare,
    instance,
    kernel_module,
    part_of,
    process,
    rom_place,
    stream,
)

if TYPE_CHECKING:
    from hearth.hw.layers.addition.layer import Addition

SOURCE = Path(__file__).with_name("addition.x")


def roms(layer: Addition, fold: Fold, module: str) -> tuple[Rom, ...]:
    """One word: the multipliers."""
    widths = (FACTOR_BITS, FACTOR_BITS)
    fields = layer.multiplier.reshape(1, 2)
    return (Rom(part_of(module, "multipliers"), fields, widths, sum(widths)),)


def products(layer: Addition, fold: Fold) -> Products:
    return Products(others=2 * fold.beat)


def kernel(layer: Addition, fold: Fold, in_beat: int, module: str) -> Kernel:
    job = requantizer(SOURCE, "and", layer, fold, layer.shift)
    (rom,) = roms(layer, fold, module)
    a, b = layer.inputs
    out_bits = fold.beat * layer.target.bits
    numbers: dict[str, int | str] = {
        "Bits0": a.bits,
        "Bits1": b.bits,
        "Signed0": int(a.signed),
        "Signed1": int(b.signed),
        "OutBits": layer.target.bits,
        "Beat": fold.beat,
        "MultiplierBits": FACTOR_BITS,
        "File": f"rom/{rom.name}.hex",
        "BlockWords": rom_place(0),
    }
    ports = {"clk": "", "rst": "", "busy": "", "load_i": "", "load_o": ""}
    for name in ("s0", "s1", "m", "items", "values"):
        ports |= stream(name, name)
    item = 2 * FACTOR_BITS + fold.beat * (a.bits + b.bits + 2)
    body = declare("items", item) + declare("values", out_bits) + "\n"
    body += instance("hearth_addition", "u_addition", numbers, ports)
    body += process(job, "u_process", {"items": "items", "values": "values"})
    widths = [in_beat * edge.bits for edge in layer.inputs]
    text = kernel_module(module, "Addition (hw/layers/addition).", widths, out_bits, body, roms=1)
    return Kernel(module, text, (job,))
