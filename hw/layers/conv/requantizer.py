"""Sums to values (requantize.x): for any chip, and where a sum fits a multiplier block."""

from __future__ import annotations

from pathlib import Path

from hearth.toolchain.ir import Block, Edge, HlsJob, Scaling, Schedule, Sums

SOURCE = Path(__file__).with_name("requantize.x")
LOW_BITS = 17
"""Of the lower part of a sum that does not fit a block, which has no sign."""
IN_PARTS = Schedule("unit", 3)
"""An operation counts 1. In gates a multiplication takes as long as three additions and a
comparison; where it is a block of its own, they would be the longest path."""
WHOLE = Schedule("unit", 1)
"""Registers before and behind the one product, which the block can take in."""


def job(
    edge: Edge,
    beat: int,
    shift: int,
    factor_bits: int,
    widths: Sums,
    bias_bits: int,
    block: Block | None = None,
) -> HlsJob:
    """Sums to values of `edge`, `beat` a cycle; equal ones share one compiled process. `block`: of
    the chip, whose wide side may take a sum as it is."""
    name = f"hearth_requantize_{beat}x{widths.bits}and{bias_bits}in{widths.biased}"
    name += f"to{'s' if edge.signed else 'u'}{edge.bits}_shift{shift}"
    if factor_bits != 16:
        name += f"_by{factor_bits}"
    if edge.narrowed:
        name += f"_from{edge.low}to{edge.high}".replace("-", "m")
    products = scaling(beat, widths, factor_bits)
    whole = products.whole(block)
    return HlsJob(
        SOURCE,
        {
            "BEAT": beat,
            "SHIFT": shift,
            "ACCUMULATOR_BITS": widths.bits,
            "BIAS_BITS": bias_bits,
            "SUM_BITS": widths.biased,
            "LOW_BITS": 0 if whole else LOW_BITS,
            "MULTIPLIER_BITS": factor_bits,
            "OUT_BITS": edge.bits,
            "LOW": edge.low,
            "HIGH": edge.high,
        },
        name,
        WHOLE if whole and not products.whole(None) else IN_PARTS,
    )


def scaling(beat: int, widths: Sums, factor_bits: int) -> Scaling:
    """The products of a requantizer."""
    return Scaling(beat, widths.biased, factor_bits)
