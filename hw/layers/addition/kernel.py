"""Hardware of a sum: hearth_addition.sv and the process on its ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, HlsJob, Kernel, Products, Rom, Schedule
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
FACTOR_BITS = 16
"""Bits of a multiplier."""
SCHEDULE = Schedule("unit", 3)
"""As a convolution's requantizer (hw/layers/conv/kernel.py)."""


def roms(layer: Addition, fold: Fold, module: str) -> tuple[Rom, ...]:
    """One word: the multipliers."""
    widths = (FACTOR_BITS, FACTOR_BITS)
    fields = layer.multiplier.reshape(1, 2)
    return (Rom(part_of(module, "multipliers"), fields, widths, sum(widths)),)


def products(layer: Addition, fold: Fold) -> Products:
    return Products(others=2 * fold.beat)


def _job(layer: Addition, fold: Fold) -> HlsJob:
    """Equal ones share one compiled process."""
    a, b = (edge.bits + 1 for edge in layer.inputs)
    target = layer.target
    sign = "s" if target.signed else "u"
    name = f"hearth_addition_{fold.beat}x{a}and{b}to{sign}{target.bits}_shift{layer.shift}"
    if target.narrowed:
        name += f"_from{target.low}to{target.high}".replace("-", "m")
    constants: dict[str, int | str] = {
        "BEAT": fold.beat,
        "SHIFT": layer.shift,
        "A_BITS": a,
        "B_BITS": b,
        "MULTIPLIER_BITS": FACTOR_BITS,
        "OUT_BITS": target.bits,
        "LOW": target.low,
        "HIGH": target.high,
    }
    return HlsJob(SOURCE, constants, name, SCHEDULE)


def kernel(layer: Addition, fold: Fold, in_beat: int, module: str) -> Kernel:
    job, (rom,) = _job(layer, fold), roms(layer, fold, module)
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
