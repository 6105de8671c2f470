"""Hardware of rescaling: a convolution's requantizer with constants beside each value.

stream -> {multiplier, bias 0, value} -> requantize -> skid          hw/layers/conv/requantize.x
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw.layers.conv.kernel import SUM_BITS, products_of, requantizer
from toolchain.ir import Fold, Kernel, Products
from toolchain.verilog import declare, hls_stream, instance, kernel_module, stream

if TYPE_CHECKING:
    from hw.layers.rescale.layer import Rescale

FACTOR_BITS = 24
"""Bits of the multiplier, which stands for a scale of a file."""


def products(layer: Rescale, fold: Fold) -> Products:
    return Products(others=products_of(FACTOR_BITS) * fold.beat)


def kernel(layer: Rescale, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    process = requantizer(target, fold.beat, layer.shift, FACTOR_BITS)
    item = FACTOR_BITS + 2 * SUM_BITS
    sign = "signed " if source.signed else ""
    body = (
        declare("items", fold.beat * item)
        + declare("values", fold.beat * target.bits)
        + "\n  assign items_valid = s_valid;\n  assign s_ready = items_ready;\n"
        + "  assign busy = s_valid && s_ready;\n"
    )
    for lane in range(fold.beat):
        body += (
            f"  logic {sign}[{source.bits - 1}:0] value_{lane};\n"
            f"  assign value_{lane} = s_data[{lane * source.bits}+:{source.bits}];\n"
            f"  assign items_data[{lane * item}+:{item}] ="
            f" {{{FACTOR_BITS}'d{layer.multiplier}, {SUM_BITS}'d0, {SUM_BITS}'(value_{lane})}};\n"
        )
    body += (
        "\n"
        + instance(
            process.module,
            "u_requantize",
            {},
            {
                "clk": "clk",
                "rst": "rst",
                **hls_stream(process.module, "items", "items"),
                **hls_stream(process.module, "values", "values"),
            },
        )
        # Seven stages of the requantizer ask each other whether they may move on.
        + instance(
            "skid",
            "u_values",
            {"Width": fold.beat * target.bits},
            {"clk": "", "rst": "", **stream("s", "values"), **stream("m", "m")},
        )
    )
    comment = "Rescale (hw/layers/rescale)."
    text = kernel_module(module, comment, in_beat * source.bits, fold.beat * target.bits, body)
    return Kernel(module, text, (process,))
