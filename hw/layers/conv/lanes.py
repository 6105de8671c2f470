"""The lanes of a convolution (mac.x): for any chip, and where two share a multiplier or are far."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from hearth.hw.layers.conv import cost, sums
from hearth.toolchain.ir import Block, Coding, Factors, Fold, HlsJob, Schedule, packing

if TYPE_CHECKING:
    from hearth.hw.layers.conv.layer import Conv

SOURCE = Path(__file__).with_name("mac.x")
ALONE = Schedule("sky130", 1_800)
SHARED = Schedule("sky130", 2_400)
"""A product of two weights and an activation is one step of a block, and in gates longer."""
FAR = Schedule("sky130", 2_200)
"""The same where the weights' sum has a step for itself, whose result waits in the block."""


def job(layer: Conv, fold: Fold, block: Block | None = None) -> HlsJob:
    """The lanes; layers with equal numbers (and codings) share one compiled process. `block`: of
    the chip, where two of them may share one."""
    window, centre = layer.codings[-1], layer.codings[0]
    together, width = max(1, cost.together(layer, fold)), sums.of(layer, fold).bits
    constants: dict[str, int | str] = {
        "PE": fold.pe,
        "SIMD": fold.simd,
        "ACTIVATION_BITS": layer.source.bits,
        "SIGNED": int(layer.source.signed),
        "GROUPS": together,
        "ACCUMULATOR_BITS": width,
        "BITS": window.bits,
        "WEIGHT_BITS": factors(layer).weight_bits,
        **_decoder(window, ""),
    }
    values = f"{'s' if layer.source.signed else 'a'}{layer.source.bits}"
    several = f"of{together}" if together > 1 else ""
    name = f"hearth_mac_{fold.pe}x{fold.simd}{several}_{values}{_called(window)}_sums{width}"
    if centre.key != window.key:
        constants |= {"CENTRE_CODED": 1, "CENTRE_BITS": centre.bits, **_decoder(centre, "CENTRE_")}
        constants["CENTRE_ROM_BITS"] = centre.bits if layer.split else 0
        constants["ONE_TABLE"] = int(
            len(layer.tables) == 1 and bool(window.address_bits and centre.address_bits)
        )
        name += f"_c{_called(centre)}"
    shared = packing(block, factors(layer)) if pairs(layer, fold) else None
    if shared:
        constants["LOW_BITS"] = shared.low
        constants["PACKED_SUM"] = min(shared.summed, fold.simd)
    if block and block.far:
        constants["FAR"] = 1
    schedule = (FAR if block and block.far else SHARED) if shared else ALONE
    return HlsJob(SOURCE, constants, name, schedule)


def factors(layer: Conv) -> Factors:
    """What the lanes multiply: whatever these widths can say, as they share a process by these."""
    weight_bits, source = 8 if layer.tables else layer.weight_bits, layer.source
    if source.signed:
        return Factors(weight_bits, source.bits, 1 << (source.bits - 1))
    return Factors(weight_bits, source.bits + 1, (1 << source.bits) - 1)


def pairs(layer: Conv, fold: Fold) -> int:
    """Pairs of lanes that see the same activation: of two channels of a tile and a group. None in a
    depthwise convolution, whose channels all see their own."""
    groups = max(1, cost.together(layer, fold))
    return groups * (fold.pe // groups // 2) * fold.simd


def _decoder(coding: Coding, part: str) -> dict[str, int | str]:
    """The constants of decode.x that say one coding."""
    if not len(coding.table):
        return {}
    entries = ", ".join(f"s8:{int(value)}" for value in coding.table)
    rest = ", ..." if len(coding.table) < 1 << coding.address_bits else ""
    return {
        f"{part}TABLE_BITS": coding.address_bits,
        f"{part}TABLE": f"[{entries}{rest}]",
        f"{part}GROUP": max(1, coding.group),
    }


def _called(coding: Coding) -> str:
    """A coding in a module's name: w8, w4_book0123456789abcdef, w2_trellis6x16_0123456789abcdef."""
    digest = hashlib.sha256(coding.table.tobytes()).hexdigest()[:16]
    if coding.window:
        return f"w{coding.bits}_trellis{coding.window}x{coding.group}_{digest}"
    return f"w{coding.bits}" + (f"_book{digest}" if len(coding.table) else "")
