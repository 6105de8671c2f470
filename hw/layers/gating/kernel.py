"""Hardware of a product: hearth_gating.sv and the process on its ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hearth.toolchain.ir import Fold, HlsJob, Kernel, Products, Rom, Schedule
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
FACTOR_BITS = 16
"""Bits of the multiplier."""
SCHEDULE = Schedule("unit", 3)
"""As a convolution's requantizer (hw/layers/conv/kernel.py)."""


def roms(layer: Gating, fold: Fold, module: str) -> tuple[Rom, ...]:
    """One word: the multiplier."""
    fields = np.array([[layer.multiplier]], np.int64)
    return (Rom(part_of(module, "multiplier"), fields, (FACTOR_BITS,), FACTOR_BITS),)


def products(layer: Gating, fold: Fold) -> Products:
    """By the gate, and by the multiplier."""
    return Products(others=2 * fold.beat)


def _job(layer: Gating, fold: Fold) -> HlsJob:
    """Equal ones share one compiled process."""
    a, b = (edge.bits + 1 for edge in layer.inputs)
    target = layer.target
    sign = "s" if target.signed else "u"
    name = f"hearth_gating_{fold.beat}x{a}by{b}to{sign}{target.bits}_shift{layer.shift}"
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


def kernel(layer: Gating, fold: Fold, in_beat: int, module: str) -> Kernel:
    job, (rom,) = _job(layer, fold), roms(layer, fold, module)
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
