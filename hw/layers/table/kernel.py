"""Hardware of a table: one ROM per channel of a beat, addressed by its value.

stream -> lookup (which table, one beat a cycle) <-> rom, rom, ...

hearth_lookup.sv, hw/memory/hearth_rom.sv
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, Kernel, Rom
from hearth.toolchain.rtl.verilog import LOAD, Literal, instance, kernel_module, part_of, stream

if TYPE_CHECKING:
    from hearth.hw.layers.table.layer import Table


def group_bits(layer: Table) -> int:
    """Address bits that say which table: none when there is one."""
    return (len(layer.tables) - 1).bit_length()


def roms(layer: Table, fold: Fold, module: str) -> tuple[Rom, ...]:
    """All tables one after another, once per channel of a beat."""
    fields = layer.tables.reshape(-1, 1)
    bits = layer.target.bits
    return tuple(
        Rom(part_of(module, f"table{lane}"), fields, (bits,), 0 if lane else fields.size * bits)
        for lane in range(fold.beat)
    )


def _groups(layer: Table, fold: Fold) -> Literal:
    """Which table each channel of a pixel uses, as one constant, channel 0 in the lowest bits."""
    bits = group_bits(layer)
    channels = layer.words(fold) * fold.beat
    value = sum(int(group) << (bits * i) for i, group in enumerate(layer.group))
    width = max(1, channels * bits)
    return Literal(f"{width}'h{value:x}")


def _memory(lane: int, rom: Rom, address: int) -> str:
    """The ROM of one channel of a beat, read by `address` bits, and its place in the load chain."""
    return instance(
        "hearth_rom",
        f"u_table{lane}",
        {"Width": rom.width, "Words": rom.words, "File": f"rom/{rom.name}.hex"},
        {
            "clk": "",
            "enable": "",
            "address": f"address[{lane * address}+:{address}]",
            "data": f"values[{lane * rom.width}+:{rom.width}]",
            "load_i": f"load[{lane * LOAD}+:{LOAD}]",
            "load_o": f"load[{(lane + 1) * LOAD}+:{LOAD}]",
        },
    )


def kernel(layer: Table, fold: Fold, in_beat: int, module: str) -> Kernel:
    source, target = layer.source, layer.target
    memories = roms(layer, fold, module)
    address = source.bits + group_bits(layer)
    body = (
        f"  logic enable;\n  logic [{fold.beat * address - 1}:0] address;\n"
        f"  logic [{fold.beat * target.bits - 1}:0] values;\n"
        f"  logic [{(fold.beat + 1) * LOAD - 1}:0] load;\n"
        f"  assign load[{LOAD - 1}:0] = load_i;\n"
        f"  assign load_o = load[{fold.beat * LOAD}+:{LOAD}];\n"
        "  assign busy = s_valid && s_ready;\n\n"
    )
    body += instance(
        "hearth_lookup",
        "u_lookup",
        {
            "Bits": source.bits,
            "OutBits": target.bits,
            "Channels": source.channels,
            "Beat": fold.beat,
            "GroupBits": group_bits(layer),
            "Groups": _groups(layer, fold),
        },
        {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m")}
        | {"enable": "", "address": "", "values": ""},
    )
    body += "".join(_memory(lane, rom, address) for lane, rom in enumerate(memories))
    text = kernel_module(
        module,
        "Table (hw/layers/table).",
        in_beat * source.bits,
        fold.beat * target.bits,
        body,
        has_roms=True,
    )
    return Kernel(module, text)
