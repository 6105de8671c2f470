"""Hardware of rescaling: hearth_rescale.sv and a convolution's requantizer on its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth.hw.layers.conv import requantizer
from hearth.toolchain.ir import Fold, Kernel, Products, Sums
from hearth.toolchain.rtl.verilog import Literal, declare, instance, kernel_module, process, stream

if TYPE_CHECKING:
    from hearth.hw.layers.rescale.layer import Rescale

FACTOR_BITS = 24
"""Bits of the multiplier, which stands for a scale of a file."""
_BIAS_BITS = 1
"""Always zero."""


def products(layer: Rescale, fold: Fold) -> Products:
    return Products(scaling=requantizer.scaling(fold.beat, _widths(layer), FACTOR_BITS))


def _widths(layer: Rescale) -> Sums:
    """A value with its sign; its bias is none."""
    bits = layer.source.bits + (not layer.source.signed)
    return Sums(bits, bits)


def kernel(layer: Rescale, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    widths = _widths(layer)
    requantize = requantizer.job(target, fold.beat, layer.shift, FACTOR_BITS, widths, _BIAS_BITS)
    out_bits = fold.beat * target.bits
    numbers: dict[str, int | str] = {
        "Bits": source.bits,
        "Signed": int(source.signed),
        "OutBits": target.bits,
        "Beat": fold.beat,
        "MultiplierBits": FACTOR_BITS,
        "Multiplier": Literal(f"{FACTOR_BITS}'d{layer.multiplier}"),
    }
    ports = {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m"), "busy": ""}
    ports |= stream("items", "items") | stream("values", "values")
    body = (
        declare("items", fold.beat * (FACTOR_BITS + _BIAS_BITS + widths.bits))
        + declare("values", out_bits)
        + "\n"
    )
    body += instance("hearth_rescale", "u_rescale", numbers, ports)
    body += process(requantize, "u_requantize", {"items": "items", "values": "values"})
    text = kernel_module(
        module, "Rescale (hw/layers/rescale).", in_beat * source.bits, out_bits, body
    )
    return Kernel(module, text, (requantize,))
