"""Hardware of a table: one ROM per channel of a beat, addressed by its value.

stream -> lookup (which table, one beat a cycle) <-> rom, rom, ...

hearth_lookup.sv, hw/memory/hearth_rom.sv
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hearth.toolchain.ir import Fold, Kernel, Rom
from hearth.toolchain.rtl.verilog import (
    LOAD,
    Literal,
    instance,
    kernel_module,
    part_of,
    rom_place,
    stream,
    wire,
)

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


def _lookup(layer: Table, fold: Fold) -> str:
    numbers: dict[str, int | str] = {
        "Bits": layer.source.bits,
        "OutBits": layer.target.bits,
        "Channels": layer.source.channels,
        "Beat": fold.beat,
        "GroupBits": group_bits(layer),
        "Groups": _groups(layer, fold),
    }
    ports = {"clk": "", "rst": "", **stream("s", "s"), **stream("m", "m"), "busy": ""}
    ports |= {"enable": "", "address": "", "values": ""}
    return instance("hearth_lookup", "u_lookup", numbers, ports)


def _memory(rom: Rom, lane: int, address: int, loads: tuple[str, str]) -> str:
    """The memory of one channel of a beat, between two places in the load chain."""
    numbers: dict[str, int | str] = {
        "Width": rom.width,
        "Words": rom.words,
        "File": f"rom/{rom.name}.hex",
        "BlockWords": rom_place(lane),
    }
    ports = {
        "clk": "",
        "enable": "",
        "address": f"address[{lane * address}+:{address}]",
        "data": f"values[{lane * rom.width}+:{rom.width}]",
        "load_i": loads[0],
        "load_o": loads[1],
    }
    return instance("hearth_rom", f"u_table{lane}", numbers, ports)


def kernel(layer: Table, fold: Fold, in_beat: int, module: str) -> Kernel:
    address = layer.source.bits + group_bits(layer)
    out_bits = fold.beat * layer.target.bits
    chain = [f"load_{lane}" for lane in range(1, fold.beat)]
    body = "  logic enable;\n" + wire("address", fold.beat * address) + wire("values", out_bits)
    body += "".join(f"  {LOAD} {load};\n" for load in chain) + "\n" + _lookup(layer, fold)
    loads = pairwise(["load_i", *chain, "load_o"])
    for lane, (rom, ends) in enumerate(zip(roms(layer, fold, module), loads, strict=True)):
        body += _memory(rom, lane, address, ends)
    in_bits = in_beat * layer.source.bits
    comment = "Table (hw/layers/table)."
    text = kernel_module(module, comment, in_bits, out_bits, body, roms=fold.beat)
    return Kernel(module, text)
